package trial

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"waihu/controller/number"
	"waihu/models"
	"waihu/models/store/storetest"
)

// Pause lets calls end and dials no more; resume goes on; nobody is called twice by it.
func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.SQLiteConfig(t), setup{speed: 3})
	r.start()
	for range 3 {
		before := r.x.dialled()
		eventually(t, 20*time.Second, "dialling", func() bool { return r.x.dialled() > before+30 }, r.floor)
		if err := r.ctl.PauseCampaign(t.Context(), r.camp.ID, "lunch"); err != nil {
			t.Fatal(err)
		}
		paused := r.x.dialled()
		quiet := r.settled()
		if n := quiet - paused; n > 3*sendAhead {
			t.Errorf("%d calls dialled after the pause, more than were on their way", n)
		}
		pass(time.Second)
		if n := r.x.dialled(); n != quiet {
			t.Errorf("%d calls dialled while paused", n-quiet)
		}
		if err := r.ctl.ResumeCampaign(t.Context(), r.camp.ID); err != nil {
			t.Fatal(err)
		}
	}
	r.finish(patience)
	r.audit(nil)
}

// Stop lets calls end, or cuts them; either way the campaign ends stopped with every attempt closed, and can be gone on with.
func TestStopAndGoOn(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]bool{"drain": false, "cut": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, storetest.SQLiteConfig(t), setup{speed: 3, list: numbers(7200, 100), sw: answering})
			r.start()
			eventually(t, 20*time.Second, "dialling", func() bool { return r.x.dialled() > 30 })
			if err := r.ctl.StopCampaign(t.Context(), r.camp.ID, cut, "enough"); err != nil {
				t.Fatal(err)
			}
			eventually(t, 20*time.Second, "the campaign stopped", func() bool { return r.state() == models.CampaignStopped }, r.floor)
			rep := r.x.Report()
			if rep.Totals.InProgress > 0 || rep.Totals.Dialled >= len(r.list) {
				t.Errorf("%d calls are up, %d of %d dialled", rep.Totals.InProgress, rep.Totals.Dialled, len(r.list))
			}
			if killed := rep.Totals.Outcomes["MANAGER_REQUEST"]; (killed > 0) != cut {
				t.Errorf("%d calls were hung up", killed)
			}
			for id, e := range readBooks(t, r.db).entries {
				if e.open {
					t.Errorf("attempt %s is %s after the stop", id, e.state)
				}
			}
			r.start()
			r.finish(patience)
			r.audit(nil)
		})
	}
}

// S1-37: a single test call leaves the list, the campaign's state and its statistics alone.
func TestSingleTestCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.SQLiteConfig(t), setup{list: numbers(8300, 20)})
	before := readBooks(t, r.db)
	id, err := r.ctl.TestCall(t.Context(), r.camp.ID, "138 0000 0486", "CN", number.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the test call's end", func() bool { return readBooks(t, r.db).entries[id].state == string(models.AttemptEnded) }, r.floor)
	b := readBooks(t, r.db)
	if e := b.entries[id]; e.outcome != string(models.OutcomeBusy) || e.kind != string(models.KindTest) || e.open || len(b.leads) != len(before.leads) {
		t.Errorf("the test call is %+v; %d leads, %d before", e, len(b.leads), len(before.leads))
	}
	if r.state() != models.CampaignDraft || r.x.dialled() != 1 {
		t.Errorf("the campaign is %s, %d calls were dialled", r.state(), r.x.dialled())
	}
	stats, err := r.store.CampaignStats(t.Context(), r.camp.ID)
	if err != nil || len(stats) != 0 {
		t.Errorf("statistics after a test call: %+v, %v", stats, err)
	}
	if _, err := r.ctl.TestCall(t.Context(), r.camp.ID, "110", "CN", number.Policy{}); !models.IsKind(err, models.Invalid) {
		t.Errorf("a test call to the police: %v", err)
	}
}

// S1-36: what is not approved is not dialled; the campaign waits and says so.
func TestNothingWithoutApproval(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.SQLiteConfig(t), setup{list: numbers(8300, 20)})
	list, err := r.store.ContactList(t.Context(), r.camp.ContactListID)
	if err != nil {
		t.Fatal(err)
	}
	approve := func(a models.Approval) {
		list.Approval = a
		if err := r.store.UpdateContactList(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	approve(models.ApprovalPending)
	err = r.ctl.StartCampaign(t.Context(), r.camp.ID)
	var own *models.Error
	if !errors.As(err, &own) || own.Fields[0].Field != "contact_list_id" || r.state() != models.CampaignWaiting {
		t.Fatalf("%v; the campaign is %s", err, r.state())
	}
	pass(200 * time.Millisecond)
	if n := r.x.dialled(); n > 0 {
		t.Fatalf("%d calls dialled without approval", n)
	}
	approve(models.ApprovalApproved)
	r.start()
	r.finish(patience)
	r.audit(nil)
}

// F-39: a daemon that is told to end dials no more, lets its calls end, saves them and exits with 0; the next one goes on.
func TestOrderlyEnd(t *testing.T) {
	t.Parallel()
	const n = 200
	x := newExchange(t, answering)
	db := storetest.SQLiteConfig(t)
	s := newSite(t, x, db, numbers(1000, n), 40, true)
	c := s.start(t, "broadcast", "--list", s.list, "--audio", s.audio, "--out", s.out)
	for range 2 {
		before := x.dialled()
		eventually(t, 30*time.Second, "dialling", func() bool { return x.dialled() > before+30 || c.ended() }, c.said)
		live := x.busy()
		c.signal(syscall.SIGTERM)
		if code := c.code(t, 32*time.Second); live == 0 || code > 1 {
			t.Errorf("exit %d with %d calls: %s", code, live, c.said())
		}
		if left := x.busy(); left > 0 {
			t.Errorf("it ended with %d calls in progress", left)
		}
		for id, e := range readBooks(t, db).entries {
			if e.open {
				t.Errorf("attempt %s to %s is left %s", id, e.number, e.state)
			}
		}
		c = s.start(t, "broadcast", "--resume", "1", "--out", s.out)
	}
	if code := c.code(t, time.Minute); code != 0 {
		t.Fatalf("exit %d: %s", code, c.said())
	}
	t.Log(audit(t, db, x.Report(), terms{leads: n, dials: 1, exact: true}))
}

// F-39 for the daemon proper: exit code 0, no attempt left open.
func TestOrderlyEndOfServe(t *testing.T) {
	t.Parallel()
	const n = 200
	x := newExchange(t, answering)
	db := storetest.SQLiteConfig(t)
	s := newSite(t, x, db, numbers(1000, n), 40, true)
	c := s.start(t, "broadcast", "--list", s.list, "--audio", s.audio, "--out", s.out)
	eventually(t, 30*time.Second, "dialling", func() bool { return x.dialled() > 10 || c.ended() }, c.said)
	c.kill()
	s.expire(t)
	before := x.dialled()
	c = s.start(t, "serve")
	eventually(t, 30*time.Second, "dialling", func() bool { return x.dialled() > before+20 || c.ended() }, c.said)
	c.signal(syscall.SIGTERM)
	if code := c.code(t, 35*time.Second); code != 0 {
		t.Errorf("exit %d: %s", code, c.said())
	}
	if left := x.busy(); left > 0 {
		t.Errorf("it ended with %d calls in progress", left)
	}
	c = s.start(t, "serve")
	eventually(t, time.Minute, "the campaign's end", func() bool { return s.campaign(t).State == models.CampaignFinished || c.ended() }, c.said)
	t.Log(audit(t, db, x.Report(), terms{leads: n, dials: 1, exact: true}))
}
