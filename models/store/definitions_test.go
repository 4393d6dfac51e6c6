package store_test

import (
	"bytes"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// same fails when what was read is not what was written.
func same[T any](t *testing.T, what string, got T, err error, want T) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func TestDefinitionsRoundTrip(t *testing.T) {
	later := noon.Add(time.Hour)
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		o := models.Organization{Name: "总公司", CreatedAt: noon}
		must(s.CreateOrganization(ctx, &o))
		got, err := s.Organization(ctx, o.ID)
		same(t, "organization", got, err, o)
		orgs, err := s.Organizations(ctx)
		same(t, "organizations", orgs, err, []models.Organization{o})

		u := models.User{OrganizationID: o.ID, Login: "Zhang.San", PasswordHash: "$argon2id$v=19$m=65536,t=1,p=2$c2FsdA$aGFzaA", Role: models.RoleAdmin, CreatedAt: noon}
		must(s.CreateUser(ctx, &u))
		u.Disabled, u.Role = true, models.RoleAgent
		must(s.UpdateUser(ctx, u))
		byLogin, err := s.UserByLogin(ctx, "ZHANG.san")
		same(t, "user", byLogin, err, u)
		users, err := s.Users(ctx, o.ID)
		same(t, "users", users, err, []models.User{u})

		tr := models.Trunk{OrganizationID: 0, Name: "trunk-1", Gateway: "gw1", DialPrefix: "9", NumberFormat: models.FormatNational, Lines: 30, HandLines: 4, CPS: 12.5, Allow400: true}
		must(s.CreateTrunk(ctx, &tr))
		tr.Lines, tr.HandLines, tr.Paused = 0, 3, true // the pause is not the business of an update
		stale := tr
		must(s.UpdateTrunk(ctx, &tr))
		if err := s.UpdateTrunk(ctx, &stale); !models.IsKind(err, models.Conflict) || tr.Version != 2 {
			t.Errorf("a trunk that was changed meanwhile, version %d: %v", tr.Version, err)
		}
		tr.Paused = false
		byName, err := s.TrunkByName(ctx, "trunk-1")
		same(t, "trunk", byName, err, tr)
		must(s.PauseTrunk(ctx, tr.ID, true, "挂断过多", &later))
		tr.Paused, tr.PausedReason, tr.PausedUntil = true, "挂断过多", &later
		own := models.Trunk{OrganizationID: o.ID + 1, Name: "trunk-2", Gateway: "gw2", NumberFormat: models.FormatE164}
		must(s.CreateTrunk(ctx, &own))
		trunks, err := s.Trunks(ctx, o.ID)
		same(t, "trunks of an organization", trunks, err, []models.Trunk{tr})
		trunks, err = s.Trunks(ctx, 0)
		same(t, "all trunks", trunks, err, []models.Trunk{tr, own})

		cn := models.CallerNumber{OrganizationID: o.ID, UploadedBy: "wang", Number: "075512345678", Kind: "fixed", Approval: models.ApprovalPending, CreatedAt: noon}
		must(s.CreateCallerNumber(ctx, &cn))
		cn.Approval = models.ApprovalApproved
		must(s.UpdateCallerNumber(ctx, cn))
		callers, err := s.CallerNumbers(ctx, o.ID)
		same(t, "caller numbers", callers, err, []models.CallerNumber{cn})

		v := models.VoiceFile{OrganizationID: o.ID, UploadedBy: "wang", Name: "通知", OriginalName: "a.mp3", OriginalPath: "o/1.mp3", WavPath: "w/1.wav", SHA256: strings.Repeat("a", 64), Format: "mp3", DurationMS: 9876, Approval: models.ApprovalPending, CreatedAt: noon}
		must(s.CreateVoiceFile(ctx, &v))
		v.Approval, v.Reason = models.ApprovalRejected, "噪音"
		must(s.UpdateVoiceFile(ctx, v))
		voices, err := s.VoiceFiles(ctx, o.ID)
		same(t, "voice files", voices, err, []models.VoiceFile{v})

		testCampaigns(t, s, o, tr, cn, v, u)
	})
}

// testCampaigns goes on with what a campaign refers to.
func testCampaigns(t *testing.T, s *store.Store, o models.Organization, tr models.Trunk, cn models.CallerNumber, v models.VoiceFile, u models.User) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	l := models.ContactList{OrganizationID: o.ID, UploadedBy: "wang", Name: "名单", FileName: "a.csv", FileSHA256: strings.Repeat("b", 64), Columns: []string{"电话", "姓名"}, NumberColumn: 1, State: models.ListImporting, Approval: models.ApprovalPending, CreatedAt: noon}
	must(s.CreateContactList(ctx, &l))
	l.State, l.Rows, l.Valid, l.ResumeRow = models.ListReady, 5, 4, 5
	must(s.UpdateContactList(ctx, l))
	lists, err := s.ContactLists(ctx, o.ID)
	same(t, "contact lists", lists, err, []models.ContactList{l})

	c := models.Campaign{OrganizationID: o.ID, Name: "回访", Mode: models.ModeVoiceKey, ContactListID: l.ID, VoiceFileID: v.ID, QueueID: 3, Purpose: "notice",
		MaxConcurrency: 999, RingSeconds: 45, PlayCount: 3, ExtraSeconds: 20, AgentKey: "1", OptOutKey: "9", KeySeconds: 5,
		Rules: models.Rules{Pack: "CN", Windows: []models.Window{{Weekday: time.Monday, From: 540, To: 1200}}, Holidays: []string{"2026-10-01"}, NumberZone: true, Zone: "Asia/Shanghai",
			Retries: 2, RetryRules: []models.RetryRule{{Outcome: models.OutcomeBusy, Times: 2, DelaySeconds: 300, Factor: 1.5}}, PerNumberDay: 3, MinGapSeconds: 600},
		TrunkIDs: []int64{tr.ID}, CallerIDs: []int64{cn.ID}, Keys: map[string]string{"1": "有意向"}, CreatedAt: noon}
	must(s.CreateCampaign(ctx, &c))
	gotC, err := s.Campaign(ctx, c.ID)
	same(t, "campaign", gotC, err, c)
	stale := c
	c.Name, c.MaxConcurrency = "回访二", 0
	must(s.UpdateCampaign(ctx, &c))
	if err := s.UpdateCampaign(ctx, &stale); !models.IsKind(err, models.Conflict) {
		t.Errorf("update of a stale version: %v", err)
	}
	gotC, err = s.Campaign(ctx, c.ID)
	gotC.UpdatedAt, c.UpdatedAt = noon, noon
	same(t, "updated campaign", gotC, err, c)
	testConflicts(t, s, u, tr, v, l)
}

func testConflicts(t *testing.T, s *store.Store, u models.User, tr models.Trunk, v models.VoiceFile, l models.ContactList) {
	t.Helper()
	ctx := t.Context()
	_, noUser := s.UserByLogin(ctx, "nobody")
	_, noTrunk := s.TrunkByName(ctx, "none")
	_, noCampaign := s.Campaign(ctx, 999)
	_, noAttempt := s.Attempt(ctx, "none")
	for _, tt := range []struct {
		what string
		err  error
		kind models.Kind
	}{
		{"login taken", s.CreateUser(ctx, &models.User{Login: "ZHANG.SAN", Role: models.RoleAgent}), models.Conflict},
		{"trunk name taken", s.CreateTrunk(ctx, &models.Trunk{Name: tr.Name}), models.Conflict},
		{"voice file in use", s.DeleteVoiceFile(ctx, v.ID), models.Conflict},
		{"list in use", s.DeleteContactList(ctx, l.ID), models.Conflict},
		{"no user", noUser, models.NotFound}, {"no trunk", noTrunk, models.NotFound},
		{"no campaign", noCampaign, models.NotFound}, {"no attempt", noAttempt, models.NotFound},
		{"update of nothing", s.UpdateUser(ctx, models.User{ID: 999, Login: "x"}), models.NotFound},
		{"delete of nothing", s.DeleteCallerNumber(ctx, 999), models.NotFound},
		{"state of nothing", s.SetCampaignState(ctx, 999, []models.CampaignState{models.CampaignDraft}, models.CampaignReady, "", noon), models.NotFound},
	} {
		if !models.IsKind(tt.err, tt.kind) {
			t.Errorf("%s: %v, want %s", tt.what, tt.err, tt.kind)
		}
		var e *models.Error
		if errors.As(tt.err, &e) && (e.Error() == "" || e.ZH() == "" || e.ZH() == e.Error()) {
			t.Errorf("%s has no text in both languages: %q %q", tt.what, e.Error(), e.ZH())
		}
	}
	for what, err := range map[string]error{"trunk": s.DeleteTrunk(ctx, tr.ID), "user again": s.UpdateUser(ctx, u)} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestDeleteContactList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 0)
		gone, kept := f.newList(5001), f.newList(3)
		f.must(f.DeleteContactList(f.ctx, gone))
		if _, err := f.ContactList(f.ctx, gone); !models.IsKind(err, models.NotFound) {
			t.Errorf("list after its end: %v", err)
		}
		c := models.Campaign{OrganizationID: f.org, Name: "x", Mode: models.ModeVoiceOnly, ContactListID: gone}
		f.must(f.CreateCampaign(f.ctx, &c))
		if n, err := f.PrepareLeads(f.ctx, c.ID, noon); err != nil || n != 0 {
			t.Errorf("%d contacts left: %v", n, err)
		}
		c.ContactListID = kept
		f.must(f.UpdateCampaign(f.ctx, &c))
		if n, err := f.PrepareLeads(f.ctx, c.ID, noon); err != nil || n != 3 {
			t.Errorf("%d contacts of another list: %v", n, err)
		}
	})
}

func TestCampaignStates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 0)
		id := f.campaign.ID
		set := func(to models.CampaignState, at time.Time, from ...models.CampaignState) error {
			return f.SetCampaignState(f.ctx, id, from, to, "原因", at)
		}
		f.must(set(models.CampaignPaused, noon.Add(time.Minute), models.CampaignRunning))
		if err := set(models.CampaignStopped, noon, models.CampaignRunning, models.CampaignStopping); !models.IsKind(err, models.Conflict) {
			t.Errorf("stop of a paused campaign: %v", err)
		}
		f.must(set(models.CampaignRunning, noon.Add(time.Hour), models.CampaignPaused, models.CampaignReady))
		f.must(set(models.CampaignFinished, noon.Add(2*time.Hour), models.CampaignRunning))
		c, err := f.Campaign(f.ctx, id)
		f.must(err)
		if !c.StartedAt.Equal(noon) || !c.FinishedAt.Equal(noon.Add(2*time.Hour)) || c.StateReason != "原因" {
			t.Errorf("campaign %+v", c)
		}
	})
}

// Results are read in blocks; the number of blocks must not show.
func TestResultsInBlocks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const n = 2001
		f := newFloor(t, s, n)
		rs := f.reserve(500)
		f.send(noon, rs)
		f.must(f.Finish(f.ctx, f.epoch, noon, finishes(rs)))
		i := 0
		f.must(f.Results(f.ctx, f.campaign.ID, func(r models.Result) error {
			i++
			if r.Lead.Number != number(i) || len(r.Fields) != 2 || (r.Attempt != nil) != (i <= 500) || r.Attempt != nil && (r.Attempt.LeadID != r.Lead.ID || r.Attempt.Cause != "NORMAL_CLEARING") {
				t.Fatalf("result %d: %+v", i, r)
			}
			return nil
		}))
		if i != n {
			t.Errorf("%d results", i)
		}
		stop := errors.New("disk full")
		if err := f.Results(f.ctx, f.campaign.ID, func(models.Result) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("error of each: %v", err)
		}
		var seen int
		for after := ""; ; {
			page, err := f.Attempts(f.ctx, f.campaign.ID, after, 120)
			f.must(err)
			if len(page) == 0 {
				break
			}
			seen += len(page)
			after = page[len(page)-1].ID
		}
		if seen != 500 {
			t.Errorf("%d attempts in pages", seen)
		}
	})
}

// Numbers are personal data: they are in no log line, whatever goes wrong.
func TestNoNumbersInLogs(t *testing.T) {
	for name, config := range map[string]func(testing.TB) store.Config{"sqlite": storetest.SQLiteConfig, "mariadb": storetest.MariaDBConfig} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			c := config(t)
			c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			s := storetest.Open(t, c, false) // no tables: every statement fails
			e := []models.BlacklistEntry{{Number: "+8613912345678"}}
			_, err := s.AddBlacklist(t.Context(), e)
			if err == nil || strings.Contains(err.Error(), "13912345678") {
				t.Errorf("error %v", err)
			}
			if !strings.Contains(log.String(), "blacklist_entries") || strings.Contains(log.String(), "13912345678") {
				t.Errorf("log:\n%s", log.String())
			}
		})
	}
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("open and close", func(t *testing.T) {
		storetest.Each(t, func(t *testing.T, s *store.Store) { newFloor(t, s, 10).reserve(5) })
	})
	goleak.VerifyNone(t, before)
}
