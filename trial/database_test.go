package trial

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store/storetest"
)

// F-17: the database is killed, hangs, or takes no writes during a campaign. Nothing new is dialled meanwhile, live calls go
// on to their end, and afterwards all is saved and the campaign goes on by itself.
func TestDatabaseGoesAway(t *testing.T) {
	t.Parallel()
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cases := map[string]struct {
		out  time.Duration
		away func(*testing.T, *storetest.Server) (back func())
	}{
		"killed": {3 * time.Second, func(t *testing.T, s *storetest.Server) func() {
			s.Kill()
			return func() { must(t, s.Start()) }
		}},
		"hangs": {3 * time.Second, func(t *testing.T, s *storetest.Server) func() {
			must(t, s.Pause())
			return func() { must(t, s.Resume()) }
		}},
		"hangs_longer_than_the_lease": {18 * time.Second, func(t *testing.T, s *storetest.Server) func() {
			must(t, s.Pause())
			return func() { must(t, s.Resume()) }
		}},
		"takes_no_writes": {3 * time.Second, func(t *testing.T, s *storetest.Server) func() {
			db, err := sql.Open("mysql", s.DSN(""))
			must(t, err)
			conn, err := db.Conn(context.Background())
			must(t, err)
			_, err = conn.ExecContext(context.Background(), "FLUSH TABLES WITH READ LOCK")
			must(t, err)
			return func() {
				_, err := conn.ExecContext(context.Background(), "UNLOCK TABLES")
				must(t, err)
				conn.Close()
				db.Close()
			}
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := storetest.StartServer(t)
			r := newRig(t, server.Config(t), setup{speed: 2, list: numbers(1300, 300)})
			r.start()
			for round := range 2 {
				before := r.x.dialled()
				eventually(t, 20*time.Second, "dialling", func() bool { return r.x.dialled() > before+40 || r.finished() }, r.floor)
				back := c.away(t, server)
				live, out := r.x.busy(), r.x.dialled()
				pass(time.Second)
				quiet := r.x.dialled()
				pass(c.out)
				if n := r.x.dialled(); n != quiet {
					t.Errorf("%d calls dialled without a database", n-quiet)
				}
				if left := r.x.busy(); live > 10 && left > live/2 {
					t.Errorf("%d of %d calls are still up after %s without a database", left, live, c.out)
				}
				back()
				t.Logf("round %d: %d calls were live, %d dialled within a second of the outage", round, live, quiet-out)
				if c.out > 10*time.Second {
					break
				}
			}
			r.finish(patience)
			r.audit(nil)
			if r.state() != models.CampaignFinished {
				t.Errorf("the campaign is %s", r.state())
			}
		})
	}
}
