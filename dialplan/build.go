package dialplan

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"waihu/models"
)

// Times of our own making that the user does not choose.
const (
	pauseMS     = 500  // between two plays
	connectMS   = 2000 // direct_agent: how long an answered call waits for the bridge, unless the queue says so
	lateKeyMS   = 2000 // how long the opt-out key is waited for after the apology
	holdSeconds = 300
	perPlayMS   = 40 // what the switch needs around each play (20 ms frames, changing applications)
	defaultMOH  = "local_stream://moh"
	silence     = "silence_stream://10" // play_and_get_digits plays its "invalid" file also after the last try
	confirm     = "tone_stream://%(200,100,800);loops=2"
	allKeys     = "0123456789*#"
	recordTone  = "tone_stream://%(500,0,800)"
	ringBack    = "%(1000,4000,450)" // the ring-back tone of China, for a caller who was answered already

	maxMessageSeconds = 180
	outsideSeconds    = 45 // how long an outside number rings
)

// variables of ours that are expanded during a call. Nothing else may be: no attribute comes with a "${" of the plan's.
const (
	keyVariable  = "waihu_key"  // the digit that play_and_get_digits read, empty when there was none
	backVariable = "waihu_back" // the extension to go back to when a bridge did not come about

	channelVariable = "uuid" // the channel's id: the switch's own, and no text of anybody
)

// Build makes the extensions of a plan. The plan must be valid.
func Build(p Plan) *Document {
	d := &Document{Context: Context}
	d.Extensions = append(d.Extensions, fixed()...)
	queues := map[int64]QueueFlow{}
	for _, q := range slices.SortedFunc(slices.Values(p.Queues), func(a, b QueueFlow) int { return int(a.QueueID - b.QueueID) }) {
		queues[q.QueueID] = q
		d.Extensions = append(d.Extensions, queueSkeleton(q)...)
	}
	d.Extensions = append(d.Extensions, voiceMenus(p)...)
	for _, c := range slices.SortedFunc(slices.Values(p.Campaigns), func(a, b CampaignFlow) int { return int(a.CampaignID - b.CampaignID) }) {
		switch c.Mode {
		case models.ModeVoiceKey:
			d.Extensions = append(d.Extensions, menu(c)...)
		case models.ModeDirectAgent:
			d.Extensions = append(d.Extensions, connectSkeleton(c, queues[c.QueueID])...)
		default:
			d.Extensions = append(d.Extensions, voiceOnly(c))
		}
	}
	return d
}

// voiceMenus are the IVR flows and the routes of calls from outside.
func voiceMenus(p Plan) []Extension {
	var out []Extension
	for _, f := range slices.SortedFunc(slices.Values(p.IVRs), func(a, b IVR) int { return int(a.FlowID - b.FlowID) }) {
		out = append(out, ivr(f)...)
	}
	if len(p.IVRs) > 0 {
		out = append(out, endOfFlow())
	}
	for _, r := range slices.SortedFunc(slices.Values(p.Routes), func(a, b Route) int { return int(a.RouteID - b.RouteID) }) {
		out = append(out, inbound(r)...)
	}
	if len(p.Routes) > 0 {
		out = append(out, unrouted())
	}
	return out
}

// extension makes one whose only condition is its number.
func extension(name, expression string, actions ...Action) Extension {
	return Extension{Name: name, Conditions: []Condition{number(expression, actions...)}}
}

func number(expression string, actions ...Action) Condition {
	return Condition{Field: "destination_number", Expression: expression, Actions: actions}
}

func literal(name string) string { return "^" + regexp.QuoteMeta(name) + "$" }

func act(app, data string) Action      { return Action{App: app, Data: data} }
func set(name, value string) Action    { return act("set", name+"="+value) }
func step(name string) Action          { return set("waihu_step", name) }
func told() Action                     { return act("event", "Event-Subclass="+EventStep+",Event-Name=CUSTOM") }
func transfer(extension string) Action { return act("transfer", extension+" XML "+Context) }
func hangUp() Action                   { return act("hangup", "NORMAL_CLEARING") }
func playback(file string) Action      { return act("playback", file) }
func hangUpAfter(c CampaignFlow) Action {
	return act("sched_hangup", fmt.Sprintf("+%d ALLOTTED_TIMEOUT", limitSeconds(c)))
}

// limitSeconds is the hang-up timer as the switch gets it: the user's time (S1-35), the pauses and waits between the plays,
// which are not his, and one second because sched_hangup counts whole epoch seconds and may fire a second early. So the
// timer never cuts off what the user asked to be played.
func limitSeconds(c CampaignFlow) int {
	plays := int64(c.PlayCount)
	waits := plays * perPlayMS
	if c.Mode == models.ModeVoiceKey {
		waits += plays * int64(c.KeySeconds) * 1000
	} else {
		waits += (plays - 1) * pauseMS
	}
	return TimerSeconds(c.PlayCount, c.DurationMS, c.ExtraSeconds) + int((waits+999)/1000) + 1
}

// voiceOnly unrolls the plays: each has its own step and its own pair of events, so that the record says how far the
// callee got. A loop or file_string would not.
func voiceOnly(c CampaignFlow) Extension {
	actions := []Action{
		act("sched_cancel", ""),
		hangUpAfter(c),
		set("playback_terminators", "none"),
	}
	for i := 1; i <= c.PlayCount; i++ {
		if i > 1 {
			actions = append(actions, act("sleep", strconv.Itoa(pauseMS)))
		}
		actions = append(actions, step(StepPlay+strconv.Itoa(i)), playback(c.Sound))
	}
	actions = append(actions, step(StepPlayed), hangUp())
	name := Entry(c.CampaignID, models.ModeVoiceOnly)
	return extension(name, literal(name), actions...)
}

// menu plays the prompt PlayCount times and waits KeySeconds for a key after each. The generic key extension takes every
// key, even those that do not count: calls that began under an older revision may bring them.
func menu(c CampaignFlow) []Extension {
	name := Entry(c.CampaignID, models.ModeVoiceKey)
	digits := fmt.Sprintf("1 1 %d %d none %s %s %s [%s] %d", c.PlayCount, c.KeySeconds*1000, c.Sound, silence, keyVariable,
		validKeys(c), c.KeySeconds*1000)
	out := []Extension{extension(name, literal(name),
		act("sched_cancel", ""),
		hangUpAfter(c),
		act("flush_dtmf", ""),
		set("playback_terminators", "none"),
		step(StepMenu),
		act("play_and_get_digits", digits),
		transfer(name+"_${"+keyVariable+"}"),
	)}
	if c.AgentKey != "" {
		out = append(out, extension(name+"_agent", literal(name+"_"+c.AgentKey),
			act("sched_cancel", ""),
			step(StepKey+c.AgentKey),
			transfer(QueueEntry(c.QueueID)),
		))
	}
	if c.OptOutKey != "" {
		out = append(out, optOut(name, c))
	}
	return append(out,
		extension(name+"_key", "^"+name+"_["+allKeys+"]$",
			act("sched_cancel", ""),
			step(StepKey+"${"+keyVariable+"}"),
			playback(confirm),
			hangUp(),
		),
		extension(name+"_none", "^"+name+"_$",
			step(StepNoKey),
			hangUp(),
		))
}

// optOut answers the opt-out key of a menu or an apology: the event first, so that it counts even when the callee hangs
// up during the confirmation.
func optOut(name string, c CampaignFlow) Extension {
	sound := c.OptOutSound
	if sound == "" {
		sound = confirm
	}
	return extension(name+"_opt_out", literal(name+"_"+c.OptOutKey),
		act("sched_cancel", ""),
		step(StepOptedOut),
		act("event", "Event-Subclass="+EventOptedOut+",Event-Name=CUSTOM"),
		playback(sound),
		hangUp(),
	)
}

// validKeys lists the keys that count, as they stand in a character class.
func validKeys(c CampaignFlow) string {
	if len(c.Keys) == 0 {
		return allKeys
	}
	valid := map[string]bool{c.AgentKey: true, c.OptOutKey: true}
	for k := range c.Keys {
		valid[k] = true
	}
	var b strings.Builder
	for _, k := range allKeys {
		if valid[string(k)] {
			b.WriteRune(k)
		}
	}
	return b.String()
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
