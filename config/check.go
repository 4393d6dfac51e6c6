package config

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the zones are needed on machines without them

	"waihu/models"
)

// DefaultPassword is the event-socket password that a stock FreeSWITCH ships with, known to everybody.
const DefaultPassword = "ClueCon"

func (l *Loaded) check(f *faults) {
	l.checkDatabase(f)
	l.checkSwitch(f)
	l.checkTrunks(f)
	l.checkCallers(f)
	l.checkCampaign(f)
	l.checkCalling(f)
	l.checkRetries(f)
	l.checkNumbers(f)
	l.checkPhones(f)
	l.checkServer(f)
}

func (l *Loaded) checkPhones(f *faults) {
	p := l.Phones
	if !nameRule().MatchString(p.Profile) {
		f.add("phones.profile", "name", "%q must be 1 to 32 letters, digits, _ or -", "%q 须为 1–32 个字母、数字、_ 或 -", p.Profile)
	}
	for _, h := range []struct{ key, value string }{{"phones.domain", p.Domain}, {"phones.server", p.Server}} {
		if h.value != "" && !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$`).MatchString(h.value) {
			f.add(h.key, "host", "%q is no host name or address: letters, digits, . : and -", "%q 不是主机名或地址：只能含字母、数字、. : 和 -", h.value)
		}
	}
	f.within("phones.port", p.Port, 1, 65535)
	f.oneOf("phones.transport", p.Transport, "udp", "tcp", "tls")
}

func (f *faults) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		list := strings.Join(allowed, ", ")
		f.add(key, "not_allowed", "%q is not known: one of %s", "%q 无效：可用 %s", value, list)
	}
}

func (f *faults) within(key string, value, low, high int) {
	switch {
	case value < low:
		f.add(key, "too_small", "%d is too small: at least %d", "%d 太小：至少为 %d", value, low)
	case value > high:
		f.add(key, "too_large", "%d is too large: at most %d", "%d 太大：最多为 %d", value, high)
	}
}

func (f *faults) address(key, value string) {
	_, port, err := net.SplitHostPort(value)
	if err != nil {
		f.add(key, "address", "%q is not host:port, as in 127.0.0.1:8021", "%q 不是 主机:端口，例如 127.0.0.1:8021", value)
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		f.add(key, "port", "%q is not a port: 1 to 65535", "%q 不是端口：1 到 65535", port)
	}
}

func (l *Loaded) checkDatabase(f *faults) {
	f.oneOf("database.driver", l.Database.Driver, "sqlite", "mysql")
	if l.Database.Driver == "mysql" && l.Database.DSN == "" {
		f.add("database.dsn", "missing", "mysql needs where to go: waihu:{password}@tcp(127.0.0.1:3306)/waihu",
			"mysql 需要连接串：waihu:{password}@tcp(127.0.0.1:3306)/waihu")
	}
	if l.Database.Driver == "sqlite" && strings.Contains(l.Database.DSN.Reveal(), "@tcp(") {
		f.add("database.driver", "conflict", "database.dsn is one of MySQL: set database.driver to mysql", "database.dsn 是 MySQL 连接串：请将 database.driver 设为 mysql")
	}
}

func (l *Loaded) checkSwitch(f *faults) {
	s := l.Switch
	f.address("switch.addr", s.Addr)
	f.within("switch.max_calls", s.MaxCalls, 0, 100_000)
	f.rate("switch.cps", s.CPS)
	f.oneOf("switch.publish", s.Publish, "files", "xml_curl")
	if s.Publish == "xml_curl" && s.Credentials == "" {
		f.add("switch.xml_curl_credentials", "missing", "publish: xml_curl needs a file with user:password, the one given to freeswitch-conf/install.sh",
			"publish: xml_curl 需要含 user:password 的文件，即交给 freeswitch-conf/install.sh 的那个")
	}
	if strings.ContainsFunc(s.Password.Reveal(), func(r rune) bool { return r <= 0x20 || r == 0x7f }) {
		f.add("switch.password", "blank", "has a blank or control character, which the event socket cannot take: choose another, here and in event_socket.conf.xml",
			"含有空格或控制字符，事件套接字无法接受：请在此处和 event_socket.conf.xml 中改用其他密码")
	}
	for _, p := range []struct{ key, path string }{
		{"sounds_dir", l.SoundsDir}, {"switch.sounds_dir", s.SoundsDir}, {"switch.dialplan_dir", s.DialplanDir}, {"switch.directory_dir", s.DirectoryDir},
		{"switch.recordings_dir", s.RecordingsDir},
	} {
		if !pathRule().MatchString(p.path) {
			f.add(p.key, "path", "%q must be an absolute path of letters, digits and _ - . / only, because it travels in commands of the switch",
				"%q 须为绝对路径且只含字母、数字和 _ - . /，因为它会出现在交换机命令中", p.path)
		}
	}
	if s.Password != DefaultPassword {
		return
	}
	if l.Production {
		f.add("switch.password", "default_password", "%s is the password of every stock FreeSWITCH: set another in event_socket.conf.xml and here",
			"%s 是 FreeSWITCH 的出厂密码：请在 event_socket.conf.xml 和此处改用其他密码", DefaultPassword)
		return
	}
	f.warn("switch.password", "default_password", "%s is the password of every stock FreeSWITCH: change it before real calls (refused with production: true)",
		"%s 是 FreeSWITCH 的出厂密码：正式呼叫前请更改（production: true 时将被拒绝）", DefaultPassword)
}

func (f *faults) rate(key string, cps float64) {
	if cps < 0 || cps > 1000 {
		f.add(key, "range", "%v is out of range: 0 (no limit) to 1000 calls per second", "%v 超出范围：0（不限）到 1000", cps)
	}
}

func pathRule() *regexp.Regexp { return regexp.MustCompile(`^/[A-Za-z0-9_./@+-]*$`) }
func nameRule() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`) }

func (l *Loaded) checkTrunks(f *faults) {
	seen := map[string]bool{}
	for i, t := range l.Trunks {
		key := func(name string) string { return fmt.Sprintf("trunks[%d].%s", i, name) }
		for _, n := range []struct{ key, value string }{{"name", t.Name}, {"gateway", t.Gateway}} {
			if !nameRule().MatchString(n.value) {
				f.add(key(n.key), "name", "%q must be 1 to 32 letters, digits, _ or -", "%q 须为 1–32 个字母、数字、_ 或 -", n.value)
			}
		}
		if t.Gateway == "loopback" {
			f.add(key("gateway"), "loopback", "loopback is no gateway: it would call into the switch itself", "loopback 不是网关：会呼入交换机自身")
		}
		if seen[t.Name] {
			f.add(key("name"), "doubled", "%q stands twice: give each trunk its own name", "%q 重复：每条中继须有不同名称", t.Name)
		}
		seen[t.Name] = true
		f.within(key("lines"), t.Lines, 0, 100_000)
		f.within(key("hand_lines"), t.HandLines, 0, max(t.Lines, 0))
		f.rate(key("cps"), t.CPS)
		f.oneOf(key("number_format"), trunkFormat(t), string(models.FormatNational), string(models.FormatE164), string(models.FormatPlus))
		if !regexp.MustCompile(`^[0-9*#]{0,16}$`).MatchString(t.DialPrefix) {
			f.add(key("dial_prefix"), "digits", "%q must be digits", "%q 只能含数字", t.DialPrefix)
		}
	}
}

func (l *Loaded) checkCallers(f *faults) {
	for i, c := range l.Callers {
		key := fmt.Sprintf("callers[%d]", i)
		switch {
		case strings.Contains(c, "-"):
			f.add(key, "dash", "write %q without \"-\": %s", "请去掉 %q 中的 \"-\"：%s", c, strings.ReplaceAll(c, "-", ""))
		case !regexp.MustCompile(`^\+?[0-9]{3,20}$`).MatchString(c):
			f.add(key, "digits", "%q must be digits: area code and number, a mobile or a 400 number", "%q 只能含数字：区号+号码、手机或 400 号码", c)
		}
	}
}

func (l *Loaded) checkCampaign(f *faults) {
	c := l.Campaign
	f.within("campaign.max_concurrency", c.MaxConcurrency, 0, models.MaxConcurrency)
	low := models.MinRingSeconds
	if p, ok := packs(l.Calling.Pack); ok && c.RingSeconds >= low && c.RingSeconds < p.minRing {
		f.add("campaign.ring_seconds", "pack", "%d is too short for rule pack %s: at least %d (or calling.pack: none)",
			"%d 对规则包 %s 太短：至少 %d（或 calling.pack: none）", c.RingSeconds, l.Calling.Pack, p.minRing)
	}
	f.within("campaign.ring_seconds", c.RingSeconds, low, models.MaxRingSeconds)
	f.within("campaign.play_count", c.PlayCount, 1, models.MaxPlayCount)
	f.within("campaign.extra_seconds", c.ExtraSeconds, 0, 3600)
	f.within("campaign.key_seconds", c.KeySeconds, 1, 60)
	f.within("queue.wait_seconds", l.Queue.WaitSeconds, 2, 3600)
	for _, k := range []struct{ key, value string }{{"campaign.agent_key", c.AgentKey}, {"campaign.opt_out_key", c.OptOutKey}} {
		if len(k.value) > 1 || !strings.Contains("0123456789*#", k.value) {
			f.add(k.key, "key", "%q is not a key of a telephone: one of 0-9 * #", "%q 不是电话按键：0-9 * # 之一", k.value)
		}
	}
	if c.AgentKey != "" && c.AgentKey == c.OptOutKey {
		f.add("campaign.opt_out_key", "conflict", "%q is campaign.agent_key too: choose another", "%q 与 campaign.agent_key 相同：请换一个", c.OptOutKey)
	}
}

func (l *Loaded) checkCalling(f *faults) {
	c := l.Calling
	f.oneOf("calling.pack", c.Pack, "none", "CN", "US", "UK")
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "" || c.Zone == "Local" {
		f.add("calling.zone", "zone", "%q is no time zone: an IANA name, as in Asia/Shanghai", "%q 不是时区：请用 IANA 名称，例如 Asia/Shanghai", c.Zone)
	}
	f.within("calling.retries", c.Retries, 0, 20)
	f.within("calling.per_number_day", c.PerNumberDay, AsPack, 1000)
	f.within("calling.min_gap_seconds", c.MinGapSeconds, AsPack, 30*86400)
	for i, h := range c.Holidays {
		if _, err := time.Parse(time.DateOnly, h); err != nil {
			f.add(fmt.Sprintf("calling.holidays[%d]", i), "date", "%q is no date: write 2027-01-01", "%q 不是日期：请写成 2027-01-01", h)
		}
	}
	ws, err := ParseWindows("calling.windows", c.Windows)
	f.take(err)
	p, ok := packs(c.Pack)
	if !ok {
		return
	}
	if w, inside := p.within(ws); !inside {
		f.add("calling.windows", "pack", "%s is outside the hours of rule pack %s (%s): shorten it, or set calling.pack: none and answer for it yourself",
			"%s 超出规则包 %s 的时段（%s）：请缩短，或设 calling.pack: none 自行负责", FormatWindow(w), c.Pack, strings.Join(p.windows, "; "))
	}
	if p.perNumberDay > 0 && (c.perNumberDay() == 0 || c.perNumberDay() > p.perNumberDay) {
		f.add("calling.per_number_day", "pack", "rule pack %s allows at most %d (or calling.pack: none)", "规则包 %s 最多允许 %d（或 calling.pack: none）", c.Pack, p.perNumberDay)
	}
	if c.minGap() < p.minGap {
		f.add("calling.min_gap_seconds", "pack", "rule pack %s wants at least %d (or calling.pack: none)", "规则包 %s 要求至少 %d（或 calling.pack: none）", c.Pack, p.minGap)
	}
}

// take adds the fields of a *models.Error.
func (f *faults) take(err error) {
	if e, ok := err.(*models.Error); ok { //nolint:errorlint // made right here, never wrapped
		for _, fe := range e.Fields {
			f.add(fe.Field, fe.Code, "%[1]s", "%[2]s", fe.Text, fe.TextZH)
		}
	}
}

func (l *Loaded) checkRetries(f *faults) {
	seen := map[string]bool{}
	for i, r := range l.Calling.RetryRules {
		key := func(name string) string { return fmt.Sprintf("calling.retry_rules[%d].%s", i, name) }
		if !slices.Contains(models.Outcomes, models.Outcome(r.Outcome)) || r.Outcome == string(models.OutcomeAnswered) {
			f.add(key("outcome"), "outcome", "%q is no outcome that can be dialled again, as in busy, no_answer, unreachable", "%q 不是可重呼的结果，例如 busy、no_answer、unreachable", r.Outcome)
		}
		if seen[r.Outcome] {
			f.add(key("outcome"), "doubled", "%q has two rules: delete one", "%q 有两条规则：请删除一条", r.Outcome)
		}
		seen[r.Outcome] = true
		f.within(key("times"), r.Times, 0, 20)
		f.within(key("delay_seconds"), r.DelaySeconds, 1, 30*86400)
		if r.Factor != 0 && (r.Factor < 1 || r.Factor > 10) {
			f.add(key("factor"), "range", "%v is out of range: 1 (stays) to 10", "%v 超出范围：1（不变）到 10", r.Factor)
		}
	}
}

func (l *Loaded) checkNumbers(f *faults) {
	country := regexp.MustCompile(`^[A-Z]{2}$`)
	if !country.MatchString(l.Numbers.Region) {
		f.add("numbers.region", "country", "%q is no country: two capital letters, as in CN", "%q 不是国家代码：两个大写字母，例如 CN", l.Numbers.Region)
	}
	for i, c := range l.Numbers.Countries {
		if c != "*" && !country.MatchString(c) {
			f.add(fmt.Sprintf("numbers.countries[%d]", i), "country", "%q is no country: two capital letters, as in CN", "%q 不是国家代码：两个大写字母，例如 CN", c)
		}
	}
	for i, k := range l.Numbers.Kinds {
		f.oneOf(fmt.Sprintf("numbers.kinds[%d]", i), k, "mobile", "fixed", "fixed_or_mobile", "400", "toll_free", "shared_cost", "premium", "voip", "other")
	}
	for _, s := range []struct {
		key   string
		value int64
	}{{"import.max_bytes", l.Import.MaxBytes}, {"voice.max_bytes", l.Voice.MaxBytes}, {"voice.max_seconds", int64(l.Voice.MaxSeconds)}} {
		if s.value < 1 {
			f.add(s.key, "too_small", "%d is too small: at least 1", "%d 太小：至少为 1", s.value)
		}
	}
	if l.Recordings.KeepDays != 0 {
		f.within("recordings.keep_days", l.Recordings.KeepDays, 30, 3650)
	}
}

func (l *Loaded) checkServer(f *faults) {
	f.address("http.addr", l.HTTP.Addr)
	if !l.HTTP.Insecure && !loopback(l.HTTP.Addr) {
		f.add("http.addr", "insecure", "%s can be reached from other machines without encryption: listen on 127.0.0.1 behind a proxy with TLS, or set http.insecure: true",
			"%s 可被其他机器以明文访问：请监听 127.0.0.1 并在前面放置 TLS 代理，或设 http.insecure: true", l.HTTP.Addr)
	}
	if l.Metrics.Addr != "" {
		f.address("metrics.addr", l.Metrics.Addr)
	}
	f.oneOf("log.level", l.Log.Level, "debug", "info", "warn", "error")
	f.oneOf("log.format", l.Log.Format, "text", "json")
}

// loopback reports whether only this machine can reach the address.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return true // another fault, reported elsewhere
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
