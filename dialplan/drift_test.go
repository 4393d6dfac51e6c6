package dialplan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waihu/models"
)

func TestDriftIsShownNotOverwritten(t *testing.T) {
	p, sw, _ := newPublisher(t, nil)
	mustPublish(t, p, samplePlan())
	if d, err := p.Drift(); err != nil || d.Edited {
		t.Fatalf("drift without an edit: %+v, %v", d, err)
	}
	edited := strings.Replace(liveFile(t, p), `data="500"`, `data="900"`, 1)
	if err := os.WriteFile(p.file(), []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := p.Drift()
	if err != nil || !d.Edited || len(d.Changes) != 1 || d.Changes[0].Extension != "waihu_voice_8" || d.Fault != "" {
		t.Fatalf("drift %+v, %v", d, err)
	}
	if l := strings.Join(d.Changes[0].Lines, "\n"); strings.Count(l, "\n-")+strings.Count(l, "\n+") != 2 || !strings.Contains(l, `data="900"`) {
		t.Errorf("difference:\n%s", l)
	}
	if s, err := p.Status(t.Context(), samplePlan()); err != nil || !s.Drift {
		t.Errorf("status %+v, %v", s, err)
	}
	_, err = p.Publish(t.Context(), without(samplePlan(), 7))
	wantCode(t, err, "drift")
	if liveFile(t, p) != edited || sw.reloads != 1 {
		t.Fatal("the edited file was touched")
	}
	_, err = p.Overwrite(t.Context(), samplePlan(), "something seen earlier")
	wantCode(t, err, "drift")
	if _, err := p.Overwrite(t.Context(), without(samplePlan(), 7), d.Seen); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(p.past.dir, "edited-*.txt"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept copies %v, %v", kept, err)
	}
	if data, err := os.ReadFile(kept[0]); err != nil || string(data) != edited {
		t.Errorf("the copy is not the edited text: %v", err)
	}
}

func TestDriftOfGarbage(t *testing.T) {
	p, _, _ := newPublisher(t, nil)
	mustPublish(t, p, samplePlan())
	for _, text := range []string{"", "<include>", "\x00", `<include><X-PRE-PROCESS cmd="exec" data="id"/></include>`} {
		if err := os.WriteFile(p.file(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if d, err := p.Drift(); err != nil || !d.Edited || d.Fault == "" {
			t.Errorf("%q: %+v, %v", text, d, err)
		}
	}
	if err := os.Remove(p.file()); err != nil {
		t.Fatal(err)
	}
	if d, err := p.Drift(); err != nil || d.Edited {
		t.Errorf("a missing file: %+v, %v", d, err)
	}
	mustPublish(t, p, samplePlan())
	if s := liveFile(t, p); s == "" {
		t.Error("the deleted file was not written again")
	}
}

func TestRollbackAndDiff(t *testing.T) {
	p, _, _ := newPublisher(t, nil)
	a := mustPublish(t, p, samplePlan())
	plan := samplePlan()
	plan.Campaigns[1].PlayCount = 1
	b := mustPublish(t, p, plan)
	changes, err := p.Diff(a.Stamp, b.Stamp)
	if err != nil || len(changes) != 1 || changes[0].Extension != "waihu_voice_8" || changes[0].Kind != "changed" {
		t.Fatalf("difference %+v, %v", changes, err)
	}
	if _, err := p.Rollback(t.Context(), a.Stamp); err != nil {
		t.Fatal(err)
	}
	if pending, err := p.Pending(t.Context(), samplePlan()); err != nil || pending {
		t.Errorf("the old plan is not live: %v", err)
	}
	if h, err := p.History(); err != nil || len(h) != 3 || h[0].Seq != 3 || len(h[0].Plan.Campaigns) != 3 {
		t.Errorf("history %d, %v", len(h), err)
	}
	_, err = p.Rollback(t.Context(), "r000000000000")
	if !models.IsKind(err, models.NotFound) {
		t.Errorf("rollback to nothing: %v", err)
	}
}
