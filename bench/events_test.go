package bench

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"waihu/controller"
	"waihu/controller/esl"
	"waihu/controller/floor"
	"waihu/dialplan"
	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// BenchmarkEvents sends the events of recorded calls over loopback TCP to the daemon's reader, router and floor, and to the
// bare 14-header reader, in turn. Each call is open before and is decided and handed to the database after; what the
// database then takes is not counted here (E1).
func BenchmarkEvents(b *testing.B) {
	const calls, rounds = 2000, 7
	stream, ids, events := traffic(b, calls)
	var ours, bare []float64
	for b.Loop() {
		for range rounds {
			bare = append(bare, float64(events)/readBare(b, stream, events).Seconds())
			ours = append(ours, float64(events)/hear(b, stream, ids).Seconds())
		}
	}
	ratio := median(ours) / median(bare)
	b.ReportMetric(ratio, "ours/bare")
	b.ReportMetric(1e9/median(ours), "ours-ns/event")
	b.ReportMetric(1e9/median(bare), "bare-ns/event")
	b.ReportMetric(float64(len(stream))/float64(events), "bytes/event")
	b.ReportMetric(0, "ns/op")
	report("E1", "events/s through reader, router and floor ÷ bare 14-header reader", ratio >= 0.30, "≥ 0.30",
		"%.2f (%.0f / %.0f)", ratio, median(ours), median(bare))
}

func readBare(b *testing.B, stream []byte, events int) time.Duration {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	defer l.Close()
	sent := make(chan error, 1)
	began := make(chan time.Time, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			began <- time.Now()
			_, err = conn.Write(stream)
			conn.Close()
		}
		sent <- err
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	must(b, err)
	defer conn.Close()
	n, err := readFourteen(conn)
	must(b, err)
	took := time.Since(<-began)
	must(b, <-sent)
	if n != events {
		b.Fatalf("%d events of %d", n, events)
	}
	return took
}

// noted is a database in which calls are open already; it counts what has ended instead of saving it.
type noted struct {
	*store.Store
	campaign models.Campaign
	open     []models.Reserved
	ended    int
	outcomes map[models.Outcome]int
	done     chan struct{}
}

func (n *noted) Adopt(context.Context, int64) ([]models.Reserved, error) { return n.open, nil }

func (n *noted) ActiveCampaigns(context.Context) ([]models.Campaign, error) {
	return []models.Campaign{n.campaign}, nil
}

func (n *noted) Reserve(_ context.Context, q models.ReserveRequest) (models.ReserveResult, error) {
	return models.ReserveResult{NextDue: q.Now.Add(time.Hour)}, nil
}

func (n *noted) MarkAnswered(context.Context, int64, map[string]time.Time) error { return nil }

func (n *noted) Finish(_ context.Context, _ int64, _ time.Time, fs []models.Finish) error {
	for _, f := range fs {
		n.outcomes[f.Facts.Outcome]++
	}
	if n.ended += len(fs); n.ended == len(n.open) {
		close(n.done)
	}
	return nil
}

type live struct{}

func (live) Overwrite(context.Context, dialplan.Plan, string) (dialplan.Revision, error) {
	return dialplan.Revision{}, nil
}

func (live) Publish(context.Context, dialplan.Plan) (dialplan.Revision, error) {
	return dialplan.Revision{}, nil
}

// hear lets the daemon hear the stream, and holds what it made of it against the recording.
func hear(b *testing.B, stream []byte, ids []string) time.Duration {
	b.Helper()
	db := &noted{Store: storetest.SQLite(b), outcomes: map[models.Outcome]int{}, done: make(chan struct{}),
		campaign: models.Campaign{ID: 1, OrganizationID: 1, State: models.CampaignRunning, Mode: models.ModeVoiceOnly, Rules: models.Rules{Retries: 3}}}
	now := time.Now()
	for i, id := range ids {
		lead := models.Lead{ID: int64(i + 1), CampaignID: 1, Number: "+8613800138000", State: models.LeadReserved}
		db.open = append(db.open, models.Reserved{Lead: lead, Attempt: models.Attempt{ID: id, OrganizationID: 1, CampaignID: 1, LeadID: lead.ID,
			Kind: models.KindCampaign, State: models.AttemptSent, Number: lead.Number, ReservedAt: now, SentAt: &now}})
	}
	p := newPlayer(b, "00000000-0000-4000-8000-000000000001", ids)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	client := esl.New(esl.Config{Addr: p.Addr().String(), Password: password, Logger: log})
	c := controller.New(controller.Config{Owner: "bench", Floor: floor.Defaults(), ReconcileEvery: time.Hour, DrainFor: time.Millisecond, Logger: log}, db, client, live{})
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- c.Run(ctx) }()
	conn := <-p.heard
	for !client.Connected() {
		time.Sleep(time.Millisecond)
	}
	_, err := c.View(ctx) // the floor stands and has compared its calls
	must(b, err)
	began := time.Now()
	_, err = conn.Write(stream)
	must(b, err)
	select {
	case <-db.done:
	case <-time.After(time.Minute):
		b.Fatalf("%d of %d calls ended", db.ended, len(ids))
	}
	took := time.Since(began)
	if got := db.outcomes[models.OutcomeAnswered]; got != len(ids) {
		b.Fatalf("%d of %d calls answered: %v", got, len(ids), db.outcomes)
	}
	stop()
	must(b, <-over)
	p.Close()
	p.wg.Wait()
	return took
}
