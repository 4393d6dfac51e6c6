package town

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Config describes the callees of numbers whose last three digits say nothing. Probabilities are from 0 to 1; what
// remains after all of the first group is the share of phones that ring until the caller gives up.
type Config struct {
	Seed     uint64 `json:"seed" yaml:"seed" mapstructure:"seed"`
	Recorded bool   `json:"recorded" yaml:"recorded" mapstructure:"recorded"` // every other number: 180, 200 after 1 s, BYE 5 s later, as in the recordings

	AnswerProbability      float64 `json:"answer_probability" yaml:"answer_probability" mapstructure:"answer_probability"`                // 0.35
	BusyProbability        float64 `json:"busy_probability" yaml:"busy_probability" mapstructure:"busy_probability"`                      // 0.10, 486
	RejectProbability      float64 `json:"reject_probability" yaml:"reject_probability" mapstructure:"reject_probability"`                // 0.08, 603 after some ringing
	UnreachableProbability float64 `json:"unreachable_probability" yaml:"unreachable_probability" mapstructure:"unreachable_probability"` // 0.07, 480
	InvalidProbability     float64 `json:"invalid_probability" yaml:"invalid_probability" mapstructure:"invalid_probability"`             // 0.03, 404
	CongestionProbability  float64 `json:"congestion_probability" yaml:"congestion_probability" mapstructure:"congestion_probability"`    // 0.02, 503
	SilentProbability      float64 `json:"silent_probability" yaml:"silent_probability" mapstructure:"silent_probability"`                // 0, no answer of any sort

	EarlyMediaProbability float64 `json:"early_media_probability" yaml:"early_media_probability" mapstructure:"early_media_probability"` // 0.2, 183 instead of 180

	ProgressTime Distribution `json:"progress_time" yaml:"progress_time" mapstructure:"progress_time"` // from the INVITE to 180; gamma, mean 1.5 s, CV 0.5, 0.2 to 8 s
	RingTime     Distribution `json:"ring_time" yaml:"ring_time" mapstructure:"ring_time"`             // from 180 to the answer; gamma, mean 12 s, CV 0.5, 1 to 60 s
	RefusalTime  Distribution `json:"refusal_time" yaml:"refusal_time" mapstructure:"refusal_time"`    // to a refusal; gamma, mean 3 s, CV 0.6, 0.1 to 30 s
	Patience     Distribution `json:"patience" yaml:"patience" mapstructure:"patience"`                // listens before hanging up; log-normal, mean 25 s, CV 1, 0.5 to 600 s
	TalkTime     Distribution `json:"talk_time" yaml:"talk_time" mapstructure:"talk_time"`             // with an agent; log-normal, mean 120 s, CV 1, 5 to 3600 s

	KeyProbability     float64            `json:"key_probability" yaml:"key_probability" mapstructure:"key_probability"`                // 0.15 of those who answer press a key
	LateKeyProbability float64            `json:"late_key_probability" yaml:"late_key_probability" mapstructure:"late_key_probability"` // 0.2 of those only at the second play
	Keys               map[string]float64 `json:"keys" yaml:"keys" mapstructure:"keys"`                                                 // digit → weight; 1: 6, 2: 2, 9: 1, 5: 1
	KeyDelay           Distribution       `json:"key_delay" yaml:"key_delay" mapstructure:"key_delay"`                                  // from the beginning of the prompt; gamma, mean 6 s, CV 0.6, 0.5 to 60 s
}

// Default is a town like a middling list of mobile numbers. Its shares and times are assumptions to demonstrate and test
// with, not measurements.
func Default() Config {
	c := Config{
		AnswerProbability: 0.35, BusyProbability: 0.10, RejectProbability: 0.08, UnreachableProbability: 0.07,
		InvalidProbability: 0.03, CongestionProbability: 0.02, EarlyMediaProbability: 0.2,
		KeyProbability: 0.15, LateKeyProbability: 0.2,
	}
	return c.fill()
}

func (c Config) withDefaults() Config {
	if c.blank() {
		d := Default()
		d.Seed, d.Recorded = c.Seed, c.Recorded
		return d
	}
	return c.fill()
}

// blank reports whether nothing but seed and mode is set.
func (c Config) blank() bool {
	for _, p := range c.probabilities() {
		if p.value != 0 {
			return false
		}
	}
	for _, d := range c.distributions() {
		if *d.value != (Distribution{}) {
			return false
		}
	}
	return len(c.Keys) == 0
}

// fill gives distributions that are not set their default.
func (c Config) fill() Config {
	for _, d := range c.distributions() {
		if *d.value == (Distribution{}) {
			*d.value = d.otherwise
		}
	}
	if len(c.Keys) == 0 {
		c.Keys = map[string]float64{"1": 6, "2": 2, "9": 1, "5": 1}
	} else {
		c.Keys = maps.Clone(c.Keys)
	}
	return c
}

type namedDistribution struct {
	name      string
	value     *Distribution
	otherwise Distribution
}

func (c *Config) distributions() []namedDistribution {
	return []namedDistribution{
		{"progress_time", &c.ProgressTime, Distribution{Gamma, 1.5, 0.5, 0.2, 8}},
		{"ring_time", &c.RingTime, Distribution{Gamma, 12, 0.5, 1, 60}},
		{"refusal_time", &c.RefusalTime, Distribution{Gamma, 3, 0.6, 0.1, 30}},
		{"patience", &c.Patience, Distribution{LogNormal, 25, 1, 0.5, 600}},
		{"talk_time", &c.TalkTime, Distribution{LogNormal, 120, 1, 5, 3600}},
		{"key_delay", &c.KeyDelay, Distribution{Gamma, 6, 0.6, 0.5, 60}},
	}
}

type namedProbability struct {
	name  string
	value float64
}

func (c *Config) probabilities() []namedProbability {
	return []namedProbability{
		{"answer_probability", c.AnswerProbability},
		{"busy_probability", c.BusyProbability},
		{"reject_probability", c.RejectProbability},
		{"unreachable_probability", c.UnreachableProbability},
		{"invalid_probability", c.InvalidProbability},
		{"congestion_probability", c.CongestionProbability},
		{"silent_probability", c.SilentProbability},
		{"early_media_probability", c.EarlyMediaProbability},
		{"key_probability", c.KeyProbability},
		{"late_key_probability", c.LateKeyProbability},
	}
}

type odds struct {
	status      int // 200 answers, 0 is silent
	probability float64
	rings       bool // the phone rings before it is refused
}

func (c *Config) odds() [7]odds {
	return [...]odds{
		{200, c.AnswerProbability, true},
		{486, c.BusyProbability, false},
		{603, c.RejectProbability, true},
		{480, c.UnreachableProbability, false},
		{404, c.InvalidProbability, false},
		{503, c.CongestionProbability, false},
		{0, c.SilentProbability, false},
	}
}

func (c *Config) check() error {
	var errs []error
	for _, p := range c.probabilities() {
		if !(p.value >= 0 && p.value <= 1) {
			errs = append(errs, fmt.Errorf("%s is %v, must be from 0 to 1", p.name, p.value))
		}
	}
	sum := 0.0
	for _, o := range c.odds() {
		sum += o.probability
	}
	if sum > 1+1e-9 {
		errs = append(errs, fmt.Errorf("the probabilities of what a callee does add up to %.3f, more than 1", sum))
	}
	for _, d := range c.distributions() {
		if err := d.value.check(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", d.name, err))
		}
	}
	total := 0.0
	for digit, weight := range c.Keys {
		if len(digit) != 1 || !strings.Contains("0123456789*#", digit) {
			errs = append(errs, fmt.Errorf("keys: %q is not one of 0-9 * #", digit))
		}
		if !(weight >= 0 && weight < 1e9) {
			errs = append(errs, fmt.Errorf("keys: weight %v of %q is not a positive number", weight, digit))
		}
		total += weight
	}
	if !(total > 0) {
		errs = append(errs, errors.New("keys: all weights are 0"))
	}
	return errors.Join(errs...)
}

// key picks a digit by weight; u is from 0 to 1. Digits are taken in their order, so that a map's order does not matter.
func (c *Config) key(u float64) string {
	digits := slices.Sorted(maps.Keys(c.Keys))
	total := 0.0
	for _, d := range digits {
		total += c.Keys[d]
	}
	u *= total
	for _, d := range digits {
		if u -= c.Keys[d]; u < 0 {
			return d
		}
	}
	return digits[len(digits)-1]
}
