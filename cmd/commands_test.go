package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"

	"waihu/config"
	"waihu/controller/doctor"
	"waihu/controller/number"
	"waihu/dialplan"
	"waihu/models"
	"waihu/models/store"
)

// inside works in an empty folder with English texts and gives a function that runs a command and demands an exit code.
func inside(t *testing.T) func(want int, args ...string) (out, errOut string) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("WAIHU_LANG", "en")
	return func(want int, args ...string) (string, string) {
		t.Helper()
		code, out, errOut := run(t, args...)
		if code != want {
			t.Fatalf("%v: exit %d, want %d\n%s%s", args, code, want, out, errOut)
		}
		return out, errOut
	}
}

// stored opens the database of the current folder.
func stored(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Driver: store.SQLite, DSN: "data/waihu.db"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMigrate(t *testing.T) {
	do := inside(t)
	out, _ := do(ExitOK, "migrate", "status")
	steps := strings.Count(out, "pending")
	if steps < 10 || strings.Contains(out, "applied") {
		t.Fatalf("status of an empty database:\n%s", out)
	}
	do(ExitOK, "migrate", "up")
	if out, _ = do(ExitOK, "migrate", "status"); strings.Count(out, "applied") != steps {
		t.Errorf("status after up:\n%s", out)
	}
	do(ExitOK, "migrate", "down")
	if out, _ = do(ExitOK, "migrate", "status"); strings.Count(out, "pending") != 1 {
		t.Errorf("status after down:\n%s", out)
	}
	do(ExitUsage, "migrate", "sideways")
}

func TestUser(t *testing.T) {
	do := inside(t)
	out, _ := do(ExitOK, "user", "add", "Alice", "--role", "team_leader")
	m := regexp.MustCompile(`password: (\S{20,})`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no password is shown: %q", out)
	}
	s := stored(t)
	u, err := s.UserByLogin(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	good, err := argon2id.ComparePasswordAndHash(m[1], u.PasswordHash)
	if err != nil || !good || u.Role != models.RoleTeamLeader || u.OrganizationID == 0 {
		t.Errorf("stored as %+v, password good: %t, %v", u, good, err)
	}
	out, _ = do(ExitOK, "user", "passwd", "alice")
	if strings.Contains(out, m[1]) {
		t.Error("the password did not change")
	}
	after, err := s.UserByLogin(t.Context(), "alice")
	if err != nil || after.PasswordHash == u.PasswordHash {
		t.Errorf("the hash did not change: %v", err)
	}
	out, _ = do(ExitOK, "user", "add", "root", "--role", "admin")
	if !strings.Contains(out, "organisation 0") {
		t.Errorf("an administrator belongs to one organisation: %q", out)
	}
	if out, _ = do(ExitOK, "user", "list"); strings.Count(out, "\n") != 2 || !strings.Contains(out, "alice\tteam_leader\tdefault") {
		t.Errorf("list: %q", out)
	}
	_, errOut := do(ExitUsage, "user", "add", "ALICE")
	if strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, "login") {
		t.Errorf("a second alice: %q", errOut)
	}
	_, errOut = do(ExitUsage, "user", "add", "a b", "--role", "boss")
	if strings.Count(errOut, "\n") != 2 || !strings.Contains(errOut, "LOGIN: ") || !strings.Contains(errOut, "--role: ") {
		t.Errorf("two mistakes: %q", errOut)
	}
	do(ExitUsage, "user", "passwd", "nobody")
	do(ExitUsage, "user", "add")
}

func TestUserPasswordFromInput(t *testing.T) {
	inside(t)
	add := func(input string) (int, string) {
		var out, errOut bytes.Buffer
		code := Execute([]string{"user", "add", "bob", "--stdin"}, strings.NewReader(input), &out, &errOut)
		return code, out.String() + errOut.String()
	}
	if code, text := add("short\n"); code != ExitUsage || !strings.Contains(text, "at least 12") {
		t.Errorf("a short password: exit %d, %q", code, text)
	}
	if code, text := add(""); code != ExitFailure {
		t.Errorf("no password: exit %d, %q", code, text)
	}
	code, text := add("correct horse battery\r\n")
	if code != ExitOK || strings.Contains(text, "battery") {
		t.Errorf("exit %d, %q", code, text)
	}
	u, err := stored(t).UserByLogin(t.Context(), "bob")
	if err != nil {
		t.Fatal(err)
	}
	if good, err := argon2id.ComparePasswordAndHash("correct horse battery", u.PasswordHash); err != nil || !good {
		t.Errorf("the password read is not the one stored: %v", err)
	}
}

func TestImport(t *testing.T) {
	do := inside(t)
	write(t, "n.csv", "姓名,电话\n张三,13800138000\n李四,+86 138 0013 8000\n王五,110\nx,0755-12345678,1,2,3,4,5,6,7,8,9\n钱,13900139000\n孙,17012345678\n")
	write(t, "black.txt", "13900139000\n170*\n")
	out, _ := do(ExitOK, "import", "--blacklist", "black.txt")
	if !strings.Contains(out, "2 numbers, 2 of them new") {
		t.Errorf("blacklist: %q", out)
	}
	if out, _ = do(ExitOK, "import", "--blacklist", "black.txt"); !strings.Contains(out, "0 of them new") {
		t.Errorf("blacklist again: %q", out)
	}
	out, _ = do(ExitOK, "import", "--preview", "n.csv")
	if !strings.Contains(out, "numbers in column 2") || !strings.Contains(out, "row 5 would be rejected") {
		t.Errorf("preview: %q", out)
	}
	out, _ = do(ExitOK, "import", "n.csv", "--rejects", "rejects.csv", "--name", "November")
	if out != "list 1: 6 rows, 1 numbers, 1 duplicates, 2 blacklisted, 2 rejected\n" {
		t.Errorf("import: %q", out)
	}
	rejects, err := os.ReadFile("rejects.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"emergency_number", "too_many_columns", "duplicate", "blacklisted"} {
		if !strings.Contains(string(rejects), code) {
			t.Errorf("the reject file lacks %s:\n%s", code, rejects)
		}
	}
	l, err := stored(t).ContactList(t.Context(), 1)
	if err != nil || l.Name != "November" || l.State != models.ListReady || l.Valid != 1 || l.NumberColumn != 1 {
		t.Errorf("list is %+v, %v", l, err)
	}
	if _, errOut := do(ExitUsage, "import", "n.csv"); !strings.Contains(errOut, "imported already as list 1") {
		t.Errorf("the same file: %q", errOut)
	}
	if out, _ = do(ExitOK, "import", "n.csv", "--again"); !strings.HasPrefix(out, "list 2: ") {
		t.Errorf("again: %q", out)
	}
}

// TestImportGoesOn continues the list that a killed import left behind.
func TestImportGoesOn(t *testing.T) {
	do := inside(t)
	text := "电话\n"
	for i := range 100 {
		text += "1380013" + string([]byte{'8', '0', byte('0' + i/10), byte('0' + i%10)}) + "\n"
	}
	write(t, "n.csv", text)
	do(ExitOK, "import", "n.csv")
	s := stored(t)
	list, err := s.ContactList(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	list.State, list.ResumeRow, list.Rows, list.Valid = models.ListImporting, 41, 40, 40 // as if the other blocks had not been written
	if err := s.UpdateContactList(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	out, errOut := do(ExitOK, "import", "n.csv")
	if !strings.Contains(errOut, "going on with list 1 behind line 41") || !strings.HasPrefix(out, "list 1: 100 rows, 100 numbers, 0 duplicates") {
		t.Errorf("out %q, err %q", out, errOut)
	}
}

func TestImportRefuses(t *testing.T) {
	do := inside(t)
	write(t, "empty.csv", "")
	write(t, "binary.csv", "PK\x00\x01\x02\x00\xff\xfe\x00")
	write(t, "eleven.csv", "a,b,c,d,e,f,g,h,i,j,k\n13800138000,1,2,3,4,5,6,7,8,9,10\n")
	for _, args := range [][]string{
		{"import", "missing.csv"}, {"import", "."}, {"import", "empty.csv"}, {"import", "binary.csv"}, {"import", "eleven.csv"},
		{"import", "eleven.csv", "--set", "import.max_bytes=10"}, {"import", "eleven.csv", "--preview", "--blacklist"}, {"import"},
	} {
		if _, errOut := do(ExitUsage, args...); !strings.HasPrefix(errOut, "waihu: ") {
			t.Errorf("%v: %q", args, errOut)
		}
	}
}

// TestMistakesBeforeAnythingStarts is the command line's part of F-40: one line that names the key, and an exit code.
func TestMistakesBeforeAnythingStarts(t *testing.T) {
	do := inside(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := closed.Addr().String()
	closed.Close()
	write(t, "file", "")
	write(t, "bad.yaml", "swich: {}\n")
	cases := []struct {
		code int
		want string
		args []string
	}{
		{ExitUsage, "bad.yaml:1: swich: unknown key: switch?", []string{"doctor", "--config", "bad.yaml"}},
		{ExitUsage, "--config: cannot read none.yaml", []string{"doctor", "--config", "none.yaml"}},
		{ExitUsage, "--set swich.addr: unknown key", []string{"user", "list", "--set", "swich.addr=x"}},
		{ExitUsage, `log.level: "loud" is not known`, []string{"doctor", "--log-level", "loud"}},
		{ExitFailure, "database.dsn", []string{"migrate", "status", "--set", "database.driver=mysql", "--set", "database.dsn=u:hidden-word@tcp(" + dead + ")/waihu"}},
		{ExitFailure, "data_dir", []string{"user", "list", "--set", "data_dir=file/below"}},
		{ExitFailure, "--esl", []string{"simulator", "--esl", taken.Addr().String()}},
		{ExitUsage, "--dialplan", []string{"simulator", "--dialplan", "nowhere"}},
		{ExitUsage, "--speed", []string{"simulator", "--speed", "0"}},
		{ExitUsage, "no campaign", []string{"dialplan", "export", "out", "--campaign", "9"}},
	}
	for _, c := range cases {
		_, errOut := do(c.code, c.args...)
		if !strings.Contains(errOut, c.want) || strings.Count(errOut, "\n") != 1 || strings.Contains(errOut, "hidden-word") {
			t.Errorf("%v: %q, want one line with %q", c.args, errOut, c.want)
		}
	}
}

func TestDialplanExport(t *testing.T) {
	do := inside(t)
	if out, _ := do(ExitOK, "dialplan", "export", "empty"); !strings.Contains(out, "0 campaigns") || !strings.Contains(out, "0 phones of 127.0.0.1") {
		t.Errorf("without campaigns: %q", out)
	}
	s := stored(t)
	org, err := organization(t.Context(), s, 0)
	if err != nil {
		t.Fatal(err)
	}
	l, err := config.Load(config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	voice := models.VoiceFile{OrganizationID: org, Name: "v", WavPath: "v.wav", DurationMS: 4000, Approval: models.ApprovalApproved}
	list := models.ContactList{OrganizationID: org, Name: "l", State: models.ListReady, Approval: models.ApprovalApproved}
	if err := s.CreateVoiceFile(t.Context(), &voice); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateContactList(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	c := l.NewCampaign(models.ModeVoiceKey)
	c.OrganizationID, c.Name, c.VoiceFileID, c.ContactListID, c.AgentKey = org, "c", voice.ID, list.ID, "1"
	if err := s.CreateCampaign(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
	if out, _ := do(ExitOK, "dialplan", "export", "out"); !strings.Contains(out, "1 campaigns") {
		t.Errorf("with one campaign: %q", out)
	}
	xml, err := os.ReadFile(filepath.Join("out", dialplan.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dialplan.Check(xml); err != nil {
		t.Errorf("what was exported does not hold: %v", err)
	}
	if !bytes.Contains(xml, []byte(l.Switch.SoundsDir+"/v.wav")) {
		t.Errorf("the sound is not where the switch sees it:\n%s", xml)
	}
}

// TestSimulatorAndDoctor runs the two commands against each other.
func TestSimulatorAndDoctor(t *testing.T) {
	inside(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	said := make(lines, 16)
	sim := &app{out: &bytes.Buffer{}, err: said}
	done := make(chan error, 1)
	go func() {
		done <- sim.simulate(ctx, simulatorFlags{addr: "127.0.0.1:0", password: "not-the-default", report: "report.json", speed: 1, sessions: 1000, perSecond: 100})
	}()
	m := regexp.MustCompile(`event socket (\S+),`).FindStringSubmatch(<-said)
	if m == nil {
		t.Fatal("the simulator does not say its address")
	}
	flags := []string{"--set", "switch.addr=" + m[1], "--set", "switch.password=not-the-default", "--set", "trunks=[{name: a, gateway: pstn}]"}
	code, out, errOut := run(t, append([]string{"doctor", "--lang", "en"}, flags...)...)
	if code != ExitOK || strings.Contains(out, "fail") || !strings.Contains(out, "answers and takes the password") {
		t.Errorf("doctor: exit %d\n%s%s", code, out, errOut)
	}
	code, out, _ = run(t, append([]string{"doctor", "--json"}, flags...)...)
	var checks []doctor.Check
	if err := json.Unmarshal([]byte(out), &checks); err != nil || code != ExitOK || len(checks) < 12 {
		t.Errorf("doctor --json: exit %d, %d checks, %v", code, len(checks), err)
	}
	code, out, errOut = run(t, "doctor", "--lang", "zh", "--set", "switch.addr="+m[1], "--set", "switch.password=wrong")
	if code != ExitFailure || !strings.Contains(out, "→") || !strings.Contains(out, "请核对 switch.password") || !strings.Contains(errOut, "项检查未通过") {
		t.Errorf("doctor with a wrong password: exit %d\n%s%s", code, out, errOut)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("simulator: %v", err)
	}
	if data, err := os.ReadFile("report.json"); err != nil || !json.Valid(data) {
		t.Errorf("report: %v", err)
	}
}

// lines is a writer that hands each write on.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// TestKindsOfNumbers holds the configuration and package number together.
func TestKindsOfNumbers(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, k := range number.Kinds() {
		l, err := config.Load(config.Options{Set: []string{"numbers.kinds=" + string(k)}})
		if err != nil {
			t.Errorf("kind %s cannot be configured: %v", k, err)
		}
		if o := intakeOptions(l.Config); len(o.Policy.Kinds) != 1 || o.Policy.Kinds[0] != k {
			t.Errorf("kind %s becomes %v", k, o.Policy.Kinds)
		}
	}
}
