// Package town says what callees do: who answers, after how long, which keys they press, when they hang up.
//
// It is pure and deterministic: the same seed, number and try give the same callee, whatever was called before. It owns
// no clock, channel or call; the simulator acts on what it says.
package town

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Callee is what one call to one number meets.
type Callee struct {
	// Progress is the time from the INVITE to 180 or 183; it means nothing when Silent.
	Progress time.Duration `json:"progress"`
	Silent   bool          `json:"silent"`      // no 180 or 183
	Early    bool          `json:"early_media"` // 183 with media instead of 180
	// Ring is the time from the INVITE to the answer or the refusal. Without either (Answer false, SIPStatus 0) the
	// phone rings, or is silent, for as long as the caller lets it.
	Ring   time.Duration `json:"ring"`
	Answer bool          `json:"answer"`
	// The refusal, and what FreeSWITCH makes of it. Of an answered call the status is 200 and the rest empty.
	SIPStatus int    `json:"sip_status"`
	Phrase    string `json:"phrase"`
	Cause     string `json:"cause"`
	Q850      int    `json:"q850"`
	// Redirected says that the first answer was a 302, which FreeSWITCH follows by itself (unless the channel has
	// outbound_redirect_fatal=true: then REQUESTED_CHAN_UNAVAIL). The rest of Callee is the new target's.
	Redirected bool `json:"redirected"`

	HangUpAfter time.Duration `json:"hang_up_after"` // from the answer; 0 = stays until the other side ends the call
	Talk        time.Duration `json:"talk"`          // once an agent is bridged he hangs up after this; 0 = HangUpAfter holds
	Keys        []KeyPress    `json:"keys"`
}

// KeyPress is one key.
type KeyPress struct {
	Digit string `json:"digit"` // 0-9 * #
	// Prompt > 0: pressed After the beginning of the Prompt-th playback that waits for keys. 0: After the answer.
	Prompt int           `json:"prompt"`
	After  time.Duration `json:"after"`
}

// Town is a set of callees.
type Town struct{ cfg Config }

// New makes a town. A Config with neither a probability nor a distribution is Default() with its Seed and Recorded.
func New(cfg Config) (*Town, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("configure town: %w", err)
	}
	return &Town{cfg}, nil
}

// Config returns the configuration with its defaults.
func (t *Town) Config() Config { return t.cfg }

// Call says what the nth call (from 1) to a number meets.
func (t *Town) Call(number string, nth int) Callee {
	if c, ok := bySuffix(number); ok {
		return c
	}
	if t.cfg.Recorded {
		return answers(0, time.Second, stayed)
	}
	// One generator per call and per question, so that a setting moves only what it is about.
	return t.draw(rand.New(source(t.cfg.Seed, number, nth)))
}

// draw makes up a callee. Every draw is made in any case: what one distribution says must not shift the others.
func (t *Town) draw(r *rand.Rand) Callee {
	kind, early := r.Float64(), r.Float64()
	progress, ring, refusal := t.cfg.ProgressTime.Draw(r), t.cfg.RingTime.Draw(r), t.cfg.RefusalTime.Draw(r)
	patience, talk := t.cfg.Patience.Draw(r), t.cfg.TalkTime.Draw(r)
	keys := t.keys(r)
	c := Callee{Progress: progress, Early: early < t.cfg.EarlyMediaProbability}
	for _, o := range t.cfg.odds() {
		if kind -= o.probability; kind >= 0 {
			continue
		}
		switch {
		case o.status == 200:
			c.Answer, c.Ring, c.SIPStatus, c.Phrase = true, progress+ring, 200, "OK"
			c.HangUpAfter, c.Talk, c.Keys = max(patience, time.Millisecond), talk, keys
			return c
		case o.status == 0:
			c.Silent = true
			return c
		case o.rings:
			c.Ring = progress + refusal
		default:
			c.Ring, c.Progress, c.Silent, c.Early = refusal, 0, true, false
		}
		return refuse(c, o.status)
	}
	return c // rings until the caller gives up
}

func (t *Town) keys(r *rand.Rand) []KeyPress {
	presses, which := r.Float64() < t.cfg.KeyProbability, r.Float64()
	after, prompt := t.cfg.KeyDelay.Draw(r), 1
	if r.Float64() < t.cfg.LateKeyProbability {
		prompt = 2
	}
	if !presses {
		return nil
	}
	return []KeyPress{{Digit: t.cfg.key(which), Prompt: prompt, After: after}}
}
