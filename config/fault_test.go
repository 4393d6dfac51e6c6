package config

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"waihu/models"
)

// TestFaults is the table of configuration mistakes (F-40, A-19): each is one line that names source, key and mend.
func TestFaults(t *testing.T) {
	cases := []struct {
		name, file string
		set        []string
		want       []string // each must begin or be part of one line, and there are no other lines
	}{
		{"unknown key", "swich:\n  addr: a\n", nil, []string{"config.yaml:1: swich: unknown key: switch?"}},
		{"unknown key inside", "switch:\n  adr: a:1\n", nil, []string{"config.yaml:2: switch.adr: unknown key: addr?"}},
		{"unknown key in a list", "trunks:\n  - name: a\n    gateway: b\n    lnes: 4\n", nil, []string{"config.yaml:4: trunks[0].lnes: unknown key: lines?"}},
		{"doubled key", "data_dir: /a\ndata_dir: /b\n", nil, []string{"config.yaml:2: data_dir: stands twice"}},
		{"alias", "data_dir: &x /a\nsounds_dir: *x\n", nil, []string{"config.yaml:2: sounds_dir: anchors"}},
		{"not YAML", "a: [\n", nil, []string{"not YAML"}},
		{"a list at the top", "- a\n", nil, []string{"config.yaml:1: a group of keys is wanted"}},
		{"value for group", "switch: x\n", nil, []string{"config.yaml:1: switch: a group of keys is wanted here: addr, password"}},
		{"group for value", "data_dir: {a: b}\n", nil, []string{"config.yaml:1: data_dir: one value is wanted"}},
		{"group for list", "callers: {a: b}\n", nil, []string{"config.yaml:1: callers: a list is wanted"}},
		{"text for number", "campaign: {ring_seconds: soon}\n", nil, []string{`campaign.ring_seconds: "soon" is not a whole number`}},
		{"fraction for number", "campaign: {ring_seconds: 45.5}\n", nil, []string{`campaign.ring_seconds: "45.5" is not a whole number`}},
		{"text for rate", "switch: {cps: .nan}\n", nil, []string{`switch.cps: ".nan" is not a number`}},
		{"yes for bool", "production: yes\n", nil, []string{`production: "yes" is neither true nor false`}},
		{"concurrency 1000", "campaign: {max_concurrency: 1000}\n", nil, []string{"campaign.max_concurrency: 1000 is too large: at most 999"}},
		{"concurrency -1", "campaign: {max_concurrency: -1}\n", nil, []string{"campaign.max_concurrency: -1 is too small: at least 0"}},
		{"ring 0", "campaign: {ring_seconds: 0}\n", nil, []string{"campaign.ring_seconds: 0 is too small: at least 5"}},
		{"ring 10 under a pack", "campaign: {ring_seconds: 10}\n", nil, []string{"campaign.ring_seconds: 10 is too short for rule pack CN: at least 15"}},
		{"play count 0", "campaign: {play_count: 0}\n", nil, []string{"campaign.play_count: 0 is too small"}},
		{"key A", "campaign: {agent_key: A}\n", nil, []string{`campaign.agent_key: "A" is not a key`}},
		{"one key for two", "campaign: {agent_key: 1, opt_out_key: 1}\n", nil, []string{"campaign.opt_out_key: \"1\" is campaign.agent_key too"}},
		{"overlapping windows", "calling:\n  pack: none\n  windows: [\"mon 09:00-12:00\", \"mon-fri 11:00-13:00\"]\n", nil,
			[]string{"config.yaml:3: calling.windows[1]: mon 11:00-13:00 overlaps mon 09:00-12:00 of calling.windows[0]"}},
		{"window outside the pack", "calling: {windows: [\"mon 08:00-12:00\"]}\n", nil, []string{"calling.windows: mon 08:00-12:00 is outside the hours of rule pack CN"}},
		{"window over midnight", "calling: {windows: [\"mon 22:00-02:00\"]}\n", nil, []string{"calling.windows[0]: \"22:00-02:00\" ends before it begins"}},
		{"too often for the pack", "calling: {per_number_day: 9, min_gap_seconds: 60}\n", nil,
			[]string{"calling.per_number_day: rule pack CN allows at most 2", "calling.min_gap_seconds: rule pack CN wants at least 3600"}},
		{"no limit under a pack", "calling: {per_number_day: 0}\n", nil, []string{"calling.per_number_day: rule pack CN allows at most 2"}},
		{"unknown pack", "calling: {pack: DE}\n", nil, []string{`calling.pack: "DE" is not known: one of none, CN, US, UK`}},
		{"bad zone", "calling: {zone: Mars/Olympus}\n", nil, []string{`calling.zone: "Mars/Olympus" is no time zone`}},
		{"bad holiday", "calling: {holidays: [1.1.2027]}\n", nil, []string{`calling.holidays[0]: "1.1.2027" is no date`}},
		{"bad retry rule", "calling: {retry_rules: [{outcome: answered, times: 1, delay_seconds: 0}]}\n", nil,
			[]string{`calling.retry_rules[0].outcome: "answered" is no outcome`, "calling.retry_rules[0].delay_seconds: 0 is too small"}},
		{"caller with dash", "callers: [0755-12345678]\n", nil, []string{`callers[0]: write "0755-12345678" without "-": 075512345678`}},
		{"caller with letters", "callers: [\"a',b\"]\n", nil, []string{"callers[0]:"}},
		{"trunk names", "trunks: [{name: \"a b\", gateway: loopback}, {name: x, gateway: y}, {name: x, gateway: z}]\n", nil,
			[]string{`trunks[0].name: "a b" must be`, "trunks[0].gateway: loopback is no gateway", `trunks[2].name: "x" stands twice`}},
		{"trunk format", "trunks: [{name: a, gateway: b, number_format: local}]\n", nil, []string{`trunks[0].number_format: "local" is not known`}},
		{"injection in a path", "switch: {sounds_dir: \"/s'${system(x)}\"}\n", nil, []string{"switch.sounds_dir:"}},
		{"address without port", "switch: {addr: localhost}\n", nil, []string{`switch.addr: "localhost" is not host:port`}},
		{"port out of range", "http: {addr: \"127.0.0.1:99999\"}\n", nil, []string{`http.addr: "99999" is not a port`}},
		{"open without TLS", "http: {addr: \"0.0.0.0:8080\"}\n", nil, []string{"http.addr: 0.0.0.0:8080 can be reached from other machines"}},
		{"default password in production", "production: true\nswitch:\n  password: ClueCon\n", nil, []string{"config.yaml:3: switch.password: ClueCon is the password of every stock FreeSWITCH"}},
		{"password with a blank", "switch: {password: \"a b\"}\n", nil, []string{"config.yaml:1: switch.password: has a blank"}},
		{"two passwords", "", []string{"switch.password=x", "switch.password_file=PWFILE"}, []string{"--set: switch.password: set either"}},
		{"password file missing", "", []string{"switch.password_file=/nonexistent/pw"}, []string{"switch.password_file: cannot read /nonexistent/pw (no such file or directory)"}},
		{"mysql without dsn", "database: {driver: mysql}\n", nil, []string{"database.dsn: mysql needs where to go"}},
		{"placeholder without file", "database: {driver: mysql, dsn: \"u:{password}@tcp(h)/d\"}\n", nil, []string{"database.password_file: database.dsn has {password}"}},
		{"xml_curl without credentials", "switch: {publish: xml_curl}\n", nil, []string{"switch.xml_curl_credentials: publish: xml_curl needs a file"}},
		{"credentials of another form", "", []string{"switch.xml_curl_credentials=PWFILE"}, []string{"--set: switch.xml_curl_credentials: the first line of"}},
		{"phones", "phones: {profile: \"a b\", domain: \"${x}\", port: 0, transport: sctp}\n", nil,
			[]string{`phones.profile: "a b" must be`, `phones.domain: "${x}" is no host name`, "phones.port: 0 is too small", `phones.transport: "sctp" is not known`}},
		{"flag without value", "", []string{"production"}, []string{"--set production: write key=value"}},
		{"flag with unknown key", "", []string{"swich.addr=x"}, []string{"--set swich.addr: unknown key: switch.addr?"}},
		{"log level", "log: {level: loud}\n", nil, []string{`log.level: "loud" is not known: one of debug`}},
		{"all at once", "campaign: {ring_seconds: 0, max_concurrency: 1000}\nfoo: 1\nlog: {level: x}\n", nil,
			[]string{"foo: unknown key", "ring_seconds: 0", "max_concurrency: 1000", "log.level"}},
	}
	pw := write(t, "pw\n")
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for i := range c.set {
				c.set[i] = strings.ReplaceAll(c.set[i], "PWFILE", pw)
			}
			_, err := Load(Options{Path: write(t, c.file), Set: c.set})
			var e *models.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want faults", err)
			}
			lines := make([]string, 0, len(e.Fields))
			for _, f := range e.Fields {
				line := Line(f, false)
				if strings.ContainsAny(line, "\n\r") || strings.Contains(line, "%!") {
					t.Errorf("not one clean line: %q", line)
				}
				if zh := Line(f, true); zh == line || strings.Contains(zh, "%!") {
					t.Errorf("no Chinese text: %q", zh)
				}
				lines = append(lines, line)
			}
			if len(lines) != len(c.want) {
				t.Errorf("got %d lines, want %d:\n%s", len(lines), len(c.want), strings.Join(lines, "\n"))
			}
			for _, w := range c.want {
				if !strings.Contains(strings.Join(lines, "\n"), w) {
					t.Errorf("no line has %q:\n%s", w, strings.Join(lines, "\n"))
				}
			}
		})
	}
}

// TestExamplesInTheDocuments: what people copy out of the documents loads, but for files that only their machine has.
func TestExamplesInTheDocuments(t *testing.T) {
	blocks := 0
	for _, doc := range []string{"docs/operator-guide.md", "docs/operator-guide.zh.md", "freeswitch-conf/README.md"} {
		data, err := os.ReadFile(filepath.Join("..", doc))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(data), -1) {
			blocks++
			_, err := Load(Options{Path: write(t, m[1])})
			var e *models.Error
			if err == nil {
				continue
			}
			if !errors.As(err, &e) {
				t.Fatalf("%s: %v", doc, err)
			}
			for _, f := range e.Fields {
				if f.Code != "unreadable" {
					t.Errorf("%s: %s", doc, Line(f, false))
				}
			}
		}
	}
	if blocks < 3 {
		t.Errorf("only %d examples seen", blocks)
	}
}

func TestUnknownEnvironment(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("WAIHU_SWICH_ADDR", "x")
	_, err := Load(Options{})
	var e *models.Error
	if !errors.As(err, &e) || Line(e.Fields[0], false) != "WAIHU_SWICH_ADDR: no key has this environment variable: WAIHU_SWITCH_ADDR?" {
		t.Errorf("got %v", err)
	}
}

func TestFileThatCannotBeRead(t *testing.T) {
	_, err := Load(Options{Path: filepath.Join(t.TempDir(), "none.yaml")})
	if !models.IsKind(err, models.Invalid) || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("got %v", err)
	}
	_, err = Load(Options{Path: t.TempDir()})
	if !models.IsKind(err, models.Invalid) {
		t.Errorf("a folder: got %v", err)
	}
}

func TestDefaultPasswordWarnsWhenTryingOut(t *testing.T) {
	l, err := Load(Options{Path: write(t, "switch: {password: ClueCon}\n")})
	if err != nil || len(l.Warnings) != 1 || l.Warnings[0].Field != "switch.password" {
		t.Errorf("warnings %v, err %v", l.Warnings, err)
	}
	if err := l.NeedSwitch(); err != nil {
		t.Errorf("NeedSwitch: %v", err)
	}
	l.Switch.Password = ""
	if !models.IsKind(l.NeedSwitch(), models.Invalid) {
		t.Error("NeedSwitch takes no password for one")
	}
}

func FuzzLoad(f *testing.F) {
	sample := Sample()
	f.Add(sample)
	f.Add([]byte("trunks: [{name: a, gateway: b}]"))
	f.Add([]byte("calling: {windows: [\"mon-fri 09:00-12:00\"]}\nx: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := Load(Options{Path: path})
		if err != nil {
			return
		}
		// What loads is within its limits and can be used.
		if r := l.NewCampaign(models.ModeVoiceOnly); r.RingSeconds < models.MinRingSeconds || r.MaxConcurrency > models.MaxConcurrency {
			t.Errorf("loaded %+v from %q", r, data)
		}
	})
}
