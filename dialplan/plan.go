package dialplan

import (
	"fmt"

	"waihu/models"
)

// Context is the name of the one generated dialplan context.
const Context = "waihu"

// Plan is everything that a published dialplan contains.
type Plan struct {
	Campaigns []CampaignFlow
	Queues    []QueueFlow
}

// CampaignFlow is what a callee of one campaign hears. Sound paths are as the switch sees them.
type CampaignFlow struct {
	CampaignID   int64
	Mode         models.CampaignMode
	Sound        string            // 8 kHz WAV
	DurationMS   int64             // of Sound
	PlayCount    int               // S1-34
	ExtraSeconds int               // S1-35: hang up after plays × duration + extra
	KeySeconds   int               // how long a key is waited for after each play
	AgentKey     string            // leads to the queue, "" = none
	OptOutKey    string            // opts out, "" = none
	Keys         map[string]string // further keys that count; empty = every key counts
	QueueID      int64             // of AgentKey and direct_agent
}

// QueueFlow is what a caller hears who waits for an agent: announcement, music for at most WaitSeconds, overflow.
type QueueFlow struct {
	QueueID      int64
	Announcement string // sound file, "" = none
	Music        string // local_stream://moh or a sound file
	WaitSeconds  int
	Apology      string // what the overflow says before it hangs up, "" = nothing
}

// Entry is the extension at which a campaign's calls start once they are answered.
func Entry(campaignID int64, mode models.CampaignMode) string {
	switch mode {
	case models.ModeVoiceKey:
		return fmt.Sprintf("waihu_menu_%d", campaignID)
	case models.ModeDirectAgent:
		return fmt.Sprintf("waihu_connect_%d", campaignID)
	default:
		return fmt.Sprintf("waihu_voice_%d", campaignID)
	}
}
