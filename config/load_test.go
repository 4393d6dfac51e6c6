package config

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"waihu/models"
)

var update = flag.Bool("update", false, "rewrite config.yaml at the top of the repository")

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaultsAreSound(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := Load(Options{})
	if err != nil {
		t.Fatalf("defaults: %v", err)
	}
	if len(l.Warnings) != 0 {
		t.Errorf("defaults warn: %v", l.Warnings)
	}
	if l.Campaign.RingSeconds != 45 || l.Campaign.PlayCount != 1 || l.Campaign.MaxConcurrency != 0 || l.Switch.CPS != 28 || l.Switch.MaxCalls != 900 {
		t.Errorf("defaults are %+v %+v", l.Campaign, l.Switch)
	}
	if !filepath.IsAbs(l.DataDir) || l.Switch.SoundsDir != filepath.Join(l.DataDir, "sounds") || !strings.HasSuffix(l.Database.DSN.Reveal(), "/data/waihu.db") {
		t.Errorf("derived paths: %s %s %s", l.DataDir, l.Switch.SoundsDir, l.Database.DSN.Reveal())
	}
}

func TestPhonesFollowTheSwitch(t *testing.T) {
	t.Chdir(t.TempDir())
	for set, want := range map[string][2]string{
		"":                           {"127.0.0.1", "127.0.0.1"},
		"phones.server=10.0.0.5":     {"10.0.0.5", "10.0.0.5"},
		"phones.domain=call.example": {"call.example", "127.0.0.1"},
	} {
		o := Options{}
		if set != "" {
			o.Set = []string{set}
		}
		l, err := Load(o)
		if err != nil || l.Phones.Domain != want[0] || l.Phones.Server != want[1] || l.Phones.Port != 5070 || l.Phones.Transport != "udp" {
			t.Errorf("%q: %+v %v, want %v", set, l.Phones, err, want)
		}
	}
}

// TestKeysMatchStruct holds the table of keys and the struct together: every leaf field has a key and the reverse.
func TestKeysMatchStruct(t *testing.T) {
	leaves := map[string]reflect.Type{}
	var walk func(prefix string, typ reflect.Type)
	walk = func(prefix string, typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			name := f.Tag.Get("yaml")
			if name == "" {
				t.Errorf("field %s of %s has no yaml tag", f.Name, typ)
			}
			if f.Type.Kind() == reflect.Struct {
				walk(prefix+name+".", f.Type)
				continue
			}
			leaves[prefix+name] = f.Type
		}
	}
	walk("", reflect.TypeFor[Config]())
	for _, k := range Keys() {
		typ, ok := leaves[k.Name]
		if !ok {
			t.Errorf("key %s has no field, or stands twice", k.Name)
			continue
		}
		delete(leaves, k.Name)
		if reflect.TypeOf(k.Default) != typ {
			t.Errorf("default of %s is a %T, its field a %s", k.Name, k.Default, typ)
		}
		if k.Text == "" || k.TextZH == "" {
			t.Errorf("key %s is not explained in both languages", k.Name)
		}
	}
	for name := range leaves {
		t.Errorf("field %s is no key", name)
	}
}

// current demands that a generated file is as it would be generated now; with -update it is written.
func current(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s differs from the keys: go test ./config -update", path)
	}
}

func TestDocumentedKeysAreCurrent(t *testing.T) {
	current(t, filepath.Join("..", "docs", "configuration.md"), Document(false))
	current(t, filepath.Join("..", "docs", "configuration.zh.md"), Document(true))
}

func TestSampleFileIsCurrent(t *testing.T) {
	current(t, filepath.Join("..", "config.yaml"), Sample())
	have := Sample()
	t.Chdir(t.TempDir())
	fromFile, err := Load(Options{Path: write(t, string(have))})
	if err != nil {
		t.Fatalf("the sample does not load: %v", err)
	}
	plain, err := Load(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(fromFile.Config, plain.Config) {
		t.Errorf("the sample gives\n%+v\nthe defaults\n%+v", fromFile.Config, plain.Config)
	}
}

// TestEveryKeyFromEverySource sets each key by the environment and by --set, over a file that says something else.
func TestEveryKeyFromEverySource(t *testing.T) {
	t.Chdir(t.TempDir())
	values := map[string]string{
		"trunks": `[{name: a, gateway: b}]`, "callers": "075512345678; 4001234567", "calling.windows": "mon-fri 09:00-12:00,14:00-18:00; sat 10:00-11:00",
		"calling.holidays": "2027-01-01", "calling.retry_rules": "[{outcome: busy, times: 1, delay_seconds: 5}]",
		"numbers.countries": "CN;US", "numbers.kinds": "mobile", "numbers.region": "US", "calling.pack": "none", "calling.zone": "Asia/Tokyo",
		"database.driver": "mysql", "database.dsn": "u:p@tcp(h:1)/d", "switch.publish": "xml_curl", "campaign.agent_key": "1", "campaign.opt_out_key": "9",
		"log.level": "debug", "log.format": "json",
	}
	for _, k := range Keys() {
		val := values[k.Name]
		if val == "" {
			switch k.Default.(type) {
			case bool:
				val = fmt.Sprint(k.Default == false)
			case int, int64, float64:
				val = "17"
			default:
				val = "/x/" + strings.ReplaceAll(k.Name, ".", "_")
				if strings.HasSuffix(k.Name, "addr") {
					val = "127.0.0.1:17"
				}
			}
		}
		if strings.HasSuffix(k.Name, "password_file") || strings.HasSuffix(k.Name, "credentials") {
			val = write(t, "user:password\n")
		}
		check := func(where string, l Loaded, err error) {
			t.Helper()
			if err != nil {
				// Some values want others beside them; what counts here is that the key took its value.
				var e *models.Error
				if !errors.As(err, &e) {
					t.Fatalf("%s %s: %v", where, k.Name, err)
				}
			}
			if l.Source(k.Name) != where {
				t.Errorf("%s: source is %q, want %q", k.Name, l.Source(k.Name), where)
			}
			got := reflect.ValueOf(l.Config)
			for _, name := range strings.Split(k.Name, ".") {
				f, _ := fieldByName(got.Type(), name)
				got = got.FieldByIndex(f.Index)
			}
			if reflect.DeepEqual(got.Interface(), k.Default) {
				t.Errorf("%s: %s did not reach the field", k.Name, where)
			}
		}
		t.Setenv(k.Env(), val)
		l, err := Load(Options{})
		check(k.Env(), l, err)
		t.Setenv(k.Env(), "")
		l, err = Load(Options{Set: []string{k.Name + "=" + val}})
		check("--set", l, err)
	}
}

func TestOrderOfSources(t *testing.T) {
	path := write(t, "campaign:\n  ring_seconds: 20\n")
	ring := func(o Options) (int, string) {
		t.Helper()
		o.Path = path
		l, err := Load(o)
		if err != nil {
			t.Fatal(err)
		}
		return l.Campaign.RingSeconds, l.Source("campaign.ring_seconds")
	}
	if n, s := ring(Options{}); n != 20 || s != "config.yaml:2" {
		t.Errorf("file: %d from %s", n, s)
	}
	t.Setenv("WAIHU_CAMPAIGN_RING_SECONDS", "30")
	if n, s := ring(Options{}); n != 30 || s != "WAIHU_CAMPAIGN_RING_SECONDS" {
		t.Errorf("environment: %d from %s", n, s)
	}
	if n, s := ring(Options{Set: []string{"campaign.ring_seconds=40"}}); n != 40 || s != "--set" {
		t.Errorf("flag: %d from %s", n, s)
	}
}

// TestScalarsKeepTheirSpelling: YAML would read an area code as an octal or floating number.
func TestScalarsKeepTheirSpelling(t *testing.T) {
	l, err := Load(Options{Path: write(t, "callers: [075512345678, 010, 4001234567]\ntrunks:\n  - {name: main, gateway: pstn, dial_prefix: 007, lines: 3}\nswitch: {password: 0123}\n")})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"075512345678", "010", "4001234567"}; !reflect.DeepEqual(l.Callers, want) {
		t.Errorf("callers are %q, want %q", l.Callers, want)
	}
	tr, err := l.Trunk("main")
	if err != nil || tr.DialPrefix != "007" || tr.Lines != 3 || tr.NumberFormat != models.FormatNational {
		t.Errorf("trunk is %+v, %v", tr, err)
	}
	if l.Switch.Password.Reveal() != "0123" {
		t.Errorf("password is %q", l.Switch.Password.Reveal())
	}
}

func TestSecretsFromFiles(t *testing.T) {
	pw := write(t, "s3cret-word\nsecond line\n")
	l, err := Load(Options{Set: []string{"switch.password_file=" + pw, "database.password_file=" + pw, "database.driver=mysql", "database.dsn=w:{password}@tcp(db:3306)/waihu"}})
	if err != nil {
		t.Fatal(err)
	}
	if l.Switch.Password.Reveal() != "s3cret-word" || l.Database.DSN.Reveal() != "w:s3cret-word@tcp(db:3306)/waihu" {
		t.Errorf("got %q and %q", l.Switch.Password.Reveal(), l.Database.DSN.Reveal())
	}
	if text := fmt.Sprintf("%v %+v %#v %s", l.Config, l.Config, l.Config, l.Switch.Password); strings.Contains(text, "s3cret") {
		t.Errorf("a secret is printed: %s", text)
	}
	if err := os.Chmod(pw, 0o644); err != nil {
		t.Fatal(err)
	}
	l, err = Load(Options{Set: []string{"switch.password_file=" + pw}})
	if err != nil || len(l.Warnings) != 1 || l.Warnings[0].Code != "world_readable" {
		t.Errorf("a password file that all can read: %v, %v", l.Warnings, err)
	}
}
