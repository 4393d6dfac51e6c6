package town

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func found(t testing.TB, cfg Config) *Town {
	t.Helper()
	tw, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return tw
}

// The table of the recordings: suffix, what the far end says, what FreeSWITCH makes of it.
func TestSuffixes(t *testing.T) {
	tw := found(t, Config{Seed: 1})
	refusals := map[string]struct {
		status int
		cause  string
		q850   int
	}{
		"486": {486, "USER_BUSY", 17}, "600": {600, "USER_BUSY", 17}, "480": {480, "NO_USER_RESPONSE", 18},
		"404": {404, "UNALLOCATED_NUMBER", 1}, "604": {604, "NO_ROUTE_DESTINATION", 3},
		"603": {603, "CALL_REJECTED", 21}, "403": {403, "CALL_REJECTED", 21},
		"500": {500, "NORMAL_TEMPORARY_FAILURE", 41}, "503": {503, "NORMAL_TEMPORARY_FAILURE", 41},
		"502": {502, "NETWORK_OUT_OF_ORDER", 38}, "408": {408, "RECOVERY_ON_TIMER_EXPIRE", 102},
		"488": {488, "INCOMPATIBLE_DESTINATION", 88}, "484": {484, "INVALID_NUMBER_FORMAT", 28},
		"410": {410, "NUMBER_CHANGED", 22},
	}
	for suffix, want := range refusals {
		for _, number := range []string{"13800000" + suffix, "+8613812345" + suffix} {
			c := tw.Call(number, 1)
			if c.Answer || c.SIPStatus != want.status || c.Cause != want.cause || c.Q850 != want.q850 || c.Phrase == "" || !c.Silent || c.Ring != 0 {
				t.Errorf("%s: %+v, want %+v at once and without ringing", number, c, want)
			}
		}
	}
	tests := []struct {
		number string
		want   Callee
	}{
		{"13800000000", Callee{}},
		{"13800000099", Callee{Silent: true}},
		{"13800000183", Callee{Early: true, Ring: 2 * time.Second, Answer: true, SIPStatus: 200, Phrase: "OK", HangUpAfter: 5 * time.Second}},
		{"13800000186", Callee{Early: true, Ring: 2 * time.Second, SIPStatus: 486, Phrase: "Busy Here", Cause: "USER_BUSY", Q850: 17}},
		{"13800000555", Callee{Ring: 4 * time.Second, Answer: true, SIPStatus: 200, Phrase: "OK", HangUpAfter: 5 * time.Second}},
		{"13800000111", Callee{Silent: true, Answer: true, SIPStatus: 200, Phrase: "OK", HangUpAfter: 5 * time.Second}},
		{"13800000200", Callee{Ring: 500 * time.Millisecond, Answer: true, SIPStatus: 200, Phrase: "OK"}},
		{"13800000299", Callee{Ring: 500 * time.Millisecond, Answer: true, SIPStatus: 200, Phrase: "OK"}},
		{"13800000302", Callee{Ring: 500 * time.Millisecond, Answer: true, SIPStatus: 200, Phrase: "OK", Redirected: true}},
	}
	for _, x := range tests {
		if got := tw.Call(x.number, 3); !reflect.DeepEqual(got, x.want) {
			t.Errorf("%s: %+v, want %+v", x.number, got, x.want)
		}
	}
}

func TestRecordedDefault(t *testing.T) {
	tw := found(t, Config{Seed: 5, Recorded: true})
	want := Callee{Ring: time.Second, Answer: true, SIPStatus: 200, Phrase: "OK", HangUpAfter: 5 * time.Second}
	for _, number := range []string{"13800000001", "13800000700", "12", "1000abc", ""} {
		if got := tw.Call(number, 1); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, want %+v", number, got, want)
		}
	}
}

func TestSameSeedSameTown(t *testing.T) {
	a, b, other := found(t, Config{Seed: 7}), found(t, Config{Seed: 7}), found(t, Config{Seed: 8})
	for i := range 50 { // another history of calls must not matter
		b.Call(number(i), 1)
	}
	differentSeed, differentTry := 0, 0
	for i := range 500 {
		x := a.Call(number(i), 1)
		if y := b.Call(number(i), 1); !reflect.DeepEqual(x, y) {
			t.Fatalf("%s: %+v and %+v from the same seed", number(i), x, y)
		}
		if !reflect.DeepEqual(x, other.Call(number(i), 1)) {
			differentSeed++
		}
		if !reflect.DeepEqual(x, a.Call(number(i), 2)) {
			differentTry++
		}
	}
	if differentSeed < 450 || differentTry < 450 {
		t.Errorf("of 500 callees only %d differ with the seed and %d with the try", differentSeed, differentTry)
	}
}

// A change of one setting must not change what the others decide: comparisons between two runs depend on it.
func TestSettingsAreIndependent(t *testing.T) {
	base := Default()
	longer := base
	longer.Patience = Distribution{Kind: Gamma, Mean: 90, CV: 0.2}
	longer.KeyProbability = 0.9
	a, b := found(t, base), found(t, longer)
	for i := range 300 {
		x, y := a.Call(number(i), 1), b.Call(number(i), 1)
		if x.Answer != y.Answer || x.Ring != y.Ring || x.SIPStatus != y.SIPStatus || x.Talk != y.Talk {
			t.Fatalf("%s: %+v became %+v by patience and keys alone", number(i), x, y)
		}
	}
}

func TestShares(t *testing.T) {
	const n = 40_000
	cfg := Default()
	tw := found(t, cfg)
	counts := map[string]int{}
	keys := map[string]int{}
	for i := range n {
		c := tw.Call(number(i), 1)
		counts[fmt.Sprintf("%t/%d/%t", c.Answer, c.SIPStatus, c.Silent)]++
		if c.Early && !c.Silent {
			counts["early"]++
		}
		if !c.Silent {
			counts["sounding"]++
		}
		for _, k := range c.Keys {
			keys[k.Digit]++
			keys[fmt.Sprint("prompt ", k.Prompt)]++
			keys["all"]++
		}
	}
	near := func(what string, got, of int, want float64) {
		t.Helper()
		// five standard deviations: fails by chance less than once in a million
		if share := float64(got) / float64(of); math.Abs(share-want) > 5*math.Sqrt(want*(1-want)/float64(of)) {
			t.Errorf("%s: %.4f of %d, want %.4f", what, share, of, want)
		}
	}
	near("answered", counts["true/200/false"], n, cfg.AnswerProbability)
	near("busy", counts["false/486/true"], n, cfg.BusyProbability)
	near("rejected", counts["false/603/false"], n, cfg.RejectProbability)
	near("unreachable", counts["false/480/true"], n, cfg.UnreachableProbability)
	near("invalid", counts["false/404/true"], n, cfg.InvalidProbability)
	near("congested", counts["false/503/true"], n, cfg.CongestionProbability)
	near("not answered", counts["false/0/false"], n, 0.35)
	near("early media", counts["early"], counts["sounding"], cfg.EarlyMediaProbability)
	answered := counts["true/200/false"]
	near("pressed a key", keys["all"], answered, cfg.KeyProbability)
	near("at the second prompt", keys["prompt 2"], keys["all"], cfg.LateKeyProbability)
	for digit, want := range map[string]float64{"1": .6, "2": .2, "9": .1, "5": .1} {
		near("key "+digit, keys[digit], keys["all"], want)
	}
}

func TestDistributions(t *testing.T) {
	const n = 20_000
	tests := []struct {
		d        Distribution
		mean, sd float64
	}{
		{Distribution{Kind: Fixed, Mean: 4}, 4, 0},
		{Distribution{Kind: Uniform, Min: 2, Max: 6}, 4, 4 / math.Sqrt(12)},
		{Distribution{Kind: Exponential, Mean: 7}, 7, 7},
		{Distribution{Kind: Gamma, Mean: 12, CV: 0.5}, 12, 6},
		{Distribution{Kind: Gamma, Mean: 3, CV: 1.5}, 3, 4.5},
		{Distribution{Kind: LogNormal, Mean: 120, CV: 1}, 120, 120},
	}
	for _, x := range tests {
		var sum, squares float64
		for i := range n {
			s := x.d.Draw(newRand(uint64(i))).Seconds()
			sum, squares = sum+s, squares+s*s
		}
		mean := sum / n
		sd := math.Sqrt(max(0, squares/n-mean*mean))
		if math.Abs(mean-x.mean) > 5*x.sd/math.Sqrt(n)+1e-6 {
			t.Errorf("%+v: mean %.3f, want %.3f", x.d, mean, x.mean)
		}
		if math.Abs(sd-x.sd) > 0.1*x.sd+1e-6 {
			t.Errorf("%+v: standard deviation %.3f, want %.3f", x.d, sd, x.sd)
		}
	}
	bounded := Distribution{Kind: LogNormal, Mean: 10, CV: 3, Min: 5, Max: 20}
	low, high := 0, 0
	for i := range 2000 {
		switch s := bounded.Draw(newRand(uint64(i))); {
		case s < 5*time.Second || s > 20*time.Second:
			t.Fatalf("%v is outside 5 to 20 s", s)
		case s == 5*time.Second:
			low++
		case s == 20*time.Second:
			high++
		}
	}
	if low == 0 || high == 0 {
		t.Errorf("bounds hit %d and %d times, want both", low, high)
	}
}

func TestConfigFaults(t *testing.T) {
	tests := []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.AnswerProbability = 1.5 }, "answer_probability is 1.5"},
		{func(c *Config) { c.BusyProbability = math.NaN() }, "busy_probability is NaN"},
		{func(c *Config) { c.AnswerProbability, c.BusyProbability = 0.8, 0.3 }, "add up to 1.3"},
		{func(c *Config) { c.RingTime.Kind = "normal" }, `ring_time: kind "normal"`},
		{func(c *Config) { c.Patience.Mean = -1 }, "patience: -1 s"},
		{func(c *Config) { c.TalkTime.Min, c.TalkTime.Max = 9, 3 }, "talk_time: min 9 s"},
		{func(c *Config) { c.KeyDelay.CV = 0 }, "key_delay: cv 0"},
		{func(c *Config) { c.Keys = map[string]float64{"12": 1} }, `keys: "12"`},
		{func(c *Config) { c.Keys = map[string]float64{"1": -1} }, "keys: weight -1"},
		{func(c *Config) { c.Keys = map[string]float64{"1": 0} }, "keys: all weights are 0"},
	}
	for _, x := range tests {
		cfg := Default()
		x.change(&cfg)
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("got %v, want %q", err, x.want)
		}
	}
	cfg := Default()
	cfg.AnswerProbability, cfg.RingTime.Kind = 2, "x"
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "ring_time") || !strings.Contains(err.Error(), "answer_probability") {
		t.Errorf("got %v, want both faults", err)
	}
}

func TestDefaultsAndJSON(t *testing.T) {
	if got := found(t, Config{Seed: 3}).Config(); got.AnswerProbability != 0.35 || got.Seed != 3 {
		t.Errorf("a blank config became %+v", got)
	}
	// Once something is set, an answer probability of 0 means nobody.
	silent := found(t, Config{SilentProbability: 1})
	for i := range 20 {
		if c := silent.Call(number(i), 1); c.Answer || !c.Silent || c.SIPStatus != 0 {
			t.Fatalf("%s: %+v in a silent town", number(i), c)
		}
	}
	text, err := json.Marshal(Default())
	if err != nil {
		t.Fatal(err)
	}
	var back Config
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, Default()) {
		t.Errorf("%s came back as %+v, %v", text, back, err)
	}
}

func BenchmarkCall(b *testing.B) {
	tw := found(b, Config{Seed: 1})
	b.ReportAllocs()
	for i := range b.N {
		tw.Call(number(i), 1)
	}
}
