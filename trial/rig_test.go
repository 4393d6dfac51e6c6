package trial

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"waihu/controller"
	"waihu/controller/cdr"
	"waihu/controller/clock"
	"waihu/controller/esl"
	"waihu/controller/floor"
	"waihu/dialplan"
	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
	"waihu/simulator"
)

// setup is what a trial changes of the usual rig.
type setup struct {
	speed     float64  // of the clock that switch and daemon share, 10
	list      []string // as in a file, default 300 numbers
	noRecords bool     // the switch writes no call records
	sw        func(*simulator.Config)
	floor     func(*floor.Config)
	campaign  func(*models.Campaign)
	trunk     func(*models.Trunk)
	client    func(*esl.Config)
	agents    []models.Agent // of one queue, which the campaign's agent key leads to
	registrar bool           // phones are registered when the switch says so, else always
	queue     func(*models.Queue)
	ready     func(*rig)    // called when everything is defined and before the daemon runs
	files     bool          // the daemon sees the files that the switch records
	drain     time.Duration // how long the daemon lets calls go on when it ends
}

// rig is a daemon in this process with everything around it: real event-socket client, publisher and database.
type rig struct {
	t      *testing.T
	x      *exchange
	db     store.Config
	store  *store.Store
	clk    *clock.Virtual
	client *esl.Client
	ctl    *controller.Controller
	camp   models.Campaign
	queue  models.Queue
	agents []models.Agent
	list   []string
	stop   func() // lets the daemon end in order and waits for it
}

func newRig(t *testing.T, db store.Config, o setup) *rig {
	t.Helper()
	if o.speed == 0 {
		o.speed = 10
	}
	if o.list == nil {
		o.list = numbers(1300, 300)
	}
	r := &rig{t: t, db: db, list: o.list, clk: clock.NewVirtual(time.Date(2026, 5, 6, 2, 0, 0, 0, time.UTC), o.speed)}
	r.x = newExchange(t, func(c *simulator.Config) {
		c.Clock = r.clk
		if o.noRecords {
			c.CDRDir = ""
		}
		if o.sw != nil {
			o.sw(c)
		}
	})
	r.store = storetest.Open(t, db, true)
	r.define(o)
	if o.ready != nil {
		o.ready(r)
	}
	r.daemon(o)
	return r
}

// define makes the campaign and all that it refers to.
func (r *rig) define(o setup) {
	ctx, must := context.Background(), func(err error) {
		r.t.Helper()
		if err != nil {
			r.t.Fatal(err)
		}
	}
	org := models.Organization{Name: "trial"}
	must(r.store.CreateOrganization(ctx, &org))
	trunk := models.Trunk{Name: "main", Gateway: gateway, NumberFormat: models.FormatNational}
	if o.trunk != nil {
		o.trunk(&trunk)
	}
	must(r.store.CreateTrunk(ctx, &trunk))
	caller := models.CallerNumber{OrganizationID: org.ID, Number: "075512345678", Kind: "fixed", Approval: models.ApprovalApproved}
	must(r.store.CreateCallerNumber(ctx, &caller))
	voice := models.VoiceFile{OrganizationID: org.ID, Name: "notice", WavPath: "notice.wav", Format: "wav", DurationMS: 500, Approval: models.ApprovalApproved, SHA256: "0"}
	must(r.store.CreateVoiceFile(ctx, &voice))
	list := models.ContactList{OrganizationID: org.ID, Name: "list", State: models.ListReady, Approval: models.ApprovalApproved, Columns: []string{"手机"}}
	must(r.store.CreateContactList(ctx, &list))
	var contacts []models.Contact
	for i, n := range o.list {
		contacts = append(contacts, models.Contact{OrganizationID: org.ID, ListID: list.ID, Row: int64(i + 1), Number: "+86" + n, Zone: "Asia/Shanghai", Fields: []string{n}})
	}
	_, err := r.store.AppendContacts(ctx, list.ID, contacts, models.ContactList{Rows: int64(len(contacts)), Valid: int64(len(contacts)), ResumeRow: int64(len(contacts))})
	must(err)
	r.camp = models.Campaign{
		OrganizationID: org.ID, Name: "trial", Mode: models.ModeVoiceKey, State: models.CampaignDraft, ContactListID: list.ID, VoiceFileID: voice.ID,
		RingSeconds: 5, PlayCount: 1, ExtraSeconds: 5, KeySeconds: 1, TrunkIDs: []int64{trunk.ID}, CallerIDs: []int64{caller.ID},
		Rules: models.Rules{
			Pack: "none", Zone: "Asia/Shanghai", Retries: 1,
			RetryRules: []models.RetryRule{{Outcome: models.OutcomeBusy, Times: 1, DelaySeconds: 5, Factor: 1}},
		},
	}
	r.staff(o, org.ID)
	if o.campaign != nil {
		o.campaign(&r.camp)
	}
	must(r.store.CreateCampaign(ctx, &r.camp))
}

// staff makes the queue and its agents, each with an extension: the first has 1001.
func (r *rig) staff(o setup, org int64) {
	if len(o.agents) == 0 {
		return
	}
	ctx, must := context.Background(), func(err error) {
		r.t.Helper()
		if err != nil {
			r.t.Fatal(err)
		}
	}
	r.queue = models.Queue{OrganizationID: org, Name: "客服一组", Strategy: models.StrategyLongestIdle, RingSeconds: 10, MaxMissed: 3, MaxWaitSeconds: 60,
		ServiceLevelSeconds: 20, Overflow: models.Overflow{Kind: models.OverflowHangUp}}
	if o.queue != nil {
		o.queue(&r.queue)
	}
	must(r.store.CreateQueue(ctx, &r.queue))
	var members []models.QueueMember
	for i, a := range o.agents {
		ext := models.Extension{OrganizationID: org, Number: fmt.Sprint(1001 + i), Password: "secret"}
		must(r.store.CreateExtension(ctx, &ext))
		a.OrganizationID, a.StaffNumber, a.Name = org, fmt.Sprint(8001+i), fmt.Sprint("agent ", i+1)
		if a.ExternalNumber == "" {
			a.ExtensionID = ext.ID
		}
		must(r.store.CreateAgent(ctx, &a, &models.User{OrganizationID: org, Login: a.StaffNumber, Role: models.RoleAgent, PasswordHash: "-"}))
		r.agents = append(r.agents, a)
		members = append(members, models.QueueMember{QueueID: r.queue.ID, AgentID: a.ID, Active: true, Priority: 1})
	}
	must(r.store.SetQueueMembers(ctx, r.queue.ID, members))
	r.camp.AgentKey, r.camp.QueueID = "1", r.queue.ID
}

// daemon puts the daemon together as the program does and runs it.
func (r *rig) daemon(o setup) {
	r.t.Helper()
	e := esl.Config{Addr: r.x.Addr(), Password: password, Logger: logs()}
	if o.client != nil {
		o.client(&e)
	}
	r.client = esl.New(e)
	plan, err := dialplan.NewPublisher(dialplan.Config{Dir: r.x.dialplan}, r.client)
	if err != nil {
		r.t.Fatal(err)
	}
	f := floor.Defaults()
	speed := time.Duration(o.speed)
	f.Ahead, f.StaleAge, f.Grace = f.Ahead*speed, f.StaleAge*speed, f.Grace*speed
	if o.floor != nil {
		o.floor(&f)
	}
	phones := r.phones
	if o.registrar {
		phones = r.registered
	}
	here := ""
	if o.files {
		here = r.x.sounds
	}
	r.ctl = controller.New(controller.Config{
		Owner: "trial/" + r.t.Name(), Floor: f, Clock: r.clk, ReconcileEvery: 10 * time.Second / speed, Records: cdr.Spool(r.x.cdr), Logger: logs(), DrainFor: o.drain,
		Phones: controller.PhoneSettings{Domain: "waihu.test", Recordings: r.x.sounds, RecordingsHere: here, Registered: phones, ConfirmSound: r.x.sounds + "/press1.wav"},
		Plan: controller.PlanSettings{
			Sound: func(v models.VoiceFile) string { return r.x.sounds + "/" + v.WavPath },
			Queue: dialplan.QueueFlow{WaitSeconds: 5}, Recordings: r.x.sounds,
		},
	}, r.store, r.client, plan)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := r.ctl.Run(ctx); err != nil {
			r.t.Errorf("daemon: %v", err)
		}
	})
	r.stop = func() { cancel(); wg.Wait() }
	r.t.Cleanup(r.stop)
	eventually(r.t, 20*time.Second, "the switch connected", r.client.Connected)
}

func (r *rig) start() {
	r.t.Helper()
	if err := r.ctl.StartCampaign(r.t.Context(), r.camp.ID); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) state() models.CampaignState {
	c, err := r.store.Campaign(context.Background(), r.camp.ID)
	if err != nil {
		return ""
	}
	return c.State
}

func (r *rig) finished() bool { return r.state() == models.CampaignFinished }

// finish waits for the campaign's end and for the last call.
func (r *rig) finish(limit time.Duration) {
	r.t.Helper()
	eventually(r.t, limit, "the campaign's end", r.finished, r.floor)
	eventually(r.t, limit, "the last call's end", func() bool { return r.x.busy() == 0 })
}

// settled waits until the last call has ended and nothing is on its way to the switch any more, and counts what was dialled.
func (r *rig) settled() int {
	r.t.Helper()
	for n := r.x.dialled(); ; {
		eventually(r.t, patience, "the last call's end", func() bool { return r.x.busy() == 0 })
		pass(500 * time.Millisecond)
		now := r.x.dialled()
		if now == n {
			return n
		}
		n = now
	}
}

// floor is what the daemon says that it is doing.
func (r *rig) floor() string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	v, err := r.ctl.View(ctx)
	return fmt.Sprintf("%+v %v", v, err)
}

// why is the reason for which the campaign dials nothing (more) now.
func (r *rig) why() models.Gate {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	v, err := r.ctl.View(ctx)
	if err != nil {
		return "no floor"
	}
	return v.Campaigns[r.camp.ID].Why
}

// audit holds the ledger against the switch and reports.
func (r *rig) audit(change func(*terms)) verdict {
	r.t.Helper()
	w := terms{leads: len(r.list), dials: 2, again: map[string]bool{string(models.OutcomeBusy): true}, exact: true}
	if change != nil {
		change(&w)
	}
	v := audit(r.t, r.db, r.x.Report(), w)
	r.t.Log(v)
	return v
}
