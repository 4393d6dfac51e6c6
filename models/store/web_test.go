package store_test

import (
	"errors"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

func TestSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		for _, data := range []string{"one", "two\x00\xff"} { // the second changes the first
			if err := s.SaveSession(ctx, "a", []byte(data), now.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if got, ok, err := s.Session(ctx, "a", now); err != nil || !ok || string(got) != data {
				t.Errorf("got %q %v %v, want %q", got, ok, err, data)
			}
		}
		if _, ok, err := s.Session(ctx, "a", now.Add(time.Hour)); ok || err != nil {
			t.Errorf("a session that ended is found: %v %v", ok, err)
		}
		if err := s.SaveSession(ctx, "b", []byte("x"), now.Add(2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if n, err := s.DeleteExpiredSessions(ctx, now.Add(time.Hour)); n != 1 || err != nil {
			t.Errorf("removed %d ended sessions, %v", n, err)
		}
		if err := s.DeleteSession(ctx, "b"); err != nil {
			t.Fatal(err)
		}
		if _, ok, _ := s.Session(ctx, "b", now); ok {
			t.Error("a deleted session is found")
		}
	})
}

func TestTokensAndFiltersBelongToTheirUser(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		token := models.Token{UserID: 7, OrganizationID: 1, Name: "nightly", CreatedAt: now}
		if err := s.CreateToken(ctx, &token, "hash"); err != nil {
			t.Fatal(err)
		}
		got, err := s.TokenByHash(ctx, "hash")
		if err != nil || got.ID != token.ID || got.UserID != 7 || got.LastUsedAt != nil {
			t.Fatalf("got %+v %v", got, err)
		}
		if err := s.TokenUsed(ctx, token.ID, now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if all, _ := s.Tokens(ctx, 7); len(all) != 1 || all[0].LastUsedAt == nil || !all[0].LastUsedAt.Equal(now.Add(time.Minute)) {
			t.Errorf("got %+v", all)
		}
		if _, err := s.TokenByHash(ctx, "other"); !models.IsKind(err, models.NotFound) {
			t.Errorf("unknown token: %v", err)
		}
		f := models.Filter{UserID: 7, Page: "results", Name: "key 1", Query: "key=1"}
		if err := s.CreateFilter(ctx, &f); err != nil {
			t.Fatal(err)
		}
		again := f
		if err := s.CreateFilter(ctx, &again); !models.IsKind(err, models.Conflict) {
			t.Errorf("the same name again: %v", err)
		}
		for _, err := range []error{s.DeleteToken(ctx, 8, token.ID), s.DeleteFilter(ctx, 8, f.ID)} {
			if !models.IsKind(err, models.NotFound) {
				t.Errorf("somebody else deletes: %v", err)
			}
		}
		for _, err := range []error{s.DeleteToken(ctx, 7, token.ID), s.DeleteFilter(ctx, 7, f.ID)} {
			if err != nil {
				t.Errorf("the owner deletes: %v", err)
			}
		}
	})
}

func TestFindBlacklist(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var all []models.BlacklistEntry
		for org, number := range map[int64]string{0: "+8613800138000", 1: "+8613900139000", 2: "+8613700137000"} {
			all = append(all, models.BlacklistEntry{OrganizationID: org, Number: number, Source: "manual"})
		}
		if _, err := s.AddBlacklist(ctx, all); err != nil {
			t.Fatal(err)
		}
		for part, want := range map[string]int{"": 2, "0013": 2, "1390": 1, "139-0013": 1, "1370": 0, "%": 0, "abc": 0} {
			got, err := s.FindBlacklist(ctx, 1, part, 0, 10)
			if err != nil || len(got) != want {
				t.Errorf("%q: %d entries, %v; want %d", part, len(got), err, want)
			}
		}
		first, err := s.FindBlacklist(ctx, 1, "", 0, 1)
		if err != nil || len(first) != 1 {
			t.Fatalf("%v %v", first, err)
		}
		second, err := s.FindBlacklist(ctx, 1, "", first[0].ID, 10)
		if err != nil || len(second) != 1 || second[0].ID <= first[0].ID {
			t.Errorf("second page %v %v", second, err)
		}
		if e, err := s.BlacklistEntry(ctx, first[0].ID); err != nil || e.Number != first[0].Number {
			t.Errorf("%+v %v", e, err)
		}
	})
}

func TestApprovals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		org := models.Organization{Name: "甲"}
		voice := models.VoiceFile{Name: "notice", UploadedBy: "wang", Approval: models.ApprovalPending}
		list := models.ContactList{Name: "march", UploadedBy: "li", State: models.ListReady}
		loading := models.ContactList{Name: "april"}
		caller := models.CallerNumber{Number: "075512345678", Kind: "fixed", UploadedBy: "zhang", Approval: models.ApprovalPending}
		if err := s.CreateOrganization(ctx, &org); err != nil {
			t.Fatal(err)
		}
		voice.OrganizationID, list.OrganizationID, loading.OrganizationID, caller.OrganizationID = org.ID, org.ID, org.ID, org.ID
		for _, err := range []error{s.CreateVoiceFile(ctx, &voice), s.CreateContactList(ctx, &list), s.CreateContactList(ctx, &loading), s.CreateCallerNumber(ctx, &caller)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		camp := models.Campaign{OrganizationID: org.ID, Name: "c", Mode: models.ModeVoiceOnly, State: models.CampaignWaiting, ContactListID: list.ID, VoiceFileID: voice.ID}
		if err := s.CreateCampaign(ctx, &camp); err != nil {
			t.Fatal(err)
		}
		pending, err := s.PendingApprovals(ctx)
		if err != nil || len(pending) != 3 || pending[0].By != "甲" {
			t.Fatalf("pending %+v %v: a list that is still imported does not wait", pending, err)
		}
		by := map[string]string{}
		for _, p := range pending {
			by[p.Kind] = p.UploadedBy
		}
		if by[models.ApproveVoiceFile] != "wang" || by[models.ApproveList] != "li" || by[models.ApproveCallerNumber] != "zhang" {
			t.Errorf("uploaded by %v", by)
		}
		ready := func(want int64) {
			t.Helper()
			if n, err := s.ReadyApproved(ctx, now); n != want || err != nil {
				t.Errorf("%d campaigns became ready, %v; want %d", n, err, want)
			}
		}
		decide := func(kind string, id int64, a models.Approval, reason string) {
			t.Helper()
			if err := s.Decide(ctx, models.Decision{Kind: kind, ID: id, Approval: a, Reason: reason, By: "wang"}); err != nil {
				t.Fatal(err)
			}
		}
		decide(models.ApproveVoiceFile, voice.ID, models.ApprovalApproved, "")
		ready(0)
		decide(models.ApproveList, list.ID, models.ApprovalRejected, "number column is wrong")
		ready(0)
		if got, err := s.ContactList(ctx, list.ID); err != nil || got.Approval != models.ApprovalRejected || got.Reason != "number column is wrong" {
			t.Errorf("%+v %v", got, err)
		}
		decide(models.ApproveList, list.ID, models.ApprovalApproved, "")
		ready(1)
		if got, _ := s.Campaign(ctx, camp.ID); got.State != models.CampaignReady {
			t.Errorf("campaign is %s", got.State)
		}
		decide(models.ApproveCallerNumber, caller.ID, models.ApprovalRejected, "not yours")
		if got, _ := s.CallerNumber(ctx, caller.ID); got.Reason != "not yours" || got.Approval != models.ApprovalRejected {
			t.Errorf("%+v", got)
		}
		for _, bad := range []struct {
			kind string
			id   int64
		}{{"users", 1}, {models.ApproveList, 999}} {
			if err := s.Decide(ctx, models.Decision{Kind: bad.kind, ID: bad.id, Approval: models.ApprovalApproved, By: "wang", FourEyes: true}); !models.IsKind(err, models.NotFound) {
				t.Errorf("%v: %v", bad, err)
			}
		}
	})
}

func TestNobodyApprovesHisOwnWithFourEyes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		voice := models.VoiceFile{OrganizationID: 1, Name: "notice", UploadedBy: "wang", Approval: models.ApprovalPending}
		unknown := models.VoiceFile{OrganizationID: 1, Name: "of an older version", Approval: models.ApprovalPending}
		for _, v := range []*models.VoiceFile{&voice, &unknown} {
			if err := s.CreateVoiceFile(ctx, v); err != nil {
				t.Fatal(err)
			}
		}
		decide := func(id int64, by string, a models.Approval, four bool) error {
			return s.Decide(ctx, models.Decision{Kind: models.ApproveVoiceFile, ID: id, Approval: a, By: by, FourEyes: four})
		}
		stands := func(id int64, want models.Approval) {
			t.Helper()
			if v, err := s.VoiceFile(ctx, id); err != nil || v.Approval != want {
				t.Errorf("%+v %v, want %s", v, err, want)
			}
		}
		err := decide(voice.ID, "wang", models.ApprovalApproved, true)
		var e *models.Error
		if !models.IsKind(err, models.Forbidden) || !errors.As(err, &e) || e.Fields[0].Code != "own_upload" {
			t.Errorf("his own: %v", err)
		}
		stands(voice.ID, models.ApprovalPending)
		for _, ok := range []struct {
			id   int64
			by   string
			word models.Approval
			four bool
		}{
			{voice.ID, "wang", models.ApprovalRejected, true}, // he may take it back
			{voice.ID, "li", models.ApprovalApproved, true},
			{voice.ID, "li", models.ApprovalApproved, true}, // twice is no fault
			{voice.ID, "wang", models.ApprovalRejected, false},
			{voice.ID, "wang", models.ApprovalApproved, false},
			{unknown.ID, "wang", models.ApprovalApproved, true},
		} {
			if err := decide(ok.id, ok.by, ok.word, ok.four); err != nil {
				t.Errorf("%+v: %v", ok, err)
			}
			stands(ok.id, ok.word)
		}
		// Whoever brings another sound is the one whose word no longer counts.
		voice.UploadedBy, voice.Approval = "li", models.ApprovalPending
		if err := s.UpdateVoiceFile(ctx, voice); err != nil {
			t.Fatal(err)
		}
		if err := decide(voice.ID, "li", models.ApprovalApproved, true); !models.IsKind(err, models.Forbidden) {
			t.Errorf("the sound is li's now: %v", err)
		}
		if err := decide(voice.ID, "wang", models.ApprovalApproved, true); err != nil {
			t.Errorf("the sound is li's now: %v", err)
		}
	})
}
