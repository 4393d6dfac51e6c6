package store_test

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

func TestAppendContacts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 0)
		list := f.newList(0)
		block := contacts(2500)
		block[7].Number = block[3].Number                                                           // row 8 repeats row 4
		block[2400].Number = block[5].Number                                                        // far apart
		block[1].Fields = []string{"tab\t", "new\nline", `back\slash "quoted"`, "", "\x00", "王小明🙂"} // survives the bulk format
		counters := models.ContactList{Rows: 2510, Valid: 2500, Duplicates: 3, Blacklisted: 2, Rejected: 5, ResumeRow: 2510}
		for range 2 { // the second time it is unknown whether the first was saved
			dup, err := f.AppendContacts(f.ctx, list, block, counters)
			f.must(err)
			if !slices.Equal(dup, []int64{8, 2401}) {
				t.Fatalf("duplicates %v", dup)
			}
			l, err := f.ContactList(f.ctx, list)
			f.must(err)
			if l.Rows != 2510 || l.Valid != 2498 || l.Duplicates != 5 || l.Blacklisted != 2 || l.Rejected != 5 || l.ResumeRow != 2510 {
				t.Fatalf("counters %+v", l)
			}
		}
		more := []models.Contact{{Row: 2511, Number: number(4)}, {Row: 2512, Number: number(9000)}, {Row: 2513, Number: number(9000)}}
		dup, err := f.AppendContacts(f.ctx, list, more, models.ContactList{Rows: 2513, Valid: 2501, ResumeRow: 2513})
		f.must(err)
		if !slices.Equal(dup, []int64{2511, 2513}) {
			t.Fatalf("duplicates of another block: %v", dup)
		}
		f.campaign = f.newCampaign(list, models.Rules{})
		var got []models.Result
		f.must(f.Results(f.ctx, f.campaign.ID, func(r models.Result) error { got = append(got, r); return nil }))
		if len(got) != 2499 || got[0].Lead.Number != number(1) || got[2498].Lead.Number != number(9000) {
			t.Fatalf("%d results", len(got))
		}
		if !slices.Equal(got[1].Fields, block[1].Fields) {
			t.Errorf("fields %q, want %q", got[1].Fields, block[1].Fields)
		}
		if _, err := f.AppendContacts(f.ctx, 999, more, models.ContactList{}); !models.IsKind(err, models.NotFound) {
			t.Errorf("no list: %v", err)
		}
	})
}

// A server that forbids LOAD DATA LOCAL gets INSERTs instead.
func TestAppendContactsWithoutLoadData(t *testing.T) {
	server := storetest.StartServer(t)
	c := server.Config(t)
	s := storetest.Open(t, c, true)
	db, err := sql.Open("mysql", c.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("SET GLOBAL local_infile = 0"); err != nil {
		t.Fatal(err)
	}
	f := newFloor(t, s, 0)
	block := contacts(3000)
	block[2999].Number = block[0].Number
	list := f.newList(0)
	dup, err := f.AppendContacts(f.ctx, list, block, models.ContactList{Rows: 3000, Valid: 3000})
	f.must(err)
	if !slices.Equal(dup, []int64{3000}) {
		t.Errorf("duplicates %v", dup)
	}
	if l, err := f.ContactList(f.ctx, list); err != nil || l.Valid != 2999 {
		t.Errorf("list %+v %v", l, err)
	}
}

func TestPrepareLeads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 0)
		list := f.newList(5001) // more than one piece
		other := f.newList(10)
		c := models.Campaign{OrganizationID: f.org, Name: "x", Mode: models.ModeVoiceOnly, ContactListID: list}
		f.must(f.CreateCampaign(f.ctx, &c))
		for i, want := range []int64{5001, 0} {
			if n, err := f.PrepareLeads(f.ctx, c.ID, noon); err != nil || n != want {
				t.Fatalf("call %d made %d leads, want %d: %v", i, n, want, err)
			}
		}
		_, err := f.AppendContacts(f.ctx, list, []models.Contact{{Row: 5002, Number: "+8675512345678", Zone: "Asia/Shanghai"}}, models.ContactList{})
		f.must(err)
		if n, err := f.PrepareLeads(f.ctx, c.ID, noon); err != nil || n != 1 {
			t.Fatalf("after another import: %d, %v", n, err)
		}
		// the same campaign with another list that has the same numbers: none twice
		c.ContactListID = other
		f.must(f.UpdateCampaign(f.ctx, &c))
		if n, err := f.PrepareLeads(f.ctx, c.ID, noon); err != nil || n != 0 {
			t.Fatalf("same numbers again: %d, %v", n, err)
		}
		p, err := f.Progress(f.ctx, c.ID)
		f.must(err)
		if p.Leads != 5002 || p.Due != 5002 {
			t.Errorf("progress %+v", p)
		}
		if _, err := f.PrepareLeads(f.ctx, 999, noon); !models.IsKind(err, models.NotFound) {
			t.Errorf("no campaign: %v", err)
		}
	})
}

func TestBlacklistIsIdempotent(t *testing.T) {
	soon, late := noon, noon.AddDate(0, 1, 0)
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newFloor(t, s, 0)
		add := func(want int64, e models.BlacklistEntry) models.BlacklistEntry {
			t.Helper()
			e.OrganizationID, e.Number = f.org, number(1)
			n, err := f.AddBlacklist(f.ctx, []models.BlacklistEntry{e, e})
			f.must(err)
			if n != want {
				t.Fatalf("added %d, want %d", n, want)
			}
			all, err := f.Blacklist(f.ctx, f.org, 0, 10)
			f.must(err)
			if len(all) != 1 {
				t.Fatalf("entries %+v", all)
			}
			return all[0]
		}
		if e := add(1, models.BlacklistEntry{Source: "manual", ExpiresAt: &soon}); !e.ExpiresAt.Equal(soon) {
			t.Errorf("first %+v", e)
		}
		if e := add(0, models.BlacklistEntry{Source: "import", ExpiresAt: &late}); !e.ExpiresAt.Equal(late) || e.Source != "import" {
			t.Errorf("a longer one %+v", e)
		}
		if e := add(0, models.BlacklistEntry{Source: "manual", ExpiresAt: &soon}); !e.ExpiresAt.Equal(late) || e.Source != "import" {
			t.Errorf("a shorter one %+v", e)
		}
		if e := add(0, models.BlacklistEntry{Source: "key", Reason: "按 9 退订"}); e.ExpiresAt != nil || e.Source != "key" {
			t.Errorf("one for ever %+v", e)
		}
		if e := add(0, models.BlacklistEntry{Source: "manual", ExpiresAt: &late}); e.ExpiresAt != nil || e.Reason != "按 9 退订" {
			t.Errorf("one with an end after one for ever %+v", e)
		}
		many := make([]models.BlacklistEntry, 1200)
		for i := range many {
			many[i] = models.BlacklistEntry{OrganizationID: f.org, Number: number(100 + i), Reason: strings.Repeat("长", 400)}
		}
		if n, err := f.AddBlacklist(f.ctx, many); err != nil || n != 1200 {
			t.Errorf("added %d of 1200: %v", n, err)
		}
		numbers := make([]string, 1500)
		for i := range numbers {
			numbers[i] = number(100 + i)
		}
		if hits, err := f.Blacklisted(f.ctx, f.org, numbers, noon); err != nil || len(hits) != 1200 {
			t.Errorf("hits %d: %v", len(hits), err)
		}
	})
}
