package trial

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waihu/cmd"
	"waihu/models/store/storetest"
)

// Shows 6 by the real program: what is wrong is told in one line that names the flag or key and the mend, in both languages,
// with an exit code that is not 0, and nothing is dialled.
func TestBadInput(t *testing.T) {
	t.Parallel()
	x := newExchange(t, nil)
	s := newSite(t, x, storetest.SQLiteConfig(t), numbers(1000, 3), 40, true)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := free.Addr().String()
	free.Close()
	wrong := filepath.Join(s.dir, "wrong.yaml")
	if err := os.WriteFile(wrong, []byte("swich: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	call := []string{"broadcast", "--list", s.list, "--audio", s.audio, "--out", s.out}
	with := func(args ...string) []string { return append(append([]string{}, call...), args...) }
	cases := map[string]struct {
		args             []string
		code             int
		names            string
		english, chinese string
	}{
		"unreachable_switch": {with("--set", "switch.addr="+dead), cmd.ExitUsage, "switch.addr", "check", "请"},
		"wrong_password":     {with("--set", "switch.password=wrong-word"), cmd.ExitUsage, "switch.addr", "password", "密码"},
		"port_in_use":        {[]string{"serve", "--set", "http.addr=" + taken.Addr().String()}, 0, "http.addr", "in use", "占用"},
		"concurrency_1000":   {with("--concurrency", "1000"), cmd.ExitUsage, "max_concurrency", "0 to 999", "0 到 999"},
		"ring_0":             {with("--set", "campaign.ring_seconds=0"), cmd.ExitUsage, "ring_seconds", "at least 5", "至少为 5"},
		"overlap":            {with("--hours", "mon 09:00-12:00,11:00-13:00"), cmd.ExitUsage, "calling.windows", "11:00", "11:00"},
		"unknown_key":        {[]string{"broadcast", "--config", wrong, "--list", s.list, "--audio", s.audio, "--out", s.out}, cmd.ExitUsage, "swich", "unknown key", "未知"},
		"database_down":      {[]string{"serve", "--set", "database.driver=mysql", "--set", "database.dsn=u:hidden-word@tcp(" + dead + ")/waihu"}, 0, "database.dsn", "refused", "refused"},
	}
	for name, c := range cases {
		for lang, want := range map[string]string{"en": c.english, "zh": c.chinese} {
			args := append([]string{"--lang", lang}, c.args...)
			if name != "unknown_key" {
				args = append([]string{"--config", s.config}, args...)
			}
			p := run(t, s.dir, args...)
			code, said := p.code(t, 30*time.Second), p.said()
			if code == 0 || (c.code != 0 && code != c.code) {
				t.Errorf("%s: exit %d", name, code)
			}
			if !strings.Contains(said, c.names) || !strings.Contains(said, want) || strings.Contains(said, "hidden-word") || strings.Contains(said, "wrong-word") {
				t.Errorf("%s (%s): %q, want %q and %q", name, lang, said, c.names, want)
			}
		}
	}
	if n := x.dialled(); n > 0 {
		t.Errorf("%d calls dialled", n)
	}
}
