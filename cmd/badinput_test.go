package cmd

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"waihu/simulator"
)

// good makes a list and a voice file that are all right, and returns the flags that name them.
func good(t *testing.T) []string {
	t.Helper()
	write(t, "list.csv", "手机\n13800138000\n")
	var b bytes.Buffer
	if err := sampleVoice(&b); err != nil {
		t.Fatal(err)
	}
	write(t, "notice.wav", b.String())
	return []string{"broadcast", "--simulate", "--speed", "500", "--list", "list.csv", "--audio", "notice.wav", "--out", "results.csv"}
}

// TestBadFlags: bad settings are found before anything is done, each in one line that names flag or key.
func TestBadFlags(t *testing.T) {
	do := inside(t)
	base := good(t)
	cases := []struct {
		want string
		more []string
	}{
		{"concurrency", []string{"--concurrency", "1000"}},
		{"concurrency", []string{"--concurrency", "-2"}},
		{"ring_seconds", []string{"--set", "campaign.ring_seconds=0"}},
		{"overlaps", []string{"--set", "calling.pack=none", "--set", "calling.windows=mon-fri 09:00-12:00; fri 11:00-13:00"}},
		{"retries", []string{"--retries", "21"}},
		{"mode", []string{"--mode", "shout"}},
		{"--mode", []string{"--mode", "direct_agent"}},
		{"--trunk", []string{"--trunk", "nowhere"}},
		{"caller", []string{"--caller", "0755-12345678"}},
		{"--speed", []string{"--speed", "0"}},
		{"invalid argument", []string{"--retries", "many"}},
		{"swich: ", []string{"--config", "bad.yaml"}},
	}
	write(t, "bad.yaml", "swich: {}\n")
	for _, c := range cases {
		_, errOut := do(ExitUsage, slices.Concat(base, c.more)...)
		first, _, _ := strings.Cut(errOut, "\n")
		if !strings.HasPrefix(first, "waihu: ") || !strings.Contains(first, c.want) {
			t.Errorf("%v: %q, want a line with %q", c.more, errOut, c.want)
		}
	}
	if _, err := os.Stat("results.csv"); err == nil {
		t.Error("a result file was written")
	}
}

// bomb is a workbook whose one sheet unpacks to far more than it weighs.
func bomb(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml": `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"xl/workbook.xml":     `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>`,
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, text)
	}
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 64 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestBadFiles: what cannot be a number or voice file is refused whole, in one line, and nothing is dialled.
func TestBadFiles(t *testing.T) {
	do := inside(t)
	base := good(t)
	write(t, "empty.csv", "")
	write(t, "binary.csv", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00")
	write(t, "bomb.xlsx", bomb(t))
	write(t, "eleven.csv", "手机,b,c,d,e,f,g,h,i,j,k\n13800138000,1,2,3,4,5,6,7,8,9,10\n")
	write(t, "empty.wav", "")
	write(t, "text.wav", "#EXTM3U\nhttp://127.0.0.1/a.mp3\n")
	cases := []struct{ flag, file, want string }{
		{"--list", "empty.csv", "empty"},
		{"--list", "binary.csv", ""},
		{"--list", "bomb.xlsx", "unpack"},
		{"--list", "eleven.csv", "10"},
		{"--list", "missing.csv", "--list"},
		{"--audio", "empty.wav", ""},
		{"--audio", "text.wav", ""},
		{"--audio", "missing.wav", "--audio"},
	}
	if ffmpeg, err := exec.LookPath("ffmpeg"); err == nil {
		// An MP3 that only its name calls WAV.
		if out, err := exec.CommandContext(t.Context(), ffmpeg, "-loglevel", "error", "-f", "lavfi", "-i", "sine=duration=1", "-f", "mp3", "song.wav").CombinedOutput(); err != nil {
			t.Fatalf("make an MP3: %v %s", err, out)
		}
		cases = append(cases, struct{ flag, file, want string }{"--audio", "song.wav", "MP3"})
	}
	for _, c := range cases {
		_, errOut := do(ExitUsage, slices.Concat(base, []string{c.flag, c.file})...)
		lines := strings.Split(strings.TrimSpace(errOut), "\n")
		last := lines[len(lines)-1]
		if !strings.HasPrefix(last, "waihu: ") || !strings.Contains(last, c.want) {
			t.Errorf("%s %s: %q, want %q", c.flag, c.file, errOut, c.want)
		}
	}
}

// TestBadNumbers: hostile and hopeless numbers go to the reject file, and only the good one is dialled.
func TestBadNumbers(t *testing.T) {
	do := inside(t)
	base := good(t)
	write(t, "list.csv", "手机,备注\n"+
		"13800138000,good\n"+
		"1390013900O,letter\n"+
		"{origination_uuid=x}13900139000,brace\n"+
		"\"138,[execute_on_answer=x]sofia/gateway/gw/999\",comma\n"+
		"13800138001;ext=1,semicolon\n"+
		"13800138002',quote\n"+
		"\"13800138003\napi system id\",line break\n"+
		"138:_:sofia/gateway/gw/777,other channel\n"+
		"110,emergency\n"+
		"13900139001,a,b,c,d,e,f,g,h,i,j\n")
	do(ExitOK, slices.Concat(base, []string{"--rejects", "rejects.csv", "--report", "report.json"})...)
	data, err := os.ReadFile("results.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || !strings.HasSuffix(rows[1][0], "8613800138000") {
		t.Errorf("results %v, %v", rows, err)
	}
	rejects, err := os.ReadFile("rejects.csv")
	if err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(rejects), "\ufeff")))
	reader.FieldsPerRecord = -1 // the row of eleven columns stands there whole
	rows, err = reader.ReadAll()
	if err != nil || len(rows) != 10 {
		t.Errorf("%d rows in the reject file, want a heading and 9: %v\n%s", len(rows), err, rejects)
	}
	report, err := os.ReadFile("report.json")
	if err != nil || strings.Count(string(report), `"calls":`) != 1 {
		t.Errorf("the switch saw more than one number: %v\n%s", err, report)
	}
}

// TestBadSurroundings: a switch, a database or a port that is not to be had is told at once, by its key.
func TestBadSurroundings(t *testing.T) {
	inside(t)
	base := append(good(t)[:1], "--list", "list.csv", "--audio", "notice.wav", "--out", "results.csv",
		"--set", "trunks=[{name: a, gateway: pstn}]", "--set", "callers=075512345678", "--set", "calling.pack=none")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := closed.Addr().String()
	closed.Close()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	sw, err := simulator.New(simulator.Config{Password: "right-password"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- sw.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	serve := []string{"serve", "--set", "switch.password=x"}
	cases := []struct {
		name, want string
		args       []string
	}{
		{"no password", "switch.password", base},
		{"switch not there", dead, slices.Concat(base, []string{"--set", "switch.addr=" + dead, "--set", "switch.password=x"})},
		{"wrong password", "password", slices.Concat(base, []string{"--set", "switch.addr=" + sw.Addr(), "--set", "switch.password=wrong"})},
		{"database down", "database.dsn", slices.Concat(serve, []string{"--set", "database.driver=mysql", "--set", "database.dsn=u:hidden-word@tcp(" + dead + ")/w"})},
		{"port in use", "http.addr", slices.Concat(serve, []string{"--set", "http.addr=" + taken.Addr().String()})},
		{"unknown key", "swich.addr", slices.Concat(serve, []string{"--set", "swich.addr=x"})},
		{"serve without a password", "switch.password", []string{"serve"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, out, errOut := run(t, c.args...)
			lines := strings.Split(strings.TrimSpace(errOut), "\n")
			last := lines[len(lines)-1]
			if code == ExitOK || !strings.HasPrefix(last, "waihu: ") || !strings.Contains(last, c.want) || strings.Contains(errOut, "hidden-word") {
				t.Errorf("exit %d, %q %q, want a last line with %q", code, out, errOut, c.want)
			}
		})
	}
}
