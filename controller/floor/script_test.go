package floor

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"waihu/controller/call"
	"waihu/controller/campaign"
	"waihu/models"
)

var update = flag.Bool("update", false, "write what the floor does into the scenarios")

// Scenarios in testdata are stories that anyone on the floor can read: inputs at the margin, effects below. Run with -update
// after a deliberate change and read the difference.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d scenarios: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(text))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(text) {
				t.Fatalf("the floor did:\n%s\nthe scenario says:\n%s", got, text)
			}
		})
	}
}

// stage plays a scenario.
type stage struct {
	t     *testing.T
	f     *Floor
	now   time.Time
	fins  map[string]models.Finish
	leads map[string]models.Lead
	skips map[string]Skip
}

// play runs the inputs of a script and returns it with the effects that they had.
func play(t *testing.T, script string) string {
	cfg := Defaults()
	legs := 0
	cfg.NewID = func() string { legs++; return fmt.Sprintf("L%d", legs) }
	cfg.Pick = func(int) int { return 0 }
	s := &stage{t: t, f: New(cfg), now: time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC), fins: map[string]models.Finish{}, leads: map[string]models.Lead{}, skips: map[string]Skip{}}
	var out strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "\t") {
			continue
		}
		out.WriteString(line + "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		for _, e := range s.do(strings.Fields(line)) {
			out.WriteString("\t" + s.show(e) + "\n")
		}
	}
	return out.String()
}

func (s *stage) do(w []string) []Effect {
	if in, ok := map[string]func() []Effect{
		"ready":    func() []Effect { return append(s.connected(), s.f.Channels(nil, s.now, s.now)...) },
		"taken":    s.connected, // over from an earlier process: the switch's channels come with listed
		"standby":  func() []Effect { return s.f.Lead(false) },
		"database": func() []Effect { return s.f.Database(w[1] == "up") },
		"dialplan": func() []Effect { return s.f.Published(w[1] == "live") },
		"down":     func() []Effect { return s.f.SwitchDown() },
		"up":       func() []Effect { return s.f.SwitchUp(w[1], s.now) },
		"drain":    func() []Effect { return s.f.Drain(s.now) },
		"pause":    func() []Effect { return s.f.Pause(1) },
		"stop":     func() []Effect { return s.f.Stop(1, len(w) > 1 && w[1] == "cut") },
	}[w[0]]; ok {
		return in()
	}
	if es, ok := s.desk(w); ok {
		return es
	}
	switch w[0] {
	case "start":
		return s.start(w[1:])
	case "tick":
		d, err := time.ParseDuration(w[1])
		if err != nil {
			s.t.Fatal(err)
		}
		s.now = s.now.Add(d)
		return s.f.Tick(s.now)
	case "why":
		v := s.f.View(s.now).Campaigns[1]
		s.t.Logf("%+v", v)
		if string(v.Why) != w[1] {
			s.t.Fatalf("why: %q, the scenario says %q", v.Why, w[1])
		}
		return nil
	case "counted": // what the database says: answers, and of them abandoned
		from, _ := campaign.WindowAt(s.f.campaigns[1].c, time.LoadLocation, s.now)
		s.f.WindowCounted(1, from, models.WindowCounts{Answered: s.number(w[1]), Abandoned: s.number(w[2])}, s.now)
		return nil
	case "decided": // calls that the last decision allowed, and why not more
		if d := s.f.campaigns[1].pace.last; d.Dial != s.number(w[1]) || string(d.Why) != w[2] {
			s.t.Fatalf("decided %d because of %s, the scenario says %v; %+v", d.Dial, d.Why, w[1:], d)
		}
		return nil
	case "reserved":
		return s.reserved(w[1:])
	case "refused":
		return s.f.Sent([]models.Refusal{{AttemptID: w[1], Why: models.Gate(w[2])}}, s.now)
	case "notsent":
		return s.f.NotSent(w[1:], s.now)
	case "saved":
		return s.f.Saved([]models.Finish{s.fins[w[1]]})
	case "released":
		return s.f.Released(1)
	case "listed":
		listed := map[string]bool{}
		for _, id := range w[1:] {
			listed[id] = true
		}
		return s.f.Channels(listed, s.now, s.now)
	case "norecord":
		return s.f.NoRecord(w[1])
	case "adopt":
		return s.adopt(w[1:])
	default:
		return s.f.Heard(w[1], s.event(w), s.now)
	}
}

func (s *stage) connected() []Effect {
	s.f.Lead(true)
	s.f.Database(true)
	s.f.Published(true)
	return s.f.SwitchUp("core1", s.now)
}

func (s *stage) number(word string) int {
	n, err := strconv.Atoi(word)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *stage) start(opts []string) []Effect {
	c := models.Campaign{ID: 1, State: models.CampaignRunning, TrunkIDs: []int64{1}, Rules: models.Rules{Zone: "Asia/Shanghai"}}
	t := models.Trunk{ID: 1, Gateway: "pstn"}
	for _, o := range opts {
		k, v, _ := strings.Cut(o, "=")
		n, _ := strconv.Atoi(v)
		switch k {
		case "concurrency":
			c.MaxConcurrency = n
		case "retries":
			c.Rules.Retries, c.Rules.RetryRules = n, []models.RetryRule{{Outcome: models.OutcomeBusy, Times: 9, DelaySeconds: 600, Factor: 1}}
		case "lines":
			t.Lines = n
		case "ratio":
			c.Rules.Ratio = float64(n) / 10
		case "direct":
			c.Mode, c.QueueID = models.ModeDirectAgent, int64(n)
		case "predictive":
			c.RingSeconds, c.Rules.Pacing = 30, models.Pacing{Mode: models.PacePredictive, AbandonLimit: float64(n) / 100, ConnectSeconds: 2}
		case "paced":
			c.Rules.Pacing.Mode = models.PacingMode(v)
		case "preview":
			c.Rules.Pacing.Mode, c.Rules.Pacing.PreviewSeconds = models.PacePreview, n
		case "manual":
			c.Rules.Pacing.Mode, c.Rules.Pacing.PreviewSeconds = models.PaceManual, n
		case "then":
			c.Rules.Pacing.PreviewThen = models.PreviewThen(v)
		case "hand":
			t.HandLines = n
		case "guarantee":
			c.Rules.Pacing.Guarantee = models.GuaranteeKind(v)
		case "gain":
			c.Rules.Pacing.GainSlices = true
		case "window":
			c.Rules.Pacing.Window = models.GuaranteeWindow(v)
		case "until":
			c.Rules.Windows = []models.Window{{Weekday: time.Monday, From: 0, To: n * 60}}
		default:
			s.t.Fatal("unknown option", o)
		}
	}
	s.f.Trunks([]models.Trunk{t})
	return s.f.Start(c, []string{"075512345678"})
}

func (s *stage) take(word string) models.Reserved {
	id, num, _ := strings.Cut(word, ":")
	lead, known := s.leads[num]
	if !known {
		lead = models.Lead{ID: int64(len(s.leads) + 1), CampaignID: 1, Number: "+86" + num}
	}
	s.leads[num] = lead
	return models.Reserved{Lead: lead, Attempt: models.Attempt{
		ID: id, CampaignID: 1, LeadID: lead.ID, Number: "+86" + num, Kind: models.KindCampaign, State: models.AttemptReserved,
	}}
}

func (s *stage) reserved(words []string) []Effect {
	res := models.ReserveResult{}
	for _, word := range words {
		switch {
		case word == "none":
		case strings.HasPrefix(word, "due="):
			d, _ := time.ParseDuration(word[4:])
			res.NextDue = s.now.Add(d)
		case word == "failed":
			return s.f.Reserved(1, res, fmt.Errorf("database gone"), s.now)
		default:
			res.Reserved = append(res.Reserved, s.take(word))
		}
	}
	return s.f.Reserved(1, res, nil, s.now)
}

func (s *stage) adopt(words []string) []Effect {
	var open []models.Reserved
	for _, word := range words {
		state, rest, _ := strings.Cut(word, "/")
		rest, looker, _ := strings.Cut(rest, "@")
		v := s.take(rest)
		v.Attempt.LookerID, _ = strconv.ParseInt(looker, 10, 64)
		v.Attempt.State = models.AttemptState(state)
		v.Attempt.TrunkID = 1
		if v.Attempt.State == models.AttemptAnswered {
			at := s.now.Add(-time.Minute)
			v.Attempt.AnsweredAt = &at
		}
		open = append(open, v)
	}
	return s.f.Adopt(open, s.now)
}

// event is what the switch says about a call, at the scenario's now.
func (s *stage) event(w []string) call.Event {
	ev := call.Event{At: s.now, Times: call.Times{Created: s.now}, Node: "core1"}
	if len(w) > 2 {
		ev.End.Cause = w[2]
	}
	switch w[0] {
	case "created":
		ev.Kind = call.Created
	case "rang":
		ev.Kind, ev.Times.Progress = call.Rang, s.now
	case "answered":
		ev.Kind, ev.Times.Answered = call.Answered, s.now
	case "key":
		ev.Kind, ev.Digit = call.Keyed, w[2]
	case "optedout":
		ev.Kind = call.OptedOut
	case "hungup":
		ev.Kind = call.HungUp
	case "completed":
		ev.Kind, ev.Times.HungUp = call.Completed, s.now
	case "jobfailed":
		ev.Kind, ev.Times = call.JobFailed, call.Times{}
	case "recorded":
		ev.Kind, ev.Times.HungUp = call.Recorded, s.now
	default:
		s.t.Fatal("unknown word", w[0])
	}
	return ev
}

func (s *stage) show(e Effect) string {
	switch e := e.(type) {
	case Reserve:
		return fmt.Sprintf("Reserve %d", e.Limit)
	case Dial:
		words := []string{"Dial"}
		for _, v := range e.Sends {
			words = append(words, v.AttemptID, v.Gateway+"/"+v.Dialled, "as", v.Caller)
		}
		return strings.Join(words, " ")
	case Release:
		ids := slices.Clone(e.AttemptIDs)
		slices.Sort(ids)
		return "Release " + strings.Join(ids, " ")
	case SaveLearned:
		return "SaveLearned"
	case Skip:
		s.skips[e.AttemptID] = e
		if e.Until.IsZero() {
			return strings.TrimSpace(fmt.Sprintf("Skip %s %s for good %s", e.AttemptID, e.Why, e.Reason))
		}
		return fmt.Sprintf("Skip %s %s for %v", e.AttemptID, e.Why, e.Until.Sub(s.now))
	case MarkAnswered:
		return "MarkAnswered " + e.AttemptID
	case Finish:
		s.fins[e.AttemptID] = e.Finish
		return "Finish " + e.AttemptID + " " + s.showFinish(e.Finish)
	case Kill:
		return "Kill " + e.AttemptID + " " + e.Cause
	case LookUp:
		return "LookUp " + e.AttemptID
	case SetState:
		return "SetState " + string(e.To)
	case SavePacing:
		return fmt.Sprintf("SavePacing %d idle %d busy %d ringing %d waiting, %d of %d abandoned, %s", e.Idle, e.Busy, e.Ringing, e.Waiting, e.Abandoned, e.Answered, e.Why)
	case PauseTrunk:
		return fmt.Sprintf("PauseTrunk %d %s %v", e.TrunkID, e.Reason, e.Until.Sub(s.now))
	default:
		return showDesk(e)
	}
}

func (s *stage) showFinish(f models.Finish) string {
	words := []string{string(f.Facts.Outcome)}
	if f.Facts.Sub != "" {
		words = append(words, string(f.Facts.Sub))
	}
	words = append(words, f.Facts.Cause)
	if f.Lead != nil {
		words = append(words, "lead", string(f.Lead.State))
		if f.Lead.State == models.LeadDue {
			words = append(words, "in", f.Lead.NextAt.Sub(s.now).String())
		}
		for num, lead := range s.leads {
			if lead.ID == f.Lead.ID {
				lead.Attempts, lead.Retries, lead.FreeRetries = f.Lead.Attempts, f.Lead.Retries, f.Lead.FreeRetries
				lead.LastOutcome, lead.OutcomeRuns = f.Lead.LastOutcome, f.Lead.OutcomeRuns
				s.leads[num] = lead
			}
		}
	}
	if f.Blacklist != nil {
		words = append(words, "blacklist", f.Blacklist.Number, f.Blacklist.Source)
	}
	return strings.Join(words, " ")
}
