package pacing

import (
	"encoding/json"
	"fmt"
)

// learned is what a policy keeps between days, as JSON.
type learned struct {
	Calls   *Calls   `json:"calls"`
	Desk    *Desk    `json:"desk"`
	Theta   float64  `json:"theta"`
	Chances *Chances `json:"chances"`
}

// Learned is what the policy has learned, to be kept between days. Its size does not grow with history.
func (p *Policy) Learned() ([]byte, error) {
	out, err := json.Marshal(learned{p.calls, p.desk, p.budget.Theta, p.chances})
	if err != nil {
		return nil, fmt.Errorf("write what the pacing learned: %w", err)
	}
	return out, nil
}

// Remember takes what Learned gave. What does not fit this version is left out; the policy then learns it anew.
func (p *Policy) Remember(data []byte) error {
	var l learned
	if err := json.Unmarshal(data, &l); err != nil {
		return fmt.Errorf("read what the pacing learned: %w", err)
	}
	if l.Calls != nil {
		p.calls.Answer.restore(l.Calls.Answer)
		p.calls.Fail.restore(l.Calls.Fail)
		p.calls.tabulate()
	}
	if l.Desk != nil {
		p.desk.Talk.restore(l.Desk.Talk)
		p.desk.Wrap.restore(l.Desk.Wrap)
		p.desk.Went, p.desk.Stayed = max(l.Desk.Went, 0), max(l.Desk.Stayed, 1)
		p.desk.tabulate()
	}
	p.chances.restore(l.Chances)
	if l.Theta > 0 {
		p.budget.Theta = min(l.Theta, thetaMost)
	}
	return nil
}
