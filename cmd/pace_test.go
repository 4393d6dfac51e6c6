package cmd

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"waihu/controller/rehearse/model"
)

// pace runs the command over the given lines.
func pace(t *testing.T, input string, args ...string) (code int, out, errOut string) {
	t.Helper()
	t.Setenv("WAIHU_LANG", "en")
	var o, e bytes.Buffer
	code = Execute(append([]string{"pace"}, args...), strings.NewReader(input), &o, &e)
	return code, o.String(), e.String()
}

const (
	paceHelloLine = `{"hello":{"tick":1,"target":0.03,"max_wait":2,"ring_timeout":30,"max_lines":0,"agents":10}}` + "\n"
	paceStateLine = `{"t":1.0,"idle":[1.0,1.0],"talk":[30.5],"wrap":[2.0],"ring":[0.4,7.2],"wait":[],"stats":{"dialed":2,"answered":1,"noanswer":0,"connected":1,"abandoned":0},"ev":[{"e":"answer","d":12.1},{"e":"connect","d":0.0}]}` + "\n"
)

func TestPaceAnswersEachState(t *testing.T) {
	code, out, errOut := pace(t, paceHelloLine+paceStateLine+paceStateLine, "--mode", "progressive")
	if code != ExitOK || errOut != "" || out != "{\"dial\":0}\n{\"dial\":0}\n" {
		t.Errorf("two idle agents, two calls: exit %d, out %q, err %q", code, out, errOut)
	}
	idle := `{"t":1,"idle":[1,1,1],"talk":[],"wrap":[],"ring":[1],"wait":[]}` + "\n"
	for mode, want := range map[string]string{"progressive": "2", "ratio": "5"} {
		if _, out, _ = pace(t, paceHelloLine+idle, "--mode", mode, "--ratio", "2", "--guarantee", "off"); out != `{"dial":`+want+"}\n" {
			t.Errorf("%s: %q", mode, out)
		}
	}
	if _, out, _ = pace(t, paceHelloLine+idle, "--mode", "ratio", "--ratio", "2"); out != "{\"dial\":2}\n" {
		t.Errorf("a ratio inside the hard guarantee with nothing answered yet dials one call an agent: %q", out)
	}
	lines := strings.Replace(paceHelloLine, `"max_lines":0`, `"max_lines":2`, 1)
	if _, out, _ = pace(t, lines+idle, "--mode", "progressive"); out != "{\"dial\":1}\n" {
		t.Errorf("two lines, one in use: %q", out)
	}
}

// TestPaceKeepsAnswering: what is wrong is named with its line, and the next state is answered as ever.
func TestPaceKeepsAnswering(t *testing.T) {
	good := `{"t":3,"idle":[1]}`
	for _, c := range []struct{ line, want, answer string }{
		{`{oops`, "line 2: not a JSON object", `{"dial":0}`},
		{`[1,2]`, "line 2: not a JSON object", `{"dial":0}`},
		{`{"t":"soon"}`, "line 2: not a JSON object", `{"dial":0}`},
		{`{"idle":[1]}`, `line 2: neither "hello" nor "t"`, `{"dial":0}`},
		{`null`, `line 2: neither "hello" nor "t"`, `{"dial":0}`},
		{`{"t":1,"idle":[-4]}`, "line 2: idle[0] is negative (-4)", `{"dial":1}`},
		{`{"t":1,"idle":[1],"ev":[{"e":"sneeze"}]}`, `line 2: ev[0]: unknown event "sneeze"`, `{"dial":1}`},
		{`{"t":1,"idle":[1e300],"talk":[1e300],"wrap":[1e300],"ring":[1e300],"wait":[1e300],"ev":[{"e":"answer","d":1e300}]}`, "", `{"dial":0}`},
	} {
		code, out, errOut := pace(t, paceHelloLine+c.line+"\n"+good+"\n")
		answers := strings.Fields(out)
		if code != ExitOK || len(answers) != 2 || answers[0] != c.answer {
			t.Errorf("%s: exit %d, answers %q, want first %s", c.line, code, answers, c.answer)
		}
		if !strings.Contains(errOut, c.want) || (c.want == "") != (errOut == "") {
			t.Errorf("%s: told %q, want %q", c.line, errOut, c.want)
		}
	}
	_, out, errOut := pace(t, `{"t":5,"idle":[1]}`+"\n\n"+`{"t":4,"idle":[1]}`+"\n")
	if out != "{\"dial\":1}\n{\"dial\":1}\n" || !strings.Contains(errOut, `line 3: "t" goes back from 5 to 4`) {
		t.Errorf("no hello, an empty line, time that goes back: %q, %q", out, errOut)
	}
}

func TestPaceNamesBadSettings(t *testing.T) {
	for _, c := range []struct{ hello, want string }{
		{`{"hello":{"target":0.2}}`, "line 1: hello: target: "},
		{`{"hello":{"target":0}}`, "line 1: hello: target: "},
		{`{"hello":{"max_wait":6}}`, "line 1: hello: max_wait: "},
		{`{"hello":{"ring_timeout":0}}`, "line 1: hello: ring_timeout: "},
		{`{"hello":{"max_lines":-1}}`, "line 1: hello: max_lines: "},
	} {
		_, out, errOut := pace(t, c.hello+"\n"+`{"t":1,"idle":[1]}`+"\n")
		if !strings.Contains(errOut, c.want) || out != "{\"dial\":1}\n" {
			t.Errorf("%s: %q, %q", c.hello, out, errOut)
		}
	}
	code, _, errOut := pace(t, "", "--mode", "fast", "--ratio", "11", "--guarantee", "maybe")
	if code != ExitUsage || strings.Count(errOut, "\n") != 3 || !strings.Contains(errOut, "--mode: ") || !strings.Contains(errOut, "--ratio: ") || !strings.Contains(errOut, "--guarantee: ") {
		t.Errorf("three bad flags: exit %d, %q", code, errOut)
	}
	if code, _, errOut = pace(t, "", "--explain", filepath.Join(t.TempDir(), "no", "such")); code != ExitUsage || !strings.Contains(errOut, "--explain: ") {
		t.Errorf("a folder that is not there: exit %d, %q", code, errOut)
	}
}

func TestPaceExplains(t *testing.T) {
	file := filepath.Join(t.TempDir(), "why.jsonl")
	// Calls that have rung for long are hardly answered any more: the prediction would dial, the guarantee doesn't.
	old := strings.Replace(paceStateLine, "[0.4,7.2]", "[27.4,28.2]", 1)
	code, out, errOut := pace(t, paceHelloLine+old+`{"t":2,"idle":[]}`+"\n", "--explain", file)
	if code != ExitOK || errOut != "" {
		t.Fatalf("exit %d, %q", code, errOut)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 2 || strings.Count(out, "\n") != 2 {
		t.Fatalf("%d explanations of %q", len(lines), out)
	}
	var d struct {
		T          float64
		Dial       int
		Why        string
		Candidates []struct {
			Why string
			N   int
		}
		Inputs map[string]float64
		Text   string
		TextZH string `json:"text_zh"`
	}
	if err := json.Unmarshal([]byte(lines[0]), &d); err != nil {
		t.Fatal(err)
	}
	if d.T != 1 || d.Why != "guarantee" || len(d.Candidates) != 2 || d.Inputs["idle"] != 2 || d.Inputs["answered"] != 1 || d.Text == "" || d.TextZH == "" {
		t.Errorf("explained as %+v", d)
	}
	if err := json.Unmarshal([]byte(lines[1]), &d); err != nil || d.Why != "no_agent" {
		t.Errorf("nobody signed in: %q, %v", d.Why, err)
	}
}

// overPipe plays a model town through the command: lines out, answers in.
type overPipe struct {
	t       *testing.T
	out     *json.Encoder
	answers *json.Decoder
}

func (p *overPipe) Dial(s *model.State) int {
	var answer struct{ Dial *int }
	if err := p.out.Encode(s); err != nil {
		p.t.Fatal(err)
	}
	if err := p.answers.Decode(&answer); err != nil || answer.Dial == nil {
		p.t.Fatalf("answer at %g: %v", s.T, err)
	}
	return *answer.Dial
}

// TestPaceOverTheProtocol judges the command as others do: a simulator that shares nothing with it but the pipe.
func TestPaceOverTheProtocol(t *testing.T) {
	t.Setenv("WAIHU_LANG", "en")
	town := model.Standard(10, 0.3)
	town.Warm, town.Length = 600, 3600
	for _, guarantee := range []string{"off", "risk", "hard"} {
		in, states := io.Pipe()
		answers, out := io.Pipe()
		ended := make(chan string, 1)
		go func() {
			var errOut bytes.Buffer
			code := Execute([]string{"pace", "--guarantee", guarantee}, in, out, &errOut)
			ended <- strconv.Itoa(code) + errOut.String()
		}()
		if _, err := io.WriteString(states, paceHelloLine); err != nil {
			t.Fatal(err)
		}
		r := model.Run(town, &overPipe{t, json.NewEncoder(states), json.NewDecoder(answers)}, 7)
		states.Close()
		if got := <-ended; got != "0" {
			t.Errorf("%s: ended with %q", guarantee, got)
		}
		if r.Utilisation < 0.68 {
			t.Errorf("%s: utilisation %.3f, progressive dialling has 0.67", guarantee, r.Utilisation)
		}
		if guarantee == "hard" && r.Worst > town.Target {
			t.Errorf("the hard guarantee let the rate reach %.4f", r.Worst)
		}
	}
}

func TestPaceTableNamesBadFlags(t *testing.T) {
	code, _, errOut := pace(t, "", "table", "--days", "0", "--workers", "0")
	if code != ExitUsage || strings.Count(errOut, "\n") != 2 || !strings.Contains(errOut, "--days: ") || !strings.Contains(errOut, "--workers: ") {
		t.Errorf("two bad flags: exit %d, %q", code, errOut)
	}
	if code, _, errOut = pace(t, "", "table", "--only", "no such town"); code != ExitUsage || !strings.Contains(errOut, "--only: ") {
		t.Errorf("no town: exit %d, %q", code, errOut)
	}
	if code, _, errOut = pace(t, "", "table", "--out", filepath.Join(t.TempDir(), "no", "such")); code != ExitUsage || !strings.Contains(errOut, "--out: ") {
		t.Errorf("a folder that is not there: exit %d, %q", code, errOut)
	}
	old := filepath.Join(t.TempDir(), "pacing.md")
	if err := os.WriteFile(old, []byte("what was measured before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, _ = pace(t, "", "table", "--only", "no such town", "--out", old); code != ExitUsage {
		t.Errorf("no town: exit %d", code)
	}
	if text, err := os.ReadFile(old); err != nil || string(text) != "what was measured before" {
		t.Errorf("a table that was not made left %q, %v", text, err)
	}
}
