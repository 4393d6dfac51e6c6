package cmd

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"waihu/models"
	"waihu/simulator"
)

// shell runs a command line in dir and returns exit code, standard output and standard error.
func shell(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code := Execute(append([]string{"--lang", "en"}, args...), strings.NewReader(""), &out, &errOut)
	return code, out.String(), errOut.String()
}

func put(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func voiceFile(t *testing.T, dir string) string {
	var b bytes.Buffer
	if err := sampleVoice(&b); err != nil {
		t.Fatal(err)
	}
	return put(t, dir, "notice.wav", b.String())
}

// dirtyList writes a GB18030 list with n good numbers and one of each sort of bad row for every hundred, and returns the good
// numbers and how many rows must be rejected, by code.
func dirtyList(t *testing.T, dir string, n int) (path, blacklist string, good map[string]bool, bad map[string]int) {
	r := rand.New(rand.NewPCG(7, 7))
	good, bad = map[string]bool{}, map[string]int{}
	rows := []string{"姓名,手机,备注"}
	black := []string{}
	for len(good) < n {
		num := fmt.Sprintf("139%08d", r.IntN(1e8))
		if good["+86"+num] {
			continue
		}
		good["+86"+num] = true
		rows = append(rows, "客户,"+num+",深圳")
		if len(good)%100 != 0 {
			continue
		}
		rows = append(rows, "重复,+86 "+num+",再来", "字母,13800A0000,", "命令,13800138000{},", "十一列,13800138001,3,4,5,6,7,8,9,10,11", "报警,110,")
		blocked := fmt.Sprintf("137%08d", r.IntN(1e8))
		rows = append(rows, "黑名单,"+blocked+",")
		black = append(black, blocked)
		bad["duplicate"]++
		bad["number_letters"]++
		bad["number_characters"]++
		bad["too_many_columns"]++
		bad["emergency_number"]++
		bad["blacklisted"]++
	}
	text, err := simplifiedchinese.GB18030.NewEncoder().String(strings.Join(rows, "\r\n") + "\r\n")
	if err != nil {
		t.Fatal(err)
	}
	return put(t, dir, "list.csv", text), put(t, dir, "black.txt", strings.Join(black, "\n")+"\n"), good, bad
}

func readCSV(t *testing.T, path string) []map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readAll(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if err != nil {
		t.Fatal(err)
	}
	out := make([]map[string]string, 0, len(rows))
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, h := range rows[0] {
			if i < len(row) {
				m[h] = row[i]
			}
		}
		out = append(out, m)
	}
	return out
}

func readAll(data []byte) ([][]string, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	return r.ReadAll()
}

func readReport(t *testing.T, path string) simulator.Report {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rep simulator.Report
	if err := json.Unmarshal(data, &rep); err != nil {
		t.Fatal(err)
	}
	return rep
}

// The main job, against the witness: every valid number dialled the right number of times, exactly once per attempt as the
// simulated switch counted it, and the reject file explains the rest. The race detector sees fewer numbers; `make test` runs this
// once more without it.
func TestBroadcastOfTenThousand(t *testing.T) {
	t.Parallel()
	n := 10_000
	switch {
	case testing.Short():
		n = 1_000
	case raceDetector:
		n = 2_000
	}
	againstWitness(t, n, 0, "--speed", "60")
}

// Retries run through the hours and days that the rules ask for; time flies.
func TestBroadcastWithRetries(t *testing.T) {
	t.Parallel()
	againstWitness(t, 400, 3, "--speed", "600", "--concurrency", "50")
}

func againstWitness(t *testing.T, n, retries int, flags ...string) {
	dir := t.TempDir()
	list, black, good, bad := dirtyList(t, dir, n)
	out, rejects, report := filepath.Join(dir, "results.csv"), filepath.Join(dir, "rejects.csv"), filepath.Join(dir, "report.json")
	code, stdout, stderr := shell(t, append([]string{"broadcast", "--list", list, "--audio", voiceFile(t, dir), "--out", out, "--rejects", rejects,
		"--blacklist", black, "--mode", "voice_key", "--retries", strconv.Itoa(retries), "--simulate", "--report", report}, flags...)...)
	if code != ExitOK {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	rep := readReport(t, report)
	results := readCSV(t, out)
	if len(results) != n {
		t.Fatalf("%d rows for %d valid numbers", len(results), n)
	}
	dialled := 0
	for _, row := range results {
		if !good[row["number"]] {
			t.Fatalf("%v is not a valid number, or came twice", row)
		}
		delete(good, row["number"])
		dialled += compare(t, row, rep.Numbers[strings.TrimPrefix(row["number"], "+86")], retries)
	}
	if len(good) > 0 || dialled != rep.Totals.Dialled || rep.Totals.InProgress != 0 {
		t.Fatalf("%d numbers without a row; %d dials in the results, %d on the switch", len(good), dialled, rep.Totals.Dialled)
	}
	for _, row := range readCSV(t, rejects) {
		bad[row["code"]]--
	}
	for code, left := range bad {
		if left != 0 {
			t.Errorf("rejects with %s: %d missing", code, left)
		}
	}
	t.Logf("%d numbers, %d dials, %d refused by the switch, %d at once at most", n, dialled, rep.Totals.Refused, rep.Totals.PeakCalls)
}

// compare holds a row of the results against what the switch saw of its number.
func compare(t *testing.T, row map[string]string, saw simulator.NumberReport, retries int) int {
	t.Helper()
	attempts, err := strconv.Atoi(row["attempts"])
	if err != nil || attempts < 1 || attempts > 1+retries || saw.Dialled != attempts || saw.MaxAtOnce > 1 {
		t.Fatalf("%v, the switch saw %+v", row, saw)
	}
	last := saw.Calls[len(saw.Calls)-1]
	if last.Cause != row["cause"] || last.Keys != row["keys"] || last.Answered.IsZero() == (row["outcome"] == "answered") {
		t.Fatalf("%v, the switch saw %+v", row, last)
	}
	if !slices.Contains(models.Outcomes, models.Outcome(row["outcome"])) {
		t.Fatalf("%v has no final outcome", row)
	}
	return attempts
}

// A single test (S1-37) dials its number as the campaign would; the list is left alone and the campaign is not started.
func TestBroadcastSingleTest(t *testing.T) {
	dir := t.TempDir()
	list := put(t, dir, "list.csv", "手机\n13800000200\n13800000201\n")
	report := filepath.Join(dir, "report.json")
	code, stdout, stderr := shell(t, "broadcast", "--list", list, "--audio", voiceFile(t, dir), "--out", filepath.Join(dir, "out.csv"), "--simulate",
		"--test", "138 0000 0486", "--report", report)
	if code != ExitOK || !strings.Contains(stdout, "+8613800000486: busy, USER_BUSY") {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	rep := readReport(t, report)
	if rep.Totals.Dialled != 1 || rep.Numbers["13800000486"].Dialled != 1 {
		t.Fatalf("the switch saw %+v", rep.Totals)
	}
	code, _, stderr = shell(t, "broadcast", "--list", list, "--audio", voiceFile(t, dir), "--out", filepath.Join(dir, "out.csv"), "--simulate", "--test", "110")
	if code != ExitUsage || !strings.Contains(stderr, "emergency") {
		t.Fatalf("exit %d\n%s", code, stderr)
	}
}
