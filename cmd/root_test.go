package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waihu/models"
)

// run executes the command line in a folder of its own and returns exit code, output and errors.
func run(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code := Execute(args, strings.NewReader(""), &out, &errOut)
	return code, out.String(), errOut.String()
}

func TestUsageMistakes(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("WAIHU_LANG", "en")
	cases := []struct {
		args []string
		want string
	}{
		{[]string{"call"}, `waihu: unknown command "call" for "waihu"`},
		{[]string{"--fast"}, "waihu: unknown flag: --fast"},
		{[]string{"version", "x"}, `waihu: unknown command "x" for "waihu version"`},
	}
	for _, c := range cases {
		code, out, errOut := run(t, c.args...)
		if code != ExitUsage || out != "" || !strings.HasPrefix(errOut, c.want) {
			t.Errorf("%v: exit %d, out %q, err %q, want %q", c.args, code, out, errOut, c.want)
		}
	}
}

func TestReport(t *testing.T) {
	two := &models.Error{Kind: models.Invalid}
	two.Add("a.b", "x", "first", "第一")
	two.Add("", "y", "second\nwaihu: forged", "第二")
	cases := []struct {
		err     error
		chinese bool
		code    int
		want    string
	}{
		{nil, false, ExitOK, ""},
		{errors.New("disk full"), false, ExitFailure, "waihu: disk full\n"},
		{fmt.Errorf("import list 3: %w", two), false, ExitUsage, "waihu: a.b: first\nwaihu: second waihu: forged\n"},
		{two, true, ExitUsage, "waihu: a.b: 第一\nwaihu: 第二\n"},
		{&models.Error{Kind: models.Conflict}, false, ExitUsage, "waihu: conflict\n"},
	}
	for _, c := range cases {
		var b bytes.Buffer
		a := &app{out: &b, err: &b, chinese: c.chinese}
		if code := a.report(c.err); code != c.code || b.String() != c.want {
			t.Errorf("%v: exit %d, %q; want %d, %q", c.err, code, b.String(), c.code, c.want)
		}
	}
}

func TestLanguage(t *testing.T) {
	env := func(kv ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(kv); i += 2 {
				if kv[i] == name {
					return kv[i+1]
				}
			}
			return ""
		}
	}
	cases := []struct {
		args []string
		env  func(string) string
		want bool
	}{
		{nil, env(), false},
		{nil, env("LANG", "zh_CN.UTF-8"), true},
		{nil, env("LANG", "zh_CN.UTF-8", "LC_ALL", "C"), false},
		{nil, env("WAIHU_LANG", "en", "LANG", "zh_CN.UTF-8"), false},
		{[]string{"doctor", "--lang", "zh"}, env("LANG", "C"), true},
		{[]string{"--lang=en"}, env("LANG", "zh_CN.UTF-8"), false},
	}
	for _, c := range cases {
		if got := language(c.args, c.env); got != c.want {
			t.Errorf("%v: chinese %t, want %t", c.args, got, c.want)
		}
	}
}

func TestVersionInBothLanguages(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		code, out, errOut := run(t, "version", "--lang", lang)
		if code != ExitOK || !strings.Contains(out, Version) || errOut != "" {
			t.Errorf("%s: exit %d, %q, %q", lang, code, out, errOut)
		}
	}
}

func TestHelpIsChinese(t *testing.T) {
	code, out, _ := run(t, "--lang", "zh")
	if code != ExitOK || !strings.Contains(out, "外呼") {
		t.Errorf("exit %d, %q", code, out)
	}
}

// TestConfigOfCommands goes through app.config as every command does.
func TestConfigOfCommands(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.yaml")
	if err := os.WriteFile(path, []byte("log: {level: warn}\nswitch: {password: ClueCon}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	a := &app{out: &b, err: &b, path: path, set: []string{"campaign.ring_seconds=20"}, logLevel: "error"}
	l, err := a.config()
	if err != nil || l.Log.Level != "error" || l.Campaign.RingSeconds != 20 {
		t.Errorf("got %+v, %v", l.Config, err)
	}
	if !strings.HasPrefix(b.String(), "warning: w.yaml:2: switch.password: ClueCon") {
		t.Errorf("warnings: %q", b.String())
	}
	a.logger(l.Log).Warn("not to be seen")
	a.logger(l.Log).Error("to be seen")
	if strings.Contains(b.String(), "not to be seen") || !strings.Contains(b.String(), "to be seen") {
		t.Errorf("the level is not kept: %q", b.String())
	}
}
