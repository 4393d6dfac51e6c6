package docker

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"waihu/config"
)

type compose struct {
	Services map[string]service `yaml:"services"`
	Secrets  map[string]struct {
		File string `yaml:"file"`
	} `yaml:"secrets"`
	Volumes map[string]any `yaml:"volumes"`
}

type service struct {
	Image       string   `yaml:"image"`
	Entrypoint  []string `yaml:"entrypoint"`
	Command     []string `yaml:"command"`
	Restart     string   `yaml:"restart"`
	NetworkMode string   `yaml:"network_mode"`
	Privileged  bool     `yaml:"privileged"`
	Build       struct {
		Context    string `yaml:"context"`
		Dockerfile string `yaml:"dockerfile"`
	} `yaml:"build"`
	Environment map[string]string `yaml:"environment"`
	Secrets     []string          `yaml:"secrets"`
	Volumes     []string          `yaml:"volumes"`
	Ports       []string          `yaml:"ports"`
	Healthcheck struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
	DependsOn map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	StopGracePeriod string         `yaml:"stop_grace_period"`
	Logging         map[string]any `yaml:"logging"`
}

func load(t *testing.T) compose {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var c compose
	if err := yaml.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mariadb", "freeswitch-vanilla", "freeswitch-overlay", "freeswitch", "waihu"} {
		if _, ok := c.Services[name]; !ok {
			t.Fatalf("there is no service %s", name)
		}
	}
	return c
}

func TestServicesThatRunAreWatchedAndStopInTime(t *testing.T) {
	for name, s := range load(t).Services {
		if s.Restart == "no" {
			continue
		}
		if s.Restart != "unless-stopped" || len(s.Healthcheck.Test) < 2 || len(s.Logging) == 0 {
			t.Errorf("%s: restart %q, health check %v, log %v", name, s.Restart, s.Healthcheck.Test, s.Logging)
		}
		if d, err := time.ParseDuration(s.StopGracePeriod); err != nil || d < 60*time.Second {
			t.Errorf("%s: stop_grace_period %q", name, s.StopGracePeriod)
		}
	}
}

func TestNothingIsOpenToTheNetworkOrPrivileged(t *testing.T) {
	c := load(t)
	for name, s := range c.Services {
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s opens %s", name, p)
			}
		}
		if s.Privileged {
			t.Errorf("%s is privileged", name)
		}
	}
	for _, name := range []string{"freeswitch", "waihu"} {
		if c.Services[name].NetworkMode != "host" {
			t.Errorf("%s must share the host's network: the event socket answers 127.0.0.1 only", name)
		}
	}
	if a := c.Services["waihu"].Environment["WAIHU_HTTP_ADDR"]; !strings.HasPrefix(a, "127.0.0.1:") {
		t.Errorf("the web application listens on %s", a)
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	c := load(t)
	for name, s := range c.Services {
		for key, value := range s.Environment {
			secret := strings.Contains(key, "PASSWORD") || strings.Contains(key, "TOKEN")
			if secret && !strings.HasSuffix(key, "_FILE") && key != "MARIADB_RANDOM_ROOT_PASSWORD" {
				t.Errorf("%s: %s must come from a file", name, key)
			}
			if strings.HasPrefix(value, "/run/secrets/") {
				wanted := strings.TrimPrefix(value, "/run/secrets/")
				if !strings.Contains(strings.Join(s.Secrets, " "), wanted) || c.Secrets[wanted].File == "" {
					t.Errorf("%s: secret %s is not given to it", name, wanted)
				}
			}
		}
	}
	ignored, err := os.ReadFile(filepath.Join("..", ".gitignore"))
	if err != nil || !strings.Contains(string(ignored), "/secrets/") {
		t.Errorf("secrets/ must not get into the repository: %v", err)
	}
	recipe, err := os.ReadFile("freeswitch/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?mi)^(ARG|ENV).*(TOKEN|PASSWORD)`).Match(recipe) || !strings.Contains(string(recipe), "--mount=type=secret") {
		t.Error("the token must be a build secret")
	}
}

// Both sides must name a sound or a recording alike, or the switch plays nothing.
func TestSharedFoldersHaveTheSamePath(t *testing.T) {
	c := load(t)
	at := map[string]string{}
	for name, s := range c.Services {
		for _, v := range s.Volumes {
			parts := strings.Split(v, ":")
			if _, ok := c.Volumes[parts[0]]; !ok {
				t.Errorf("%s: volume %s is not declared", name, parts[0])
			}
			if was, ok := at[parts[0]]; ok && was != parts[1] {
				t.Errorf("%s sees %s at %s, another service at %s", name, parts[0], parts[1], was)
			}
			at[parts[0]] = parts[1]
		}
	}
	if at["waihu-data"] != c.Services["waihu"].Environment["WAIHU_DATA_DIR"] {
		t.Errorf("the shared folder is %s, Waihu's data_dir %s", at["waihu-data"], c.Services["waihu"].Environment["WAIHU_DATA_DIR"])
	}
	overlay := strings.Join(c.Services["freeswitch-overlay"].Command, " ")
	if !strings.Contains(overlay, "--data "+at["waihu-data"]) || !strings.Contains(overlay, "--conf "+at["freeswitch-conf"]) {
		t.Errorf("the overlay is installed with %q", overlay)
	}
	domain := c.Services["waihu"].Environment["WAIHU_PHONES_DOMAIN"]
	if domain == "" || !strings.Contains(overlay, "--sip-domain "+domain) {
		t.Errorf("the switch's SIP domain and Waihu's %q differ: phones' hashes would not fit", domain)
	}
	if v := strings.Join(c.Services["waihu"].Volumes, " "); !strings.Contains(v, "freeswitch-conf:/etc/freeswitch:ro") {
		t.Error("Waihu must only read the switch's configuration")
	}
}

func TestOrderOfStart(t *testing.T) {
	c := load(t)
	for _, w := range [][3]string{
		{"freeswitch-overlay", "freeswitch-vanilla", "service_completed_successfully"},
		{"freeswitch", "freeswitch-overlay", "service_completed_successfully"},
		{"waihu", "freeswitch", "service_healthy"},
		{"waihu", "mariadb", "service_healthy"},
	} {
		if got := c.Services[w[0]].DependsOn[w[1]].Condition; got != w[2] {
			t.Errorf("%s waits for %s: %q, want %q", w[0], w[1], got, w[2])
		}
	}
	if c.Services["freeswitch"].Image != "${FREESWITCH_IMAGE:-safarov/freeswitch}" {
		t.Errorf("image %s", c.Services["freeswitch"].Image)
	}
}

// The environment must be one that Waihu knows: it refuses unknown keys, and the container would never start.
func TestWaihusEnvironmentIsKnown(t *testing.T) {
	known := map[string]bool{}
	for _, k := range config.Keys() {
		known[k.Env()] = true
	}
	env := load(t).Services["waihu"].Environment
	if len(env) < 5 {
		t.Fatalf("environment %v", env)
	}
	for key := range env {
		if !known[key] {
			t.Errorf("%s is no key of the configuration", key)
		}
	}
}

func TestFilesOfTheImagesExist(t *testing.T) {
	c := load(t)
	b := c.Services["waihu"].Build
	recipe, err := os.ReadFile(filepath.Join("..", b.Context, b.Dockerfile))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^COPY (\S+)(?: go\.sum)? \S+$`).FindAllStringSubmatch(string(recipe), -1) {
		if _, err := os.Stat(filepath.Join("..", m[1])); err != nil {
			t.Errorf("the recipe copies %s: %v", m[1], err)
		}
	}
	uid := regexp.MustCompile(`(?m)^USER (\S+)$`).FindStringSubmatch(string(recipe))
	if uid == nil || !strings.Contains(strings.Join(c.Services["freeswitch-overlay"].Command, " "), "--owner "+uid[1]) {
		t.Errorf("the overlay's files do not belong to Waihu's user %v", uid)
	}
	entry := c.Services["freeswitch-overlay"].Entrypoint[0]
	if !strings.Contains(string(recipe), filepath.Dir(entry)) {
		t.Errorf("%s is not in the image", entry)
	}
}
