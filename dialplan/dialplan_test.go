package dialplan

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"waihu/models"
)

func samplePlan() Plan {
	return Plan{
		Campaigns: []CampaignFlow{
			{CampaignID: 7, Mode: models.ModeVoiceKey, Sound: "/sounds/7.wav", DurationMS: 10_000, PlayCount: 3, ExtraSeconds: 20, KeySeconds: 5,
				AgentKey: "1", OptOutKey: "9", Keys: map[string]string{"2": "有意向", "*": "重听"}, QueueID: 3},
			{CampaignID: 8, Mode: models.ModeVoiceOnly, Sound: "/sounds/通知.wav", DurationMS: 2_500, PlayCount: 2},
			{CampaignID: 9, Mode: models.ModeDirectAgent, QueueID: 3, OptOutKey: "*"},
		},
		Queues: []QueueFlow{{QueueID: 3, Announcement: "/sounds/a.wav", Music: "local_stream://moh", WaitSeconds: 60, Apology: "/sounds/sorry.wav"}},
	}
}

func mustRender(t testing.TB, p Plan) Revision {
	t.Helper()
	rev, err := Render(p)
	if err != nil {
		t.Fatalf("render: %v", err)
	}
	return rev
}

var update = flag.Bool("update", false, "write the golden files anew")

// The golden file is what was tried on a real FreeSWITCH, action by action (docs/real-switch.md). Whoever changes it tries
// the flows there again.
func TestSkeletonsAsTriedOnARealSwitch(t *testing.T) {
	golden := filepath.Join("testdata", "sample.xml")
	got := mustRender(t, samplePlan()).Files[FileName]
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := Diff(want, got)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		t.Errorf("%s %s:\n%s", c.Extension, c.Kind, strings.Join(c.Lines, "\n"))
	}
	if !bytes.Equal(want, got) {
		t.Error("the files differ; run the test with -update and look at the difference")
	}
}

func TestTimer(t *testing.T) {
	for _, c := range []struct {
		plays int
		ms    int64
		extra int
		want  int
	}{{3, 10_000, 20, 50}, {1, 2_001, 0, 3}, {1, 2_000, 0, 2}, {99, 1, 5, 6}} {
		if got := TimerSeconds(c.plays, c.ms, c.extra); got != c.want {
			t.Errorf("%d × %d ms + %d s: %d, want %d", c.plays, c.ms, c.extra, got, c.want)
		}
	}
}

func TestHangUpTimerStandsInTheFile(t *testing.T) {
	rev := mustRender(t, samplePlan())
	text := string(rev.Files[FileName])
	// 3 × 10 s + 20 s (S1-35), 3 × 5 s for keys, 1 s for the switch's own needs, 1 s because it may fire early
	if !strings.Contains(text, `data="+67 ALLOTTED_TIMEOUT"`) {
		t.Errorf("no timer of 67 s in\n%s", text)
	}
	// 2 × 2.5 s, 0.5 s pause and the switch's needs rounded up, 1 s
	if !strings.Contains(text, `data="+7 ALLOTTED_TIMEOUT"`) {
		t.Errorf("no timer of 7 s in\n%s", text)
	}
}

func TestRenderIsDeterministicAndStamped(t *testing.T) {
	a, b := mustRender(t, samplePlan()), mustRender(t, samplePlan())
	if a.Stamp == "" || a.Stamp != b.Stamp || string(a.Files[FileName]) != string(b.Files[FileName]) {
		t.Fatalf("the same plan gave %s and %s", a.Stamp, b.Stamp)
	}
	if got := Stamp(string(a.Files[FileName])); got != a.Stamp {
		t.Errorf("stamp in the file is %q, not %q", got, a.Stamp)
	}
	p := samplePlan()
	p.Campaigns[1].PlayCount++
	if c := mustRender(t, p); c.Stamp == a.Stamp {
		t.Error("another plan has the same stamp")
	}
	p = samplePlan()
	p.Campaigns[0], p.Campaigns[2] = p.Campaigns[2], p.Campaigns[0]
	if c := mustRender(t, p); c.Stamp != a.Stamp {
		t.Error("the order of the campaigns changes the stamp")
	}
}

func TestValidate(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(*Plan)
		field string
		code  string
	}{
		{"line break in path", func(p *Plan) { p.Campaigns[0].Sound = "/a\n<X-PRE-PROCESS/>.wav" }, "campaigns.7.sound", "bad_path"},
		{"variable in path", func(p *Plan) { p.Campaigns[0].Sound = "/a/${system touch}.wav" }, "campaigns.7.sound", "bad_path"},
		{"global in path", func(p *Plan) { p.Campaigns[0].Sound = "/a/$${x}.wav" }, "campaigns.7.sound", "bad_path"},
		{"blank in path", func(p *Plan) { p.Campaigns[1].Sound = "/a/b c.wav" }, "campaigns.8.sound", "bad_path"},
		{"relative path", func(p *Plan) { p.Campaigns[1].Sound = "a.wav" }, "campaigns.8.sound", "bad_path"},
		{"climbing path", func(p *Plan) { p.Campaigns[1].Sound = "/a/../etc/x.wav" }, "campaigns.8.sound", "bad_path"},
		{"file_string", func(p *Plan) { p.Campaigns[1].Sound = "/a.wav!/b.wav" }, "campaigns.8.sound", "bad_path"},
		{"empty path", func(p *Plan) { p.Campaigns[1].Sound = "" }, "campaigns.8.sound", "bad_path"},
		{"shell stream", func(p *Plan) { p.Queues[0].Music = "shell_stream://id" }, "queues.3.music", "bad_path"},
		{"opt-out sound", func(p *Plan) { p.Campaigns[0].OptOutSound = "x" }, "campaigns.7.opt_out_sound", "bad_path"},
		{"duration 0", func(p *Plan) { p.Campaigns[0].DurationMS = 0 }, "campaigns.7.duration_ms", "out_of_range"},
		{"plays 0", func(p *Plan) { p.Campaigns[0].PlayCount = 0 }, "campaigns.7.play_count", "out_of_range"},
		{"plays 100", func(p *Plan) { p.Campaigns[0].PlayCount = 100 }, "campaigns.7.play_count", "out_of_range"},
		{"extra -1", func(p *Plan) { p.Campaigns[0].ExtraSeconds = -1 }, "campaigns.7.extra_seconds", "out_of_range"},
		{"key seconds 0", func(p *Plan) { p.Campaigns[0].KeySeconds = 0 }, "campaigns.7.key_seconds", "out_of_range"},
		{"agent key", func(p *Plan) { p.Campaigns[0].AgentKey = "12" }, "campaigns.7.agent_key", "bad_key"},
		{"opt-out key", func(p *Plan) { p.Campaigns[0].OptOutKey = "]" }, "campaigns.7.opt_out_key", "bad_key"},
		{"key of the table", func(p *Plan) { p.Campaigns[0].Keys["A"] = "" }, "campaigns.7.keys", "bad_key"},
		{"same key twice", func(p *Plan) { p.Campaigns[0].OptOutKey = "1" }, "campaigns.7.opt_out_key", "duplicate"},
		{"no queue", func(p *Plan) { p.Campaigns[0].QueueID = 4 }, "campaigns.7.queue_id", "missing"},
		{"direct without queue", func(p *Plan) { p.Campaigns[2].QueueID = 0 }, "campaigns.9.queue_id", "missing"},
		{"mode", func(p *Plan) { p.Campaigns[2].Mode = "robot" }, "campaigns.9.mode", "unknown"},
		{"id 0", func(p *Plan) { p.Campaigns[0].CampaignID = 0 }, "campaigns.0.id", "out_of_range"},
		{"campaign twice", func(p *Plan) { p.Campaigns = append(p.Campaigns, p.Campaigns[0]) }, "campaigns.7.id", "duplicate"},
		{"queue twice", func(p *Plan) { p.Queues = append(p.Queues, p.Queues[0]) }, "queues.3.id", "duplicate"},
		{"wait 1", func(p *Plan) { p.Queues[0].WaitSeconds = 1 }, "queues.3.wait_seconds", "out_of_range"},
		{"music too short", func(p *Plan) { p.Queues[0].Music, p.Queues[0].MusicMS = "/m.wav", 200 }, "queues.3.music_ms", "out_of_range"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := samplePlan()
			c.spoil(&p)
			_, err := Render(p)
			var caller *models.Error
			if !errors.As(err, &caller) {
				t.Fatalf("error %v is not a *models.Error", err)
			}
			for _, f := range caller.Fields {
				if f.Field == c.field && f.Code == c.code && f.Text != "" && f.TextZH != "" {
					return
				}
			}
			t.Errorf("no fault %s at %s in %v", c.code, c.field, err)
		})
	}
}

func TestCheckFinds(t *testing.T) {
	good := string(mustRender(t, samplePlan()).Files[FileName])
	cases := []struct{ name, from, to, want string }{
		{"changed by hand", "+67 ALLOTTED", "+68 ALLOTTED", "changed after it was generated"},
		{"preprocessor", "<context", `<X-PRE-PROCESS cmd="exec" data="id"/><context`, "order to the preprocessor"},
		{"preprocessor comment", "<context", "<!--#include x -->\n<context", "order to the preprocessor"},
		{"two elements on a line", "</context>\n</include>", "</context></include>", "<include>"},
		{"include and context on a line", "<include>\n", "<include>", "more than one element"},
		{"load-time variable", "/sounds/7.wav", "$${sounds_dir}/7.wav", "expanded when the file is loaded"},
		{"call-time variable", "/sounds/通知.wav", "${system id}.wav", "not one of our variables"},
		{"unclosed variable", "/sounds/通知.wav", "${waihu_key", ""},
		{"foreign application", `application="sleep"`, `application="system"`, "not one of ours"},
		{"target missing", "waihu_overflow_3 XML", "waihu_overflow_4 XML", "does not exist"},
		{"other context", "waihu_overflow_3 XML waihu", "1000 XML default", "out of the context"},
		{"circle", `data="waihu_overflow_3 XML waihu"`, `data="waihu_queue_3 XML waihu"`, "circles"},
		{"unknown element", "<extension name", "<macro/>\n<extension name", "not known"},
		{"processing instruction", "<include>", "<?xml version=\"1.0\"?>\n<include>", "<?"},
		{"cut off", "</include>", "", "read dialplan"},
		{"renamed context", `context name="waihu"`, `context name="default"`, "named"},
		{"no revision", `name="waihu_revision"`, `name="revision"`, "missing"},
		{"control byte", "/sounds/7.wav", "/sounds/\x01.wav", "control character"},
		{"not UTF-8", "/sounds/7.wav", "/sounds/\xff.wav", "UTF-8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			bad := strings.Replace(good, c.from, c.to, 1)
			if bad == good {
				t.Fatalf("%q is not in the file", c.from)
			}
			stamp, err := Check([]byte(bad))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("Check says %v, want %q", err, c.want)
			}
			if stamp != "" {
				t.Errorf("a stamp (%s) beside the error", stamp)
			}
		})
	}
	if _, err := Check(nil); err == nil {
		t.Error("an empty file passes: FreeSWITCH would lose the context")
	}
}

// genPlan draws valid plans.
func genPlan(t *rapid.T) Plan {
	sound := rapid.StringMatching(`(/[a-zA-Z0-9._+-]{0,8}[a-zA-Z0-9外呼]){1,4}\.wav`)
	key := rapid.StringMatching(`[0-9*#]`)
	var p Plan
	for id := int64(1); id <= int64(rapid.IntRange(1, 3).Draw(t, "queues")); id++ {
		q := QueueFlow{QueueID: id, WaitSeconds: rapid.IntRange(2, 600).Draw(t, "wait")}
		if rapid.Bool().Draw(t, "announced") {
			q.Announcement, q.Apology = sound.Draw(t, "announcement"), sound.Draw(t, "apology")
		}
		if rapid.Bool().Draw(t, "file music") {
			q.Music, q.MusicMS = sound.Draw(t, "music"), int64(rapid.IntRange(10_000, 100_000).Draw(t, "ms"))
		}
		if rapid.Bool().Draw(t, "comfort") {
			q.Comfort, q.ComfortMS = sound.Draw(t, "comfort sound"), int64(rapid.IntRange(0, 20_000).Draw(t, "comfort ms"))
			q.ComfortSeconds = rapid.IntRange(5, 120).Draw(t, "comfort seconds")
		}
		switch q.Overflow = rapid.SampledFrom([]models.OverflowKind{"", models.OverflowHangUp, models.OverflowQueue, models.OverflowNumber, models.OverflowVoicemail}).Draw(t, "overflow"); q.Overflow {
		case models.OverflowQueue:
			if q.OverflowQueueID = id - 1; id == 1 {
				q.Overflow = ""
			}
		case models.OverflowNumber:
			q.Outside = Outside{Gateway: "g_1", Number: rapid.StringMatching(`\+?[0-9]{3,15}`).Draw(t, "number")}
		case models.OverflowVoicemail:
			q.Messages = "/rec"
		}
		p.Queues = append(p.Queues, q)
	}
	for id := int64(1); id <= int64(rapid.IntRange(0, 6).Draw(t, "campaigns")); id++ {
		c := CampaignFlow{
			CampaignID: id, Sound: sound.Draw(t, "sound"), DurationMS: int64(rapid.IntRange(1, 100_000).Draw(t, "ms")),
			PlayCount: rapid.IntRange(1, 99).Draw(t, "plays"), ExtraSeconds: rapid.IntRange(0, 60).Draw(t, "extra"),
			KeySeconds: rapid.IntRange(1, 60).Draw(t, "key seconds"),
			QueueID:    rapid.Int64Range(1, int64(len(p.Queues))).Draw(t, "queue"),
			Mode:       rapid.SampledFrom([]models.CampaignMode{models.ModeVoiceOnly, models.ModeVoiceKey, models.ModeDirectAgent}).Draw(t, "mode"),
		}
		if rapid.Bool().Draw(t, "agent") {
			c.AgentKey = key.Draw(t, "agent key")
		}
		if k := key.Draw(t, "opt-out key"); k != c.AgentKey {
			c.OptOutKey = k
		}
		for _, k := range rapid.SliceOfN(key, 0, 4).Draw(t, "keys") {
			if c.Keys == nil {
				c.Keys = map[string]string{}
			}
			c.Keys[k] = "x"
		}
		p.Campaigns = append(p.Campaigns, c)
	}
	return p
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := genPlan(t)
		rev, err := Render(p)
		if err != nil {
			t.Fatalf("render: %v", err)
		}
		got, err := Read(rev.Files[FileName])
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		want := Build(p)
		want.Extensions[0].Conditions[0].Actions[0].Data += rev.Stamp
		if a, b := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); a != b {
			t.Fatalf("read back\n%s\nwant\n%s", a, b)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add(mustRender(f, Plan{}).Files[FileName])
	f.Add([]byte("<include>\n<context name=\"waihu\">\n</context>\n</include>"))
	f.Add([]byte("<include><context name=\"a\"><extension name=\"&#x24;{x}\"></extension></context></include>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Read(data)
		if err != nil {
			return
		}
		out, err := d.Marshal()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := Read(out)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, out)
		}
		if a, b := fmt.Sprintf("%q", d), fmt.Sprintf("%q", again); a != b {
			t.Fatalf("%s became %s", a, b)
		}
	})
}

// FuzzRenderSound throws texts at every field that takes some: either they are refused, or the file passes Check and
// holds them as data.
func FuzzRenderSound(f *testing.F) {
	for _, s := range []string{"/a.wav", "/a\n.wav", "/${x}", "/$${x}", "/&lt;", "/a\"b", "/<X-PRE-PROCESS>", "local_stream://moh", "/a b", "/\u2028", "*", "#"} {
		f.Add(s, s)
	}
	small := func() Plan {
		p := samplePlan()
		p.Campaigns, p.Campaigns[0].Keys = p.Campaigns[:1], map[string]string{}
		return p
	}
	ours := strings.Count(string(mustRender(f, small()).Files[FileName]), "${")
	f.Fuzz(func(t *testing.T, path, key string) {
		p := small()
		p.Campaigns[0].Sound, p.Campaigns[0].OptOutSound, p.Campaigns[0].OptOutKey = path, path, key
		p.Queues[0].Music = path
		p.Campaigns[0].Keys[key] = path
		rev, err := Render(p)
		var caller *models.Error
		if err != nil && !errors.As(err, &caller) {
			t.Fatalf("%q, %q: passed validation but not the reader: %v", path, key, err)
		}
		if err != nil {
			return
		}
		if strings.Count(string(rev.Files[FileName]), "${") != ours {
			t.Fatalf("%q brought a variable with it", path)
		}
	})
}

// The router must choose what FreeSWITCH chooses, whatever short cuts it takes.
func TestRouterIsAPlainSearch(t *testing.T) {
	d := Build(largePlan(3))
	d.Extensions = append(d.Extensions,
		extension("late", "^waihu_menu_1$", hangUp()),
		extension("two", "^waihu_(x|y)_[12]$", hangUp()),
		extension("loose", "menu_[0-9]$", hangUp()),
		extension("optional", "^z[ab]?$", hangUp()))
	r, err := newRouter(d)
	if err != nil {
		t.Fatal(err)
	}
	numbers := []string{"", "waihu_menu_1", "waihu_menu_1_", "waihu_menu_1_1", "waihu_menu_1_9", "waihu_menu_1_*", "waihu_menu_1_#", "waihu_menu_1_A",
		"waihu_menu_11", "waihu_x_1", "waihu_y_2", "waihu_z_1", "a_menu_5", "z", "za", "zc", "waihu_revision", "waihu_revision2"}
	for _, n := range numbers {
		want := ""
		for _, e := range d.Extensions {
			if regexp.MustCompile(e.Conditions[0].Expression).MatchString(n) {
				want = e.Name
				break
			}
		}
		got := ""
		if e := r.find(n); e != nil {
			got = e.Name
		}
		if got != want {
			t.Errorf("%q goes to %q, want %q", n, got, want)
		}
	}
}
