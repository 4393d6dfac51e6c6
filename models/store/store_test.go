package store_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// noon is the time of most tests: a Friday, 12:00 in UTC.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 123456000, time.UTC)

// floor is a database with a campaign that runs, its leads and a lease.
type floor struct {
	*store.Store
	t        testing.TB
	ctx      context.Context
	org      int64
	campaign models.Campaign
	epoch    int64
}

// newFloor makes an organization with a running campaign of n leads, +86138000NNNNN from 1.
func newFloor(t testing.TB, s *store.Store, n int) *floor {
	t.Helper()
	f := &floor{Store: s, t: t, ctx: t.Context()}
	o := models.Organization{Name: "测试机构"}
	f.must(s.CreateOrganization(f.ctx, &o))
	f.org = o.ID
	f.campaign = f.newCampaign(f.newList(n), models.Rules{})
	f.lease("floor-a")
	return f
}

func (f *floor) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *floor) lease(owner string) {
	f.t.Helper()
	l, ok, err := f.AcquireLease(f.ctx, owner, time.Hour)
	f.must(err)
	if !ok {
		f.t.Fatalf("lease of %s: held by %s", owner, l.Owner)
	}
	f.epoch = l.Epoch
}

func number(i int) string { return fmt.Sprintf("+86138%08d", i) }

func contacts(n int) []models.Contact {
	cs := make([]models.Contact, n)
	for i := range cs {
		cs[i] = models.Contact{Row: int64(i + 1), Number: number(i + 1), Zone: "Asia/Shanghai", Fields: []string{number(i + 1), "客户"}}
	}
	return cs
}

func (f *floor) newList(n int) int64 {
	f.t.Helper()
	l := models.ContactList{OrganizationID: f.org, Name: "名单", Columns: []string{"电话", "姓名"}}
	f.must(f.CreateContactList(f.ctx, &l))
	if n > 0 {
		dup, err := f.AppendContacts(f.ctx, l.ID, contacts(n), models.ContactList{Rows: int64(n), Valid: int64(n), ResumeRow: int64(n)})
		f.must(err)
		if len(dup) != 0 {
			f.t.Fatalf("duplicates in a new list: %v", dup)
		}
	}
	return l.ID
}

// newCampaign makes a running campaign with its leads due at noon.
func (f *floor) newCampaign(list int64, rules models.Rules) models.Campaign {
	f.t.Helper()
	c := models.Campaign{OrganizationID: f.org, Name: "群呼", Mode: models.ModeVoiceOnly, ContactListID: list, RingSeconds: 45,
		PlayCount: 1, Rules: rules, TrunkIDs: []int64{1}, Keys: map[string]string{"1": "有意向"}}
	f.must(f.CreateCampaign(f.ctx, &c))
	_, err := f.PrepareLeads(f.ctx, c.ID, noon)
	f.must(err)
	f.must(f.SetCampaignState(f.ctx, c.ID, []models.CampaignState{models.CampaignDraft}, models.CampaignRunning, "", noon))
	c.State = models.CampaignRunning
	return c
}

func (f *floor) request(n int) models.ReserveRequest {
	return models.ReserveRequest{Epoch: f.epoch, Campaign: f.campaign, Limit: n, Now: noon, Pack: "CN", PackVersion: "2020",
		Window:   func(string) (models.Gate, time.Time) { return models.GateOpen, time.Time{} },
		DayStart: func(string) time.Time { return noon.Truncate(24 * time.Hour) }}
}

func (f *floor) reserve(n int) []models.Reserved {
	f.t.Helper()
	res, err := f.Reserve(f.ctx, f.request(n))
	f.must(err)
	return res.Reserved
}

func (f *floor) send(now time.Time, rs []models.Reserved) (sent []string, refused []models.Refusal) {
	f.t.Helper()
	sent, refused, err := f.MarkSent(f.ctx, f.epoch, now, f.campaign, sends(rs))
	f.must(err)
	return sent, refused
}

func sends(rs []models.Reserved) []models.Send {
	out := make([]models.Send, len(rs))
	for i, r := range rs {
		out[i] = models.Send{AttemptID: r.Attempt.ID, TrunkID: 1, Gateway: "gw1", Dialled: r.Attempt.Number[3:], Caller: "075512345678"}
	}
	return out
}

func ids(rs []models.Reserved) []string {
	out := make([]string, len(rs))
	for i, r := range rs {
		out[i] = r.Attempt.ID
	}
	return out
}

// finishes ends attempts as answered, their leads done.
func finishes(rs []models.Reserved) []models.Finish {
	out := make([]models.Finish, len(rs))
	for i, r := range rs {
		at := noon.Add(5 * time.Second)
		end := at.Add(10 * time.Second)
		out[i] = models.Finish{AttemptID: r.Attempt.ID, CampaignID: r.Attempt.CampaignID,
			Facts: models.Facts{AnsweredAt: &at, HungUpAt: &end, EndedAt: &end, Outcome: models.OutcomeAnswered, Sub: models.SubKey,
				Placed: true, Cause: "NORMAL_CLEARING", Q850: 16, SIPStatus: 200, WhoHungUp: models.HangupCallee,
				Keys: []models.Key{{Digit: "1", At: at}}, TalkMS: 10000, RingMS: 4000},
			Lead: &models.LeadAfter{ID: r.Lead.ID, State: models.LeadDone, Attempts: r.Lead.Attempts + 1,
				Why: models.GateFinal, LastOutcome: models.OutcomeAnswered, OutcomeRuns: 1}}
	}
	return out
}
