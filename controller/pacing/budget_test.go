package pacing

import "testing"

// spends lets a budget live in a world where abandonments come just as foretold but for the bias: a price of θ costs θ·scale of
// them an answer.
func spends(b *Budget, answers int, rho, scale, bias float64, lost *float64) {
	a, d := b.answered, b.abandoned
	for range answers {
		cost := b.theta() * scale
		b.dialled(1, cost, rho)
		a++
		*lost += cost * bias
		if *lost >= 1 {
			d++
			*lost--
		}
		b.note(a, d, rho, false)
		b.near()
	}
}

// TestBadLuckDoesNotRaiseThePrice: what is dialled less to make good is not taken for a price that is too low; if it were, the
// loss would stay.
func TestBadLuckDoesNotRaiseThePrice(t *testing.T) {
	const rho = 0.03
	b, lost := newBudget(rho), 0.0
	spends(&b, 3000, rho, 0.6, 1.6, &lost)
	calm := b.Theta
	b.note(b.answered+8, b.abandoned+8, rho, false)
	if b.theta() > 0.6*calm {
		t.Errorf("after 8 abandonments in a row θ is %.4f, was %.4f", b.theta(), calm)
	}
	before := b.Surplus
	spends(&b, 400, rho, 0.6, 1.6, &lost)
	if b.Theta > 1.1*calm {
		t.Errorf("making good raised the price from %.4f to %.4f", calm, b.Theta)
	}
	if b.Surplus < before/2 {
		t.Errorf("400 answers later the surplus is %.1f, was %.1f", b.Surplus, before)
	}
}

// TestAimNearsTheLimit: the share of the limit that is aimed at rises with what the window allows, and what is kept unspent rises too.
func TestAimNearsTheLimit(t *testing.T) {
	const rho = 0.03
	b, lost := newBudget(rho), 0.0
	share, kept := 0.0, 0.0
	for _, answers := range []int{500, 2500, 12000} {
		spends(&b, answers-b.answered, rho, 1, 1.3, &lost)
		slack := rho*float64(answers) - float64(b.abandoned)
		if b.share < share || b.share > 1 {
			t.Errorf("after %d answers aimed at %.3f of the limit, %.3f before", answers, b.share, share)
		}
		if slack <= kept || slack > 0.15*rho*float64(answers) {
			t.Errorf("after %d answers %.1f abandonments unspent, %.1f before", answers, slack, kept)
		}
		share, kept = b.share, slack
	}
}
