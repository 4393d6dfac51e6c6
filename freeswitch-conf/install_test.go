package freeswitchconf

import (
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// vanilla makes the part of a stock configuration that the overlay meets.
func vanilla(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "freeswitch")
	for name, text := range map[string]string{
		"freeswitch.xml":                              "<document type=\"freeswitch/xml\">\n  <X-PRE-PROCESS cmd=\"include\" data=\"vars.xml\"/>\n</document>\n",
		"vars.xml":                                    "<include>\n  <X-PRE-PROCESS cmd=\"set\" data=\"default_password=1234\"/>\n</include>\n",
		"autoload_configs/event_socket.conf.xml":      "<configuration name=\"event_socket.conf\">\n  <settings>\n    <param name=\"password\" value=\"ClueCon\"/>\n  </settings>\n</configuration>\n",
		"autoload_configs/post_load_modules.conf.xml": "<configuration name=\"post_load_modules.conf\">\n  <modules>\n    <!-- <load module=\"mod_yaml\"/> -->\n  </modules>\n</configuration>\n",
		"autoload_configs/switch.conf.xml":            "<configuration name=\"switch.conf\">\n</configuration>\n",
		"dialplan/default.xml":                        "<include>\n  <context name=\"default\">\n  </context>\n</include>\n",
		"sip_profiles/external.xml":                   "<profile name=\"external\">\n</profile>\n",
	} {
		put(t, filepath.Join(dir, name), text)
	}
	return dir
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// snapshot names every file and folder with its mode and content.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		out[name] = info.Mode().String()
		if !d.IsDir() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			out[name] += fmt.Sprintf(" %x", sha256.Sum256(data))
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return out
}

func same(t *testing.T, what string, a, b map[string]string) {
	t.Helper()
	for name, v := range a {
		if b[name] != v {
			t.Errorf("%s: %s was %q, is %q", what, name, v, b[name])
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			t.Errorf("%s: %s is new", what, name)
		}
	}
}

// install runs install.sh and gives its output; wrong says that it must fail.
func install(t *testing.T, wrong bool, conf, data string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "./install.sh", append([]string{"--conf", conf, "--data", data}, args...)...)
	out, err := cmd.CombinedOutput()
	if (err != nil) != wrong {
		t.Fatalf("install.sh %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestInstallAndUninstall(t *testing.T) {
	conf, data := vanilla(t), filepath.Join(t.TempDir(), "data")
	before := snapshot(t, conf)

	out := install(t, false, conf, data, "--dry-run")
	same(t, "dry run", before, snapshot(t, conf))
	if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the dry run made the data folder")
	}
	for _, want := range []string{"+++ dialplan/waihu.xml", "sip_profiles/waihu.xml", "+ waihu/event_socket_password (secret", "nothing was changed"} {
		if !strings.Contains(out, want) {
			t.Errorf("the dry run does not show %q:\n%s", want, out)
		}
	}

	install(t, false, conf, data)
	installed := snapshot(t, conf)
	for name, v := range before {
		if name != "." && !strings.HasPrefix(v, "d") && installed[name] != v {
			t.Errorf("%s of the stock configuration was changed", name)
		}
	}
	password := strings.TrimSpace(get(t, filepath.Join(conf, "waihu/event_socket_password")))
	if !regexp.MustCompile(`^[0-9a-f]{48}$`).MatchString(password) {
		t.Errorf("password %q", password)
	}
	if !strings.Contains(get(t, filepath.Join(conf, "waihu/event_socket_password.xml")), `value="`+password+`"`) {
		t.Error("FreeSWITCH and Waihu get different passwords")
	}
	for _, name := range []string{"waihu/event_socket_password", "waihu/event_socket_password.xml"} {
		if !strings.HasPrefix(installed[name], "-rw------- ") {
			t.Errorf("%s has mode %s", name, installed[name])
		}
	}
	for _, name := range []string{"dialplan", "directory", "sounds", "recordings", "cdr"} {
		if info, err := os.Stat(filepath.Join(data, name)); err != nil || !info.IsDir() {
			t.Errorf("folder %s: %v", name, err)
		}
	}
	if vars := get(t, filepath.Join(conf, "autoload_configs/00_waihu_vars.xml")); !strings.Contains(vars, "waihu_dialplan_dir="+data+"/dialplan") || strings.Contains(vars, "@") {
		t.Errorf("variables:\n%s", vars)
	}

	if vars := get(t, filepath.Join(conf, "autoload_configs/00_waihu_vars.xml")); !strings.Contains(vars, "waihu_domain=$${local_ip_v4}\"") || !strings.Contains(vars, "waihu_agents_port=5070\"") {
		t.Errorf("phones:\n%s", vars)
	}
	if info, err := os.Stat(filepath.Join(data, "directory")); err != nil || info.Mode().Perm() != 0o770 || info.Mode()&fs.ModeSetgid == 0 {
		t.Errorf("the folder of phones' accounts: %v %v", info.Mode(), err)
	}

	if out := install(t, false, conf, data); !strings.Contains(out, "Nothing to do") {
		t.Errorf("the second install did something:\n%s", out)
	}
	same(t, "second install", installed, snapshot(t, conf))

	out = install(t, false, conf, data, "--sps", "50")
	if !strings.Contains(out, "-  <X-PRE-PROCESS cmd=\"set\" data=\"waihu_sps=100\"/>") || strings.Contains(out, password) {
		t.Errorf("no difference shown, or a secret:\n%s", out)
	}
	if again := strings.TrimSpace(get(t, filepath.Join(conf, "waihu/event_socket_password"))); again != password {
		t.Error("an install over an install changed the password")
	}

	if out := install(t, false, conf, data, "--uninstall", "--dry-run"); !strings.Contains(out, "would remove dialplan/waihu.xml") {
		t.Errorf("dry uninstall:\n%s", out)
	}
	put(t, filepath.Join(data, "recordings/a.wav"), "RIFF")
	install(t, false, conf, data, "--uninstall")
	same(t, "uninstall", before, snapshot(t, conf))
	if get(t, filepath.Join(data, "recordings/a.wav")) != "RIFF" {
		t.Error("the uninstall took recordings")
	}
	install(t, true, conf, data, "--uninstall")
}

func TestInstallKeepsWhatIsTheOperators(t *testing.T) {
	conf, data := vanilla(t), filepath.Join(t.TempDir(), "data")
	put(t, filepath.Join(conf, "dialplan/waihu.xml"), "<include>\n  <!-- mine -->\n</include>\n")
	put(t, filepath.Join(conf, "autoload_configs/post_load_modules.conf.xml"), "<configuration>\n  <load module=\"mod_lua\"/>\n</configuration>\n")
	before := snapshot(t, conf)
	out := install(t, false, conf, data)
	if !strings.Contains(out, "mod_json_cdr") || !strings.Contains(out, "kept your dialplan/waihu.xml") {
		t.Errorf("install:\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(conf, "autoload_configs/01_waihu_post_load_modules.conf.xml")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the operator's list of modules is overruled")
	}
	// he adds a trunk and changes a file of ours
	put(t, filepath.Join(conf, "sip_profiles/waihu/carrier.xml"), "<include>\n</include>\n")
	put(t, filepath.Join(conf, "sip_profiles/waihu.xml"), "<include>\n  <!-- tuned -->\n</include>\n")
	out = install(t, false, conf, data, "--uninstall")
	if !strings.Contains(out, "it was changed") || !strings.Contains(out, "files of yours") {
		t.Errorf("uninstall:\n%s", out)
	}
	saved, err := filepath.Glob(filepath.Join(data, "removed-*/sip_profiles/waihu.xml"))
	if err != nil || len(saved) != 1 || !strings.Contains(get(t, saved[0]), "tuned") {
		t.Errorf("the changed file is lost: %v %v", saved, err)
	}
	if get(t, filepath.Join(conf, "sip_profiles/waihu/carrier.xml")) == "" {
		t.Error("the trunk is lost")
	}
	after := snapshot(t, conf)
	delete(after, "sip_profiles/waihu")
	delete(after, "sip_profiles/waihu/carrier.xml")
	same(t, "uninstall", before, after)
}

func TestInstallRefuses(t *testing.T) {
	dir := t.TempDir()
	secret := func(name, text string) string {
		put(t, filepath.Join(dir, name), text)
		return filepath.Join(dir, name)
	}
	good := secret("good", "waihu:0123456789abcdef\n")
	cases := []struct {
		args []string
		want string
	}{
		{[]string{"--password-file", secret("cluecon", "ClueCon\n")}, "12 to 128"},
		{[]string{"--password-file", secret("cluecon2", "ClueConClueCon\n")}, "ClueCon is the password"},
		{[]string{"--password-file", secret("short", "abc\n")}, "12 to 128"},
		{[]string{"--password-file", secret("xml", `aaaaaaaaaaaa"/>`)}, "12 to 128"},
		{[]string{"--esl-port", "0"}, "from 1 to 65535"},
		{[]string{"--esl-port", "8021|e id"}, "from 1 to 65535"},
		{[]string{"--sip-ip", "1.2.3.4\"/><X-PRE-PROCESS"}, "may only have"},
		{[]string{"--sip-domain", `x"/>`}, "may only have"},
		{[]string{"--agents-port", "5090"}, "is the port of the trunks"},
		{[]string{"--sps", "many"}, "from 1 to 10000"},
		{[]string{"--unknown"}, "unknown option"},
		{[]string{"--sps"}, "needs a value"},
		{[]string{"--xml-curl-url", "https://waihu.example/xml"}, "needs --xml-curl-credentials"},
		{[]string{"--xml-curl-url", "http://waihu.example/xml", "--xml-curl-credentials", good}, "must be https"},
		{[]string{"--xml-curl-url", "https://waihu.example/xml", "--xml-curl-credentials", secret("nouser", "abc")}, "user:password"},
	}
	for _, c := range cases {
		t.Run(strings.Join(c.args[:1], " ")+" "+c.want, func(t *testing.T) {
			conf := vanilla(t)
			before := snapshot(t, conf)
			if out := install(t, true, conf, filepath.Join(dir, "data"), c.args...); !strings.Contains(out, c.want) {
				t.Errorf("says %q, want %q", out, c.want)
			}
			same(t, "refused install", before, snapshot(t, conf))
		})
	}
	if out := install(t, true, dir, filepath.Join(dir, "data")); !strings.Contains(out, "freeswitch.xml is not there") {
		t.Errorf("no configuration: %s", out)
	}
	if out := install(t, true, vanilla(t), "/a b"); !strings.Contains(out, "may only have") {
		t.Errorf("blank in the data folder: %s", out)
	}
}

func TestInstallXMLCurl(t *testing.T) {
	conf, data := vanilla(t), filepath.Join(t.TempDir(), "data")
	credentials := filepath.Join(t.TempDir(), "credentials")
	put(t, credentials, "waihu:0123456789abcdef\n")
	before := snapshot(t, conf)
	out := install(t, false, conf, data, "--xml-curl-url", "https://waihu.example/xml", "--xml-curl-credentials", credentials)
	if strings.Contains(out, "0123456789abcdef") {
		t.Error("the secret is shown")
	}
	name := "autoload_configs/01_waihu_xml_curl.conf.xml"
	text := get(t, filepath.Join(conf, name))
	for _, want := range []string{`value="https://waihu.example/xml" bindings="dialplan|directory"`, `"waihu:0123456789abcdef"`, `name="timeout" value="2"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if mode := snapshot(t, conf)[name]; !strings.HasPrefix(mode, "-rw------- ") {
		t.Errorf("mode %s", mode)
	}
	if out := install(t, false, conf, data); !strings.Contains(out, "- "+name) {
		t.Errorf("an install without xml_curl:\n%s", out)
	}
	if _, ok := snapshot(t, conf)[name]; ok {
		t.Error("xml_curl stays although it was not asked for")
	}
	install(t, false, conf, data, "--uninstall")
	same(t, "uninstall", before, snapshot(t, conf))
}

// TestOverlayKeepsToTheLines holds the overlay to what FreeSWITCH's preprocessor, which works by lines, makes of it.
func TestOverlayKeepsToTheLines(t *testing.T) {
	opening := regexp.MustCompile(`<[A-Za-z]`)
	seen := 0
	for _, dir := range []string{"overlay", "optional"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			seen++
			text := get(t, path)
			for i, line := range strings.Split(text, "\n") {
				line = strings.TrimSpace(line)
				at := fmt.Sprintf("%s:%d", path, i+1)
				plain := regexp.MustCompile(`<!--.*-->`).ReplaceAllString(line, "")
				if strings.Contains(plain, "<!--") || strings.Contains(plain, "-->") {
					t.Errorf("%s: a comment over several lines hides X-PRE-PROCESS from people but not from FreeSWITCH", at)
				}
				if n := len(opening.FindAllString(plain, -1)); n > 1 {
					t.Errorf("%s: %d elements on a line", at, n)
				}
				if strings.Contains(line, "X-PRE-PROCESS") && !strings.HasPrefix(line, "<X-PRE-PROCESS") {
					t.Errorf("%s: X-PRE-PROCESS must begin the line; it cannot be commented out", at)
				}
				if regexp.MustCompile(`cmd="exec|<\?`).MatchString(line) {
					t.Errorf("%s: %s", at, line)
				}
			}
			for _, never := range []string{"ClueCon", "accept-blind", "auth-calls\" value=\"false"} {
				if strings.Contains(text, never) {
					t.Errorf("%s has %s", path, never)
				}
			}
			dec := xml.NewDecoder(strings.NewReader(text))
			for {
				if _, err := dec.Token(); errors.Is(err, io.EOF) {
					return nil
				} else if err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
	if seen < 8 {
		t.Errorf("only %d files were looked at", seen)
	}
	socket := get(t, "overlay/autoload_configs/01_waihu_event_socket.conf.xml")
	for _, want := range []string{`"listen-ip" value="127.0.0.1"`, `"apply-inbound-acl" value="loopback.auto"`} {
		if !strings.Contains(socket, want) {
			t.Errorf("the event socket lacks %s", want)
		}
	}
	vars := get(t, "overlay/autoload_configs/00_waihu_vars.xml")
	for _, want := range []string{"disable_system_api_commands=true", "disable_system_app_commands=true"} {
		if !strings.Contains(vars, want) {
			t.Errorf("the variables lack %s", want)
		}
	}
	if cdr := get(t, "overlay/autoload_configs/01_waihu_json_cdr.conf.xml"); strings.Contains(cdr, `"url"`) {
		t.Error("call records must not wait for a web server")
	}
}
