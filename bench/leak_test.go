package bench

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
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

// BenchmarkLeaks runs a campaign of 100,000 calls in this process, on SQLite, with the switch in another one, and compares
// heap and goroutines before and after (E8). A small campaign goes before, so that what is kept once is not counted.
func BenchmarkLeaks(b *testing.B) {
	const warm, calls = 2000, 100_000
	for b.Loop() {
		t := startTown(b)
		d := startDaemon(b, t)
		numbers := callees(warm+calls, "486", "111")
		d.campaign(b, numbers[:warm])
		heapBefore, before := quiet(0)
		began := time.Now()
		d.campaign(b, numbers[warm:])
		took := time.Since(began)
		heapAfter, after := quiet(before)
		d.end(b)
		if saw := t.witness(); saw.Totals.Dialled != warm+calls {
			b.Fatalf("the switch saw %d calls of %d", saw.Totals.Dialled, warm+calls)
		}
		perCall := float64(int64(heapAfter)-int64(heapBefore)) / calls
		report("E8", "heap after 100,000 calls minus before, bytes a call", perCall <= 20, "≤ 20", "%.1f (%d calls in %.0f s)", perCall, calls, took.Seconds())
		report("E8", "goroutines after 100,000 calls minus before", after <= before, "0", "%d", after-before)
	}
}

// quiet is heap and goroutines once what was going on has ended: when there are no more than want, or after some seconds.
func quiet(want int) (heap uint64, goroutines int) {
	for range 50 {
		time.Sleep(100 * time.Millisecond)
		if goroutines = runtime.NumGoroutine(); goroutines <= want {
			break
		}
	}
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, goroutines
}

// daemon is the floor with a real database, wired as the program wires it.
type daemon struct {
	*controller.Controller
	store    *store.Store
	campaign func(b *testing.B, numbers []string)
	end      func(b *testing.B)
}

func startDaemon(b *testing.B, t *town) *daemon {
	b.Helper()
	ctx, stop := context.WithCancel(context.Background())
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	d := &daemon{store: storetest.SQLite(b)}
	client := esl.New(esl.Config{Addr: t.addr, Password: password, Logger: log})
	plan, err := dialplan.NewPublisher(dialplan.Config{Dir: filepath.Join(t.dir, "data/dialplan")}, client)
	must(b, err)
	limits := floor.Defaults()
	limits.MaxCalls, limits.CPS = 0, 0
	sounds := filepath.Join(t.dir, "data/sounds")
	d.Controller = controller.New(controller.Config{Owner: "bench", Floor: limits, Logger: log, Plan: controller.PlanSettings{
		Sound: func(v models.VoiceFile) string { return filepath.Join(sounds, v.WavPath) },
		Queue: dialplan.QueueFlow{Music: "local_stream://moh", WaitSeconds: 60},
	}}, d.store, client, plan)
	draft := definitions(b, d.store)
	over := make(chan error, 1)
	go func() { over <- d.Run(ctx) }()
	d.campaign = func(b *testing.B, numbers []string) { d.runCampaign(b, draft, numbers) }
	d.end = func(b *testing.B) { stop(); must(b, <-over) }
	return d
}

// definitions makes what a campaign refers to, apart from its list.
func definitions(b *testing.B, s *store.Store) models.Campaign {
	b.Helper()
	ctx := b.Context()
	org := models.Organization{Name: "bench"}
	must(b, s.CreateOrganization(ctx, &org))
	trunk := models.Trunk{Name: "main", Gateway: "pstn", NumberFormat: models.FormatNational}
	must(b, s.CreateTrunk(ctx, &trunk))
	caller := models.CallerNumber{OrganizationID: org.ID, Number: "075512345678", Kind: "fixed", Approval: models.ApprovalApproved}
	must(b, s.CreateCallerNumber(ctx, &caller))
	voice := models.VoiceFile{OrganizationID: org.ID, Name: "notice", WavPath: "none.wav", Format: "wav", DurationMS: 1000, Approval: models.ApprovalApproved}
	must(b, s.CreateVoiceFile(ctx, &voice))
	return models.Campaign{
		OrganizationID: org.ID, Name: "bench", Mode: models.ModeVoiceOnly, State: models.CampaignReady, VoiceFileID: voice.ID,
		Rules: models.Rules{Pack: "none", Zone: "Asia/Shanghai", PerNumberDay: 3, MinGapSeconds: 60}, RingSeconds: 45, PlayCount: 1, KeySeconds: 5, TrunkIDs: []int64{trunk.ID}, CallerIDs: []int64{caller.ID},
	}
}

// patience is how long a campaign may take.
const patience = 5 * time.Minute

func (d *daemon) runCampaign(b *testing.B, c models.Campaign, numbers []string) {
	b.Helper()
	ctx := context.Background()
	list := models.ContactList{OrganizationID: c.OrganizationID, Name: "bench", Columns: []string{"手机"}, State: models.ListImporting, Approval: models.ApprovalApproved}
	must(b, d.store.CreateContactList(ctx, &list))
	const block = 5000
	for start := 0; start < len(numbers); start += block {
		var contacts []models.Contact
		for i, n := range numbers[start:min(start+block, len(numbers))] {
			contacts = append(contacts, models.Contact{Row: int64(start + i + 1), Number: "+86" + n, Zone: "Asia/Shanghai", Fields: []string{n}})
		}
		done := int64(start + len(contacts))
		_, err := d.store.AppendContacts(ctx, list.ID, contacts, models.ContactList{Rows: done, Valid: done, ResumeRow: done})
		must(b, err)
	}
	list, err := d.store.ContactList(ctx, list.ID)
	must(b, err)
	list.State = models.ListReady
	must(b, d.store.UpdateContactList(ctx, list))
	c.ContactListID = list.ID
	must(b, d.store.CreateCampaign(ctx, &c))
	must(b, d.StartCampaign(ctx, c.ID))
	for deadline := time.Now().Add(patience); c.State != models.CampaignFinished; time.Sleep(250 * time.Millisecond) {
		c, err = d.store.Campaign(ctx, c.ID)
		must(b, err)
		if time.Now().After(deadline) {
			p, _ := d.store.Progress(ctx, c.ID)
			v, _ := d.View(ctx)
			b.Fatalf("campaign %s: %+v; the floor: %+v", c.State, p, v.Campaigns[c.ID])
		}
	}
}
