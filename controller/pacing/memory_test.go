package pacing

import (
	"math"
	"testing"
)

// TestLearnedOverNight: what one policy learned, another begins with; damaged memory is an error or left out, never a panic.
func TestLearnedOverNight(t *testing.T) {
	old := New(standard(Predictive, Off))
	for now := range 4000 {
		old.Observe(Event{What: NotAnswered, Seconds: 29})
		if now%20 == 0 {
			old.Observe(Event{What: Answered, Seconds: 10})
			old.Observe(Event{What: TalkEnded, Seconds: 300})
			old.Observe(Event{What: WrapEnded, Seconds: 40})
		}
		old.Decide(View{Now: float64(now), Ring: []float64{1, 5, 9, 13, 17, 21, 25}, Talk: []float64{30, 90, 150, 210, 270}, Wrap: []float64{10, 30}})
	}
	kept, err := old.Learned()
	if err != nil || len(kept) > 32<<10 {
		t.Fatalf("%d bytes, %v", len(kept), err)
	}
	next := New(standard(Predictive, Off))
	before := next.calls.rate()
	if err := next.Remember(kept); err != nil {
		t.Fatal(err)
	}
	if got, want := next.calls.rate(), old.calls.rate(); math.Abs(got-want) > 1e-6 || math.Abs(got-before) < 0.05 {
		t.Errorf("answer rate %.4f, kept %.4f, at first %.4f", got, want, before)
	}
	if got, want := next.desk.Talk.rate(60), old.desk.Talk.rate(60); math.Abs(got-want) > 1e-9 {
		t.Errorf("talk ends at %g a second, kept %g", got, want)
	}
	for _, bad := range []string{`{"calls":{"answer":{"seen":[1]}},"desk":{"talk":null},"theta":-1}`, `{}`, `null`} {
		p := New(standard(Predictive, Off))
		if err := p.Remember([]byte(bad)); err != nil || p.calls.rate() != before {
			t.Errorf("%s: %v, rate %g", bad, err, p.calls.rate())
		}
	}
	if err := next.Remember([]byte("{")); err == nil {
		t.Error("half a memory was taken")
	}
}
