package config

import (
	"log/slog"
)

// Config is everything that can be set up. The yaml tags are the keys; keys.go has defaults and meanings.
type Config struct {
	Production bool       `yaml:"production"`
	DataDir    string     `yaml:"data_dir"`   // absolute after Load
	SoundsDir  string     `yaml:"sounds_dir"` // as we see it; absolute after Load
	Database   Database   `yaml:"database"`
	Switch     Switch     `yaml:"switch"`
	Trunks     []Trunk    `yaml:"trunks"`
	Callers    []string   `yaml:"callers"`
	Campaign   Campaign   `yaml:"campaign"`
	Queue      Queue      `yaml:"queue"`
	Phones     Phones     `yaml:"phones"`
	Calling    Calling    `yaml:"calling"`
	Numbers    Numbers    `yaml:"numbers"`
	Import     Import     `yaml:"import"`
	Voice      Voice      `yaml:"voice"`
	Recordings Recordings `yaml:"recordings"`
	Approvals  Approvals  `yaml:"approvals"`
	HTTP       HTTP       `yaml:"http"`
	Metrics    Metrics    `yaml:"metrics"`
	Log        Log        `yaml:"log"`
}

// Database says where the ledger is.
type Database struct {
	Driver       string `yaml:"driver"` // sqlite | mysql
	DSN          Secret `yaml:"dsn"`    // file path for sqlite, go-sql-driver DSN for mysql; complete after Load
	PasswordFile string `yaml:"password_file"`
}

// Switch is the FreeSWITCH that dials.
type Switch struct {
	Addr          string  `yaml:"addr"` // host:port of the event socket
	Password      Secret  `yaml:"password"`
	PasswordFile  string  `yaml:"password_file"`
	SoundsDir     string  `yaml:"sounds_dir"`     // Config.SoundsDir as the switch sees it
	DialplanDir   string  `yaml:"dialplan_dir"`   // where we write the generated dialplan
	DirectoryDir  string  `yaml:"directory_dir"`  // where we write the phones' accounts
	RecordingsDir string  `yaml:"recordings_dir"` // where the switch writes recordings
	CDRDir        string  `yaml:"cdr_dir"`        // where the switch spools call records, as we see it
	MaxCalls      int     `yaml:"max_calls"`
	CPS           float64 `yaml:"cps"`
	Publish       string  `yaml:"publish"`              // files | xml_curl
	Credentials   string  `yaml:"xml_curl_credentials"` // file with user:password
}

// Trunk is one gateway of the switch.
type Trunk struct {
	Name         string  `yaml:"name"`
	Gateway      string  `yaml:"gateway"`
	Lines        int     `yaml:"lines"`
	HandLines    int     `yaml:"hand_lines"`
	CPS          float64 `yaml:"cps"`
	NumberFormat string  `yaml:"number_format"`
	DialPrefix   string  `yaml:"dial_prefix"`
	Allow400     bool    `yaml:"allow_400"`
}

// Campaign holds the defaults of a new campaign.
type Campaign struct {
	MaxConcurrency int    `yaml:"max_concurrency"`
	RingSeconds    int    `yaml:"ring_seconds"`
	PlayCount      int    `yaml:"play_count"`
	ExtraSeconds   int    `yaml:"extra_seconds"`
	KeySeconds     int    `yaml:"key_seconds"`
	AgentKey       string `yaml:"agent_key"`
	OptOutKey      string `yaml:"opt_out_key"`
}

// Queue is what a callee hears who waits for an agent.
type Queue struct {
	Announcement string `yaml:"announcement"`
	Music        string `yaml:"music"`
	WaitSeconds  int    `yaml:"wait_seconds"`
	Apology      string `yaml:"apology"`
}

// Phones says where agents' phones register. Server and Domain are complete after Load.
type Phones struct {
	Profile   string `yaml:"profile"` // sofia profile of the switch
	Domain    string `yaml:"domain"`
	Server    string `yaml:"server"`
	Port      int    `yaml:"port"`
	Transport string `yaml:"transport"` // udp | tcp | tls
}

// Calling says when and how often numbers may be called.
type Calling struct {
	Pack          string      `yaml:"pack"`
	Zone          string      `yaml:"zone"`
	NumberZone    bool        `yaml:"number_zone"`
	Windows       []string    `yaml:"windows"`
	Holidays      []string    `yaml:"holidays"`
	Retries       int         `yaml:"retries"`
	RetryRules    []RetryRule `yaml:"retry_rules"`
	PerNumberDay  int         `yaml:"per_number_day"`
	MinGapSeconds int         `yaml:"min_gap_seconds"`
}

// RetryRule says what follows an outcome.
type RetryRule struct {
	Outcome      string  `yaml:"outcome"`
	Times        int     `yaml:"times"`
	DelaySeconds int     `yaml:"delay_seconds"`
	Factor       float64 `yaml:"factor"`
	Free         bool    `yaml:"free"`
}

// Numbers says which numbers may be called.
type Numbers struct {
	Region    string   `yaml:"region"`
	Countries []string `yaml:"countries"`
	Kinds     []string `yaml:"kinds"`
}

// Import limits number files.
type Import struct {
	MaxBytes int64 `yaml:"max_bytes"`
}

// Voice limits and converts voice files.
type Voice struct {
	FFmpeg     string `yaml:"ffmpeg"`
	MaxBytes   int64  `yaml:"max_bytes"`
	MaxSeconds int    `yaml:"max_seconds"`
}

// Recordings says how long recorded calls are kept.
type Recordings struct {
	KeepDays int `yaml:"keep_days"`
}

// Approvals says how uploads are approved.
type Approvals struct {
	FourEyes bool `yaml:"four_eyes"`
}

// HTTP is the listener of the web application and of mod_xml_curl.
type HTTP struct {
	Addr     string `yaml:"addr"`
	Insecure bool   `yaml:"insecure"`
}

// Metrics is the listener of the measurements.
type Metrics struct {
	Addr string `yaml:"addr"`
}

// Log says how much is logged and in what form.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Secret is a text that must not get into logs, messages or answers: it prints as ***.
type Secret string

// Reveal gives the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret from JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
