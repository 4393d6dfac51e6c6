package trial

import (
	"math/rand/v2"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// kills of one run of the crash matrix.
const kills = 12

// Shows 5 and F-01: the daemon is killed at random instants while it dials, again and again; the switch lives on. Afterwards
// no number was in two calls, none was dialled by mistake, and every attempt is closed.
func TestKilledWhileDialling(t *testing.T) {
	t.Parallel()
	for _, db := range []struct {
		name   string
		config func(testing.TB) store.Config
	}{{"sqlite", storetest.SQLiteConfig}, {"mariadb", storetest.MariaDBConfig}} {
		for name, records := range map[string]bool{"records": true, "no_records": false} {
			t.Run(db.name+"_"+name, func(t *testing.T) {
				t.Parallel()
				killedWhileDialling(t, db.config(t), records)
			})
		}
	}
}

func killedWhileDialling(t *testing.T, db store.Config, records bool) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	const n = 700
	x := newExchange(t, nil)
	s := newSite(t, x, db, numbers(1000, n), 40, records)
	c := s.start(t, "broadcast", "--list", s.list, "--audio", s.audio, "--out", s.out, "--retries", "1", "--mode", "voice_key")
	eventually(t, 30*time.Second, "dialling", func() bool { return x.dialled() > 0 || c.ended() }, c.said)
	inFlight, idle := 0, 0
	for range kills {
		before := x.dialled()
		pass(time.Duration(100+r.IntN(1200)) * time.Millisecond)
		if c.ended() {
			t.Fatalf("it ended by itself: %s", c.said())
		}
		c.kill()
		inFlight += x.busy()
		if x.dialled() == before {
			idle++
		}
		s.expire(t)
		c = s.start(t, "serve")
		if r.IntN(3) > 0 {
			now := x.dialled()
			eventually(t, 20*time.Second, "dialling after a kill", func() bool { return x.dialled() > now || c.ended() }, c.said)
		}
	}
	atKill := x.dialled()
	eventually(t, 2*time.Minute, "the campaign's end", func() bool { return s.campaign(t).State == models.CampaignFinished || c.ended() }, c.said)
	if c.ended() {
		t.Fatalf("it ended by itself: %s", c.said())
	}
	v := audit(t, db, x.Report(), terms{leads: n, dials: 2, again: map[string]bool{string(models.OutcomeBusy): true}})
	t.Logf("%d kills (%d before it dialled), %d calls were in progress at them, %d dialled until the last; %s", kills, idle, inFlight, atKill, v)
	if atKill >= n {
		t.Errorf("all %d numbers were dialled before the last kill: the list is too short for the trial", n)
	}
}
