package config

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/spf13/viper"

	"waihu/models"
)

// Options say where the configuration comes from.
type Options struct {
	Path string   // file; empty = WAIHU_CONFIG, ./config.yaml, /etc/waihu/config.yaml, whichever is there first, else none
	Set  []string // key=value of --set flags; the strongest source
}

// Loaded is a checked configuration and where it came from.
type Loaded struct {
	Config
	Path     string              // the file read, empty = none
	Warnings []models.FieldError // what works but should not stay so

	XMLCurlUser     string // of switch.xml_curl_credentials
	XMLCurlPassword Secret

	sources map[string]string
}

// Source tells where a key's value came from: "default", "config.yaml:12", "WAIHU_SWITCH_ADDR" or "--set".
func (l Loaded) Source(key string) string {
	if s, ok := l.sources[key]; ok {
		return s
	}
	return "default"
}

// foreignEnv lists variables with our prefix that are not keys.
func foreignEnv(name string) bool {
	switch name {
	case "WAIHU_CONFIG", "WAIHU_LANG", "WAIHU_REQUIRE_MARIADB", "WAIHU_DEMO_PASSWORD":
		return true
	default:
		return false
	}
}

// Load reads, merges and checks the configuration. All faults come back at once as one *models.Error whose fields name
// key and source; every other error means that the file could not be read.
func Load(o Options) (Loaded, error) {
	l := Loaded{sources: map[string]string{}}
	f := &faults{source: l.sources}
	path, data, err := find(o.Path)
	if err != nil {
		return l, err
	}
	l.Path = path
	v := viper.New()
	for _, k := range Keys() {
		v.SetDefault(k.Name, k.Default)
	}
	if path != "" {
		m := readFile(filepath.Base(path), data, f)
		if err := v.MergeConfigMap(m); err != nil {
			return l, fmt.Errorf("read configuration %s: %w", path, err)
		}
	}
	readEnv(v, f)
	readFlags(v, o.Set, f)
	for _, k := range Keys() {
		assign(reflect.ValueOf(&l.Config).Elem(), k, v.Get(k.Name), f)
	}
	l.secrets(f)
	l.complete(f)
	l.check(f)
	l.Warnings = f.warnings
	return l, f.err.OrNil()
}

// find locates and reads the file. A file that was asked for must exist.
func find(path string) (string, []byte, error) {
	if path == "" {
		path = os.Getenv("WAIHU_CONFIG")
	}
	if path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return "", nil, models.NewError(models.Invalid, "--config", "unreadable",
				fmt.Sprintf("cannot read %s (%v): name an existing file or leave the flag away", path, cause(err)),
				fmt.Sprintf("无法读取 %s（%v）：请指定存在的文件或去掉此参数", path, cause(err)))
		}
		return path, data, nil
	}
	for _, p := range []string{"config.yaml", "/etc/waihu/config.yaml"} {
		data, err := os.ReadFile(p)
		if err == nil {
			return p, data, nil
		}
		if !os.IsNotExist(err) {
			return "", nil, models.NewError(models.Invalid, "--config", "unreadable",
				fmt.Sprintf("cannot read %s (%v): mend its permissions or name another file with --config", p, cause(err)),
				fmt.Sprintf("无法读取 %s（%v）：请修正权限或用 --config 指定其他文件", p, cause(err)))
		}
	}
	return "", nil, nil
}

// cause is the bare reason of a file error, without operation and path.
func cause(err error) error {
	if pe, ok := err.(*fs.PathError); ok { //nolint:errorlint // os.ReadFile and os.Stat return it unwrapped
		return pe.Err
	}
	return err
}

func readEnv(v *viper.Viper, f *faults) {
	known := map[string]string{}
	for _, k := range Keys() {
		known[k.Env()] = k.Name
		if val := os.Getenv(k.Env()); val != "" {
			v.Set(k.Name, val)
			f.source[k.Name] = k.Env()
		}
	}
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, EnvPrefix) || known[name] != "" || foreignEnv(name) {
			continue
		}
		f.add(name, "unknown_key", "no key has this environment variable%s", "没有对应此环境变量的配置项%s", nearest(name, keysOf(known)))
	}
}

func readFlags(v *viper.Viper, set []string, f *faults) {
	known := map[string]bool{}
	for _, k := range Keys() {
		known[k.Name] = true
	}
	for _, s := range set {
		key, val, ok := strings.Cut(s, "=")
		key = strings.TrimSpace(key)
		switch {
		case !ok:
			f.add("--set "+s, "no_value", "write key=value", "请写成 key=value")
		case !known[key]:
			f.add("--set "+key, "unknown_key", "unknown key%s", "未知配置项%s", nearest(key, keysOf(known)))
		default:
			v.Set(key, val)
			f.source[key] = "--set"
		}
	}
}

// secrets reads the files that hold passwords.
func (l *Loaded) secrets(f *faults) {
	if p := l.Switch.PasswordFile; p != "" {
		if l.Switch.Password != "" {
			f.add("switch.password", "conflict", "set either switch.password or switch.password_file, not both",
				"switch.password 与 switch.password_file 只能设置一个")
		}
		l.Switch.Password = Secret(firstLine("switch.password_file", p, f))
	}
	if p := l.Switch.Credentials; p != "" {
		user, password, ok := strings.Cut(firstLine("switch.xml_curl_credentials", p, f), ":")
		if ok && (user == "" || password == "") || !ok && user != "" {
			f.add("switch.xml_curl_credentials", "form", "the first line of %s must be user:password", "%s 的首行须为 user:password", p)
		}
		l.XMLCurlUser, l.XMLCurlPassword = user, Secret(password)
	}
	const mark = "{password}"
	dsn := l.Database.DSN.Reveal()
	switch p := l.Database.PasswordFile; {
	case p != "" && !strings.Contains(dsn, mark):
		f.add("database.dsn", "no_mark", "write {password} where the password of database.password_file belongs: waihu:{password}@tcp(127.0.0.1:3306)/waihu",
			"请在 dsn 中用 {password} 标出密码位置：waihu:{password}@tcp(127.0.0.1:3306)/waihu")
	case p != "":
		l.Database.DSN = Secret(strings.ReplaceAll(dsn, mark, firstLine("database.password_file", p, f)))
	case strings.Contains(dsn, mark):
		f.add("database.password_file", "missing", "database.dsn has {password}, so name the file that holds it",
			"database.dsn 含 {password}，请指定密码文件")
	}
}

func firstLine(key, path string, f *faults) string {
	data, err := os.ReadFile(path)
	if err != nil {
		f.add(key, "unreadable", "cannot read %s (%v): create it or mend its permissions", "无法读取 %s（%v）：请创建该文件或修正权限", path, cause(err))
		return ""
	}
	line, _, _ := strings.Cut(string(data), "\n")
	line = strings.TrimSpace(line)
	if line == "" {
		f.add(key, "empty", "the first line of %s is empty: write the password there", "%s 首行为空：请写入密码", path)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o004 != 0 {
		f.warn(key, "world_readable", "everybody on this machine can read %s: chmod 640 or stricter", "本机任何人都可读取 %s：请 chmod 640 或更严格", path)
	}
	return line
}

// complete fills in what other keys decide and makes paths absolute, so that the switch and we mean the same folder.
func (l *Loaded) complete(f *faults) {
	abs := func(key string, p *string, fallback string) {
		if *p == "" {
			*p = fallback
		}
		full, err := filepath.Abs(*p)
		if err != nil {
			f.add(key, "path", "not a path: %v", "路径无效：%v", err)
			return
		}
		*p = full
	}
	abs("data_dir", &l.DataDir, "data")
	abs("sounds_dir", &l.SoundsDir, filepath.Join(l.DataDir, "sounds"))
	abs("switch.dialplan_dir", &l.Switch.DialplanDir, filepath.Join(l.DataDir, "dialplan"))
	abs("switch.directory_dir", &l.Switch.DirectoryDir, filepath.Join(l.DataDir, "directory"))
	abs("switch.cdr_dir", &l.Switch.CDRDir, filepath.Join(l.DataDir, "cdr"))
	if l.Switch.SoundsDir == "" {
		l.Switch.SoundsDir = l.SoundsDir
	}
	if l.Switch.RecordingsDir == "" {
		l.Switch.RecordingsDir = filepath.Join(l.DataDir, "recordings")
	}
	if host, _, err := net.SplitHostPort(l.Switch.Addr); err == nil && l.Phones.Server == "" {
		l.Phones.Server = host
	}
	if l.Phones.Domain == "" {
		l.Phones.Domain = l.Phones.Server
	}
	if l.Database.DSN == "" && l.Database.Driver == "sqlite" {
		l.Database.DSN = Secret(filepath.Join(l.DataDir, "waihu.db"))
	}
}
