package store_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store/storetest"
)

// cutter stands between the store and the server and can break the connection at the next COMMIT: before the server sees it,
// or after the server has done it and before the store hears so.
type cutter struct {
	t      *testing.T
	l      net.Listener
	server string
	wg     sync.WaitGroup

	mu   sync.Mutex
	mode string // "", before, after
	cut  func() // called at a cut, may be nil
	cuts int
}

func newCutter(t *testing.T, server string) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{t: t, l: l, server: server}
	c.wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			c.wg.Go(func() { c.relay(client) })
		}
	})
	t.Cleanup(func() { l.Close(); c.wg.Wait() })
	return c
}

func (c *cutter) arm(mode string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mode = mode
}

// commit takes the order to cut, once.
func (c *cutter) commit(packet []byte) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	mode := c.mode
	if mode == "" || !bytes.Contains(packet, []byte("\x03COMMIT")) {
		return ""
	}
	c.mode = ""
	c.cuts++
	if c.cut != nil {
		c.cut()
	}
	return mode
}

func (c *cutter) relay(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", c.server)
	if err != nil {
		return
	}
	defer server.Close()
	var drop sync.Once
	dropped := make(chan struct{})
	var back sync.WaitGroup
	back.Go(func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			select {
			case <-dropped: // the server has answered the commit; nobody shall hear it
				client.Close()
				return
			default:
			}
			if _, werr := client.Write(buf[:n]); err != nil || werr != nil {
				client.Close()
				return
			}
		}
	})
	defer back.Wait()
	defer server.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		switch c.commit(buf[:n]) {
		case "before":
			return
		case "after":
			drop.Do(func() { close(dropped) })
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// cutFloor is a floor on MariaDB behind a cutter.
func cutFloor(t *testing.T, leads int) (*floor, *cutter) {
	t.Helper()
	config := storetest.MariaDBConfig(t)
	f := newFloor(t, storetest.Open(t, config, true), leads)
	addr := config.DSN[strings.Index(config.DSN, "(")+1 : strings.Index(config.DSN, ")")]
	c := newCutter(t, addr)
	config.DSN = strings.Replace(config.DSN, addr, c.l.Addr().String(), 1)
	f.Store = storetest.Open(t, config, false)
	return f, c
}

// The connection dies on COMMIT (F-18): whatever the truth is, doing it again gives the same as doing it once.
func TestCommitOfUnknownFate(t *testing.T) {
	for _, mode := range []string{"before", "after"} {
		t.Run(mode, func(t *testing.T) {
			f, c := cutFloor(t, 20)
			open := cutReserve(f, c, mode)
			cutSent(f, c, mode, open)
			cutFinish(f, c, mode, open)
			cutImport(f, c, mode)
			if c.cuts != 4 {
				t.Errorf("%d cuts", c.cuts)
			}
		})
	}
}

func cutReserve(f *floor, c *cutter, mode string) []models.Reserved {
	c.arm(mode)
	res, err := f.Reserve(f.ctx, f.request(5))
	if mode == "after" && (err != nil || len(res.Reserved) != 5) {
		f.t.Fatalf("a reservation that was committed: %v, %v", res.Reserved, err)
	}
	if mode == "before" && err == nil {
		f.t.Fatal("a reservation that was not committed had no error")
	}
	open, err := f.Adopt(f.ctx, f.epoch)
	f.must(err)
	if mode == "before" {
		if len(open) != 0 {
			f.t.Fatalf("open after a lost reservation: %v", open)
		}
		open = f.reserve(5)
	}
	if len(open) != 5 {
		f.t.Fatalf("open: %d", len(open))
	}
	return open
}

func cutSent(f *floor, c *cutter, mode string, open []models.Reserved) {
	c.arm(mode)
	if sent, _, err := f.MarkSent(f.ctx, f.epoch, noon, f.campaign, sends(open)); err == nil || len(sent) != 0 {
		f.t.Fatalf("after a commit of unknown fate nothing may be dialled: %v %v", sent, err)
	}
	if sent, _ := f.send(noon, open); (len(sent) == 0) != (mode == "after") {
		f.t.Fatalf("sent again: %v", sent)
	}
}

func cutFinish(f *floor, c *cutter, mode string, open []models.Reserved) {
	c.arm(mode)
	if err := f.Finish(f.ctx, f.epoch, noon, finishes(open)); err == nil {
		f.t.Fatal("finish had no error")
	}
	f.must(f.Finish(f.ctx, f.epoch, noon, finishes(open)))
	stats, err := f.CampaignStats(f.ctx, f.campaign.ID)
	f.must(err)
	if len(stats) != 1 || stats[0].N != 5 {
		f.t.Errorf("counted %+v", stats)
	}
}

func cutImport(f *floor, c *cutter, mode string) {
	list := f.newList(0)
	block := contacts(1500)
	block[9].Number = block[2].Number
	c.arm(mode)
	if _, err := f.AppendContacts(f.ctx, list, block, models.ContactList{Rows: 1500, Valid: 1500}); err == nil {
		f.t.Fatal("import had no error")
	}
	dup, err := f.AppendContacts(f.ctx, list, block, models.ContactList{Rows: 1500, Valid: 1500})
	f.must(err)
	if l, err := f.ContactList(f.ctx, list); err != nil || l.Valid != 1499 || !slices.Equal(dup, []int64{10}) {
		f.t.Errorf("list %+v, duplicates %v, %v", l, dup, err)
	}
}

// A reservation was saved, but neither the answer came nor can the store ask: the leads are not lost.
func TestReservationInDoubt(t *testing.T) {
	f, c := cutFloor(t, 5)
	ctx, cancel := context.WithCancel(f.ctx)
	c.cut = cancel
	c.arm("after")
	if res, err := f.Reserve(ctx, f.request(5)); err == nil {
		t.Fatalf("no error: %v", res)
	}
	open, err := f.Adopt(f.ctx, f.epoch)
	f.must(err)
	if len(open) != 5 {
		t.Fatalf("%d attempts were saved, the test wants 5", len(open))
	}
	again := f.reserve(5)
	if len(again) != 5 || again[0].Attempt.ID == open[0].Attempt.ID {
		t.Fatalf("reserved after the doubt: %v", again)
	}
	if a, err := f.Attempt(f.ctx, open[0].Attempt.ID); err != nil || a.State != models.AttemptReleased {
		t.Errorf("doubtful attempt: %+v %v", a, err)
	}
	if more := f.reserve(5); len(more) != 0 {
		t.Errorf("the doubt was not settled: %v", more)
	}
}

// The database is killed and comes back (F-17): clear errors meanwhile, nothing acknowledged is lost, no restart needed.
func TestDatabaseCrash(t *testing.T) {
	server := storetest.StartServer(t)
	s := storetest.Open(t, server.Config(t), true)
	f := newFloor(t, s, 30)
	acknowledged := 0
	for range 3 {
		rs := f.reserve(10)
		f.send(noon, rs)
		f.must(f.Finish(f.ctx, f.epoch, noon, finishes(rs[:5])))
		acknowledged += 5
		server.Kill()
		if err := s.Finish(f.ctx, f.epoch, noon, finishes(rs[5:])); err == nil {
			t.Fatal("finished without a database")
		}
		if err := s.Ping(f.ctx); err == nil {
			t.Fatal("ping without a database")
		}
		f.must(server.Start())
		f.must(s.Finish(f.ctx, f.epoch, noon, finishes(rs)))
		acknowledged += 5
		p, err := s.Progress(f.ctx, f.campaign.ID)
		f.must(err)
		if p.Done != int64(acknowledged) {
			t.Fatalf("%d of %d acknowledged ends are there", p.Done, acknowledged)
		}
	}
	stats, err := s.CampaignStats(f.ctx, f.campaign.ID)
	f.must(err)
	if len(stats) != 1 || stats[0].N != 30 {
		t.Errorf("counted %+v", stats)
	}
}

// A database that hangs keeps nobody longer than the caller's context allows.
func TestDatabaseHangs(t *testing.T) {
	server := storetest.StartServer(t)
	s := storetest.Open(t, server.Config(t), true)
	f := newFloor(t, s, 1)
	f.must(server.Pause())
	ctx, cancel := context.WithTimeout(f.ctx, 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := s.Reserve(ctx, f.request(1))
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 5*time.Second {
		t.Errorf("reserve on a hanging database: %v after %s", err, time.Since(began))
	}
	f.must(server.Resume())
	if rs := f.reserve(1); len(rs) != 1 {
		t.Errorf("reserved %d after it went on", len(rs))
	}
}
