package store_test

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// history gives a floor n attempts that have ended: every third no_answer, the others answered with key 1, every tenth with
// key 9 and every seventh with none.
func (f *floor) history(n int) {
	f.t.Helper()
	rs := f.reserve(n)
	f.send(noon, rs)
	fins := finishes(rs)
	for i := range fins {
		switch {
		case i%3 == 0:
			fins[i].Facts.Outcome, fins[i].Facts.Sub, fins[i].Facts.Keys = models.OutcomeNoAnswer, "", nil
			fins[i].Lead.LastOutcome = models.OutcomeNoAnswer
		case i%7 == 0:
			fins[i].Facts.Sub, fins[i].Facts.Keys = models.SubPlayedToEnd, nil
		case i%10 == 0:
			fins[i].Facts.Keys[0].Digit = "9"
		}
	}
	f.must(f.Finish(f.ctx, f.epoch, noon.Add(time.Minute), fins))
}

// through pages from the beginning to the end and returns every id once, in order.
func through[T any](t *testing.T, page func(models.Page) ([]T, string, error), id func(T) string, size int) []string {
	t.Helper()
	var out []string
	p := models.Page{Limit: size}
	for range 1000 {
		items, next, err := page(p)
		if err != nil {
			t.Fatal(err)
		}
		if len(items) > size {
			t.Fatalf("%d items on a page of %d", len(items), size)
		}
		for _, v := range items {
			out = append(out, id(v))
		}
		if next == "" {
			return out
		}
		p.After = next
	}
	t.Fatal("the pages have no end")
	return nil
}

func TestAttemptPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 40)
		f.history(40)
		id := func(a models.Attempt) string { return a.ID }
		pages := func(q models.AttemptQuery, size int) []string {
			q.OrganizationID = f.org
			return through(t, func(p models.Page) ([]models.Attempt, string, error) {
				q.Page = p
				return s.AttemptPage(f.ctx, q)
			}, id, size)
		}
		all := pages(models.AttemptQuery{}, 7)
		want, err := s.Attempts(f.ctx, f.campaign.ID, "", 100)
		f.must(err)
		var ids []string
		for _, a := range want {
			ids = append(ids, a.ID)
		}
		slices.Reverse(ids)
		if !slices.Equal(all, ids) || len(all) != 40 {
			t.Fatalf("pages of 7 gave %d attempts, not the newest first:\n%v\n%v", len(all), all, ids)
		}
		for name, c := range map[string]struct {
			q models.AttemptQuery
			n int
		}{
			"campaign":             {models.AttemptQuery{CampaignID: f.campaign.ID}, 40},
			"another campaign":     {models.AttemptQuery{CampaignID: f.campaign.ID + 1}, 0},
			"outcome":              {models.AttemptQuery{Outcome: models.OutcomeNoAnswer}, 14},
			"campaign and outcome": {models.AttemptQuery{CampaignID: f.campaign.ID, Outcome: models.OutcomeAnswered}, 26},
			"number":               {models.AttemptQuery{Number: number(3)}, 1},
			"beginning":            {models.AttemptQuery{Number: number(3)[:13] + "*"}, 9},
			"a percent is text":    {models.AttemptQuery{Number: "%*"}, 0},
			"kind":                 {models.AttemptQuery{Kind: models.KindCampaign}, 40},
			"tests":                {models.AttemptQuery{Kind: models.KindTest}, 0},
			"lead":                 {models.AttemptQuery{LeadID: want[4].LeadID}, 1},
			"from":                 {models.AttemptQuery{From: want[0].ReservedAt}, 40},
			"to":                   {models.AttemptQuery{To: want[0].ReservedAt}, 0},
		} {
			if got := pages(c.q, 6); len(got) != c.n {
				t.Errorf("%s: %d attempts, want %d", name, len(got), c.n)
			}
		}
		if _, _, err := s.AttemptPage(f.ctx, models.AttemptQuery{OrganizationID: f.org, Page: models.Page{After: "x' OR 1"}}); !models.IsKind(err, models.Invalid) {
			t.Errorf("cursor of somebody's making: %v", err)
		}
		if other, _, err := s.AttemptPage(f.ctx, models.AttemptQuery{OrganizationID: f.org + 1}); err != nil || len(other) != 0 {
			t.Errorf("another organization sees %d attempts: %v", len(other), err)
		}
		day, err := s.CountsSince(f.ctx, f.org, noon.Add(-time.Minute))
		f.must(err)
		if day.Dialled != 40 || day.Answered != 26 {
			t.Errorf("today %+v", day)
		}
	})
}

func TestResultPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 40)
		f.history(30)
		for name, c := range map[string]struct {
			q models.ResultQuery
			n int
		}{
			"all":              {models.ResultQuery{}, 40},
			"outcome":          {models.ResultQuery{Outcome: models.OutcomeNoAnswer}, 10},
			"sub":              {models.ResultQuery{Sub: models.SubPlayedToEnd}, 3},
			"key":              {models.ResultQuery{Key: "9"}, 2},
			"any key":          {models.ResultQuery{Key: models.KeyAny}, 17},
			"no key":           {models.ResultQuery{Key: models.KeyNone}, 3},
			"number part":      {models.ResultQuery{Text: number(12)[8:]}, 1},
			"column part":      {models.ResultQuery{Text: "客户"}, 40},
			"wildcard":         {models.ResultQuery{Text: "_户"}, 0},
			"sub and key":      {models.ResultQuery{Sub: models.SubKey, Key: "1"}, 15},
			"outcome, no key":  {models.ResultQuery{Outcome: models.OutcomeNoAnswer, Key: models.KeyNone}, 0},
			"outcome and text": {models.ResultQuery{Outcome: models.OutcomeAnswered, Text: number(12)[8:]}, 1},
			"key and text":     {models.ResultQuery{Key: "9", Text: "客户"}, 2},
			"no such outcome":  {models.ResultQuery{Outcome: models.OutcomeUnwanted}, 0},
		} {
			c.q.CampaignID = f.campaign.ID
			got := through(t, func(p models.Page) ([]models.Result, string, error) {
				c.q.Page = p
				return s.ResultPage(f.ctx, c.q)
			}, func(r models.Result) string { return r.Lead.Number }, 7)
			if len(got) != c.n || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != c.n {
				t.Errorf("%s: %d results, want %d in the order of the list: %v", name, len(got), c.n, got)
			}
			var streamed []string
			f.must(s.ResultsWhere(f.ctx, c.q, func(r models.Result) error {
				if r.Lead.LastAttempt != "" && r.Attempt == nil || len(r.Fields) != 2 {
					t.Errorf("%s: incomplete %+v", name, r)
				}
				streamed = append(streamed, r.Lead.Number)
				return nil
			}))
			if !slices.Equal(got, streamed) {
				t.Errorf("%s: an export gives %d rows, the pages %d", name, len(streamed), len(got))
			}
		}
		if _, _, err := s.ResultPage(f.ctx, models.ResultQuery{CampaignID: f.campaign.ID, Key: "x"}); !models.IsKind(err, models.Invalid) {
			t.Errorf("key x: %v", err)
		}
	})
}

// Leads that were called before they knew how their last attempt ended learn it when the database is migrated.
func TestResultsOfOldLeads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 40)
		f.history(30)
		n := func(q models.ResultQuery) int {
			q.CampaignID, q.Limit = f.campaign.ID, 100
			items, _, err := s.ResultPage(f.ctx, q)
			f.must(err)
			return len(items)
		}
		for {
			f.must(s.MigrateDown(f.ctx))
			steps, err := s.Migrations(f.ctx)
			f.must(err)
			if i := slices.IndexFunc(steps, func(m store.MigrationStep) bool { return m.ID == "0080_leads_last_sub" }); !steps[i].Applied {
				break
			}
		}
		f.must(s.Migrate(f.ctx))
		if played, nine, none := n(models.ResultQuery{Sub: models.SubPlayedToEnd}), n(models.ResultQuery{Key: "9"}), n(models.ResultQuery{Key: models.KeyNone}); played != 3 || nine != 2 || none != 3 {
			t.Errorf("after the migration %d played to the end, %d pressed 9, %d nothing", played, nine, none)
		}
	})
}

// A search for what is nowhere comes to an end, page by page, none of which looks at everybody.
func TestResultPagesOfLongSearch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 0)
		f.campaign = f.newCampaign(f.benchList(20_000), models.Rules{})
		q := models.ResultQuery{CampaignID: f.campaign.ID, Text: number(19_999)}
		pages, found := 0, 0
		for ; pages == 0 || q.After != ""; pages++ {
			items, next, err := s.ResultPage(f.ctx, q)
			f.must(err)
			found += len(items)
			q.After = next
		}
		if pages < 2 || found != 1 {
			t.Errorf("found %d on %d pages", found, pages)
		}
	})
}

func TestCampaignAndListPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 3)
		for i := range 11 {
			c := models.Campaign{OrganizationID: f.org, Name: fmt.Sprintf("50%%_%d", i), Mode: models.ModeVoiceOnly, ContactListID: f.campaign.ContactListID, RingSeconds: 30, PlayCount: 1}
			f.must(s.CreateCampaign(f.ctx, &c))
		}
		campaigns := func(q models.CampaignQuery) []string {
			q.OrganizationID = f.org
			return through(t, func(p models.Page) ([]models.Campaign, string, error) {
				q.Page = p
				return s.CampaignPage(f.ctx, q)
			}, func(c models.Campaign) string { return fmt.Sprintf("%09d", c.ID) }, 4)
		}
		all := campaigns(models.CampaignQuery{})
		if len(all) != 12 || !slices.IsSortedFunc(all, func(a, b string) int { return -compare(a, b) }) {
			t.Errorf("campaigns %v", all)
		}
		if got := campaigns(models.CampaignQuery{State: models.CampaignRunning}); len(got) != 1 {
			t.Errorf("running: %v", got)
		}
		if got := campaigns(models.CampaignQuery{Text: "50%"}); len(got) != 11 {
			t.Errorf("by name: %v", got)
		}
		lists, next, err := s.ContactListPage(f.ctx, models.ListQuery{OrganizationID: f.org, Text: "名"})
		if err != nil || len(lists) != 1 || next != "" {
			t.Errorf("lists %v %q %v", lists, next, err)
		}
		f.must(s.SetListState(f.ctx, lists[0].ID, models.ListFailed))
		f.must(s.SetListState(f.ctx, lists[0].ID, models.ListFailed))
		if l, err := s.ContactList(f.ctx, lists[0].ID); err != nil || l.State != models.ListFailed || l.Valid != lists[0].Valid {
			t.Errorf("state of a list: %+v %v", l, err)
		}
		if err := s.SetListState(f.ctx, 99, models.ListReady); !models.IsKind(err, models.NotFound) {
			t.Errorf("state of no list: %v", err)
		}
		rows := through(t, func(p models.Page) ([]models.Contact, string, error) {
			return s.ContactPage(f.ctx, f.campaign.ContactListID, p)
		}, func(c models.Contact) string { return c.Number }, 2)
		if !slices.Equal(rows, []string{number(1), number(2), number(3)}) {
			t.Errorf("contacts %v", rows)
		}
	})
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

func TestDeleteDraft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 3)
		if err := s.DeleteDraft(f.ctx, f.campaign.ID); !models.IsKind(err, models.Conflict) {
			t.Errorf("a running campaign: %v", err)
		}
		c := models.Campaign{OrganizationID: f.org, Name: "草稿", Mode: models.ModeVoiceOnly, ContactListID: f.campaign.ContactListID, RingSeconds: 30, PlayCount: 1}
		f.must(s.CreateCampaign(f.ctx, &c))
		_, err := s.PrepareLeads(f.ctx, c.ID, noon)
		f.must(err)
		f.must(s.DeleteDraft(f.ctx, c.ID))
		if _, err := s.Campaign(f.ctx, c.ID); !models.IsKind(err, models.NotFound) {
			t.Errorf("a deleted draft: %v", err)
		}
		if p, err := s.Progress(f.ctx, c.ID); err != nil || p.Leads != 0 {
			t.Errorf("its leads: %+v %v", p, err)
		}
		if err := s.DeleteDraft(f.ctx, c.ID); !models.IsKind(err, models.NotFound) {
			t.Errorf("deleted again: %v", err)
		}
	})
}

// BenchmarkAttemptPages pages and filters a list of 1,000,000 attempts. The figure to look at is the slowest page in ms.
func BenchmarkAttemptPages(b *testing.B) {
	const size = 1_000_000
	databases(b, func(b *testing.B, s *store.Store, dsn string) {
		f := newFloor(b, s, 0)
		fillAttempts(b, f, s.Driver(), dsn, size)
		queries := map[string]models.AttemptQuery{
			"all": {}, "campaign": {CampaignID: 2}, "outcome": {Outcome: models.OutcomeNoAnswer}, "rare-outcome": {Outcome: models.OutcomeUnwanted},
			"campaign-rare-outcome": {CampaignID: 2, Outcome: models.OutcomeUnwanted}, "number": {Number: number(777)}, "beginning": {Number: number(777)[:12] + "*"},
			"tests": {Kind: models.KindTest}, "one-hour": {From: noon.Add(-20 * time.Hour), To: noon.Add(-19 * time.Hour)},
			"old-outcome": {Outcome: models.OutcomeBusy, To: noon.Add(-200 * time.Hour)},
		}
		b.ResetTimer()
		for range b.N {
			for name, q := range queries {
				q.OrganizationID = f.org
				slowest := time.Duration(0)
				for range 20 {
					t0 := time.Now()
					_, next, err := s.AttemptPage(f.ctx, q)
					f.must(err)
					slowest = max(slowest, time.Since(t0))
					if q.After = next; next == "" {
						break
					}
				}
				b.ReportMetric(float64(slowest.Microseconds())/1000, name+"-ms")
			}
		}
	})
}

// fillAttempts writes n ended attempts of three campaigns, one a second into the past, straight into the table: one in 50,000 was
// unwanted, one in 20,000 a test.
func fillAttempts(b *testing.B, f *floor, driver, dsn string, n int) {
	b.Helper()
	name, series, id, when := "sqlite", "WITH RECURSIVE s(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM s WHERE seq < %d) ", "printf('%08d-0000-7000-8000-000000000000', seq)",
		"strftime('%Y-%m-%d %H:%M:%S.000000', '2026-11-20 12:00:00', '-' || seq || ' seconds')"
	from := "s"
	if driver == store.MySQL {
		name, series, id, when = "mysql", "", "CONCAT(LPAD(seq, 8, '0'), '-0000-7000-8000-000000000000')", "DATE_SUB('2026-11-20 12:00:00', INTERVAL seq SECOND)"
		from = fmt.Sprintf("seq_1_to_%d", n)
	} else {
		series = fmt.Sprintf(series, n)
	}
	db, err := sql.Open(name, dsn)
	f.must(err)
	defer db.Close()
	number := "'+86138' || printf('%08d', seq)"
	if driver == store.MySQL {
		number = "CONCAT('+86138', LPAD(seq, 8, '0'))"
	}
	_, err = db.ExecContext(f.ctx, "INSERT INTO attempts (id, organization_id, campaign_id, lead_id, kind, state, number, reserved_at, sent_at, outcome, `keys`) "+series+
		"SELECT "+id+", "+fmt.Sprint(f.org)+", seq % 3 + 1, CASE WHEN seq % 20000 = 0 THEN 0 ELSE seq END, CASE WHEN seq % 20000 = 0 THEN 'test' ELSE 'campaign' END, 'ended', "+number+", "+when+", "+when+
		", CASE WHEN seq % 50000 = 0 THEN 'unwanted' WHEN seq % 3 = 1 THEN 'no_answer' WHEN seq % 7 = 1 THEN 'busy' ELSE 'answered' END, '[]' FROM "+from)
	f.must(err)
}

// BenchmarkResultPages pages and filters the results of a campaign of 1,000,000 numbers, all called: two of three answered, one in
// 20,000 with key 9. The figure to look at is the slowest page in ms.
func BenchmarkResultPages(b *testing.B) {
	const size = 1_000_000
	databases(b, func(b *testing.B, s *store.Store, dsn string) {
		f := newFloor(b, s, 0)
		fillAttempts(b, f, s.Driver(), dsn, size)
		f.fillLeads(s.Driver(), dsn)
		queries := map[string]models.ResultQuery{
			"all": {}, "outcome": {Outcome: models.OutcomeBusy}, "rare-outcome": {Outcome: models.OutcomeUnwanted}, "any-key": {Key: models.KeyAny},
			"rare-key": {Key: "9"}, "no-key": {Key: models.KeyNone}, "rare-sub": {Sub: models.SubOptedOut}, "number": {Text: number(777_777)},
			"key-of-sub": {Sub: models.SubKey, Key: "1"}, "number-of-outcome": {Outcome: models.OutcomeAnswered, Text: number(777_777)},
			"number-of-key": {Key: "9", Text: number(777_777)}, "common-text": {Key: models.KeyAny, Text: "客户"}, "nowhere": {Text: "nobody has this"},
		}
		b.ResetTimer()
		for range b.N {
			for name, q := range queries {
				q.CampaignID = f.campaign.ID
				var slowest, all time.Duration
				for range 30 {
					t0 := time.Now()
					_, next, err := s.ResultPage(f.ctx, q)
					f.must(err)
					slowest, all = max(slowest, time.Since(t0)), all+time.Since(t0)
					if q.After = next; next == "" {
						break
					}
				}
				b.ReportMetric(float64(slowest.Microseconds())/1000, name+"-ms")
				if q.Text != "" {
					b.ReportMetric(float64(all.Microseconds())/1000, name+"-all-ms")
				}
			}
		}
	})
}

// fillLeads gives every attempt of fillAttempts a lead and a contact, and some of them keys.
func (f *floor) fillLeads(driver, dsn string) {
	f.t.Helper()
	name := "sqlite"
	if driver == store.MySQL {
		name = "mysql"
	}
	db, err := sql.Open(name, dsn)
	f.must(err)
	defer db.Close()
	id, key := "CAST(substr(id, 1, 8) AS INTEGER)", `'[{"digit":"' || CASE WHEN %s %% 20000 = 2 THEN '9' ELSE '1' END || '","at":"2026-11-20T12:00:00Z"}]'`
	if driver == store.MySQL {
		id, key = "CAST(LEFT(id, 8) AS UNSIGNED)", `CONCAT('[{"digit":"', CASE WHEN %s %% 20000 = 2 THEN '9' ELSE '1' END, '","at":"2026-11-20T12:00:00Z"}]')`
	}
	for _, q := range []string{
		fmt.Sprintf("UPDATE attempts SET `keys` = "+key+", sub = CASE WHEN %s %% 20000 = 2 THEN 'opted_out' ELSE 'key' END WHERE outcome = 'answered' AND %s %% 2 = 0", id, id, id),
		fmt.Sprintf("INSERT INTO contacts (id, organization_id, list_id, `row`, number, zone, fields) SELECT %s, %d, %d, %s, number, '', '[\"客户\"]' FROM attempts", id, f.org, f.campaign.ContactListID, id),
		fmt.Sprintf("INSERT INTO leads (campaign_id, contact_id, number, state, next_at, last_outcome, last_attempt, last_sub, last_keys) SELECT %d, %s, number, 'done', reserved_at, outcome, id, sub, "+
			"CASE WHEN `keys` LIKE '%%%%\"9\"%%%%' THEN '9' WHEN `keys` LIKE '%%%%\"1\"%%%%' THEN '1' ELSE '' END FROM attempts", f.campaign.ID, id),
	} {
		_, err := db.ExecContext(f.ctx, q)
		f.must(err)
	}
}
