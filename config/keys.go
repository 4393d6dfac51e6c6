package config

import (
	"strings"

	"waihu/controller/campaign"
)

// Key is one thing that can be set: its name, its default and what it is, in both languages.
type Key struct {
	Name    string
	Default any // of the Go type of the field
	Text    string
	TextZH  string
	Part    string // heading in config.yaml at which a new part begins, English · 中文
}

// EnvPrefix begins the name of every environment variable.
const EnvPrefix = "WAIHU_"

// Env is the environment variable of a key.
func (k Key) Env() string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(k.Name, ".", "_"))
}

// Keys lists every key in the order of config.yaml.
func Keys() []Key {
	keys := make([]Key, 0, 64)
	for _, part := range [][]Key{systemKeys(), switchKeys(), campaignKeys(), callingKeys(), limitKeys(), serverKeys()} {
		keys = append(keys, part...)
	}
	return keys
}

func systemKeys() []Key {
	return []Key{
		{"production", false, "refuse what is only fit for trying out (default passwords)", "生产环境：拒绝仅供试用的设置（默认密码）", "System · 系统"},
		{"data_dir", "data", "folder of everything Waihu writes; relative to the working directory", "数据目录，相对于工作目录", ""},
		{"sounds_dir", "", "converted voice files, as Waihu sees the folder; empty = data_dir/sounds", "转换后的语音文件目录；空 = data_dir/sounds", ""},
		{"database.driver", "sqlite", "sqlite (embedded) or mysql (MySQL, MariaDB)", "数据库：sqlite（内置）或 mysql", "Database · 数据库"},
		{"database.dsn", Secret(""), "sqlite: file, empty = data_dir/waihu.db; mysql: user:{password}@tcp(host:3306)/waihu", "sqlite 为文件路径；mysql 为连接串", ""},
		{"database.password_file", "", "file whose first line replaces {password} in database.dsn", "密码文件，其首行替换 dsn 中的 {password}", ""},
	}
}

func switchKeys() []Key {
	return []Key{
		{"switch.addr", "127.0.0.1:8021", "event socket of FreeSWITCH, host:port", "FreeSWITCH 事件套接字地址", "FreeSWITCH · 交换机"},
		{"switch.password", Secret(""), "event-socket password; better use password_file", "事件套接字密码，建议用 password_file", ""},
		{"switch.password_file", "", "file whose first line is the event-socket password", "密码文件，首行为事件套接字密码", ""},
		{"switch.sounds_dir", "", "sounds_dir as the switch sees it; empty = the same path", "交换机看到的语音目录；空 = 路径相同", ""},
		{"switch.dialplan_dir", "", "where the generated dialplan is written; empty = data_dir/dialplan", "生成的拨号方案目录；空 = data_dir/dialplan", ""},
		{"switch.directory_dir", "", "where the accounts of agents' phones are written; empty = data_dir/directory", "坐席话机账户（directory）目录；空 = data_dir/directory", ""},
		{"switch.recordings_dir", "", "where the switch writes recordings; empty = data_dir/recordings", "录音目录；空 = data_dir/recordings", ""},
		{"switch.cdr_dir", "", "spool of the switch's call records (mod_json_cdr); empty = data_dir/cdr", "话单目录 (mod_json_cdr)；空 = data_dir/cdr", ""},
		{"switch.max_calls", 900, "calls at once on the switch, 0 = no limit; keep below its max-sessions", "交换机最大同时呼叫数，应小于 max-sessions", ""},
		{"switch.cps", 28.0, "calls per second in total, 0 = no limit; keep below its sessions-per-second", "总每秒呼叫数，应小于 sessions-per-second", ""},
		{"switch.publish", "files", "how the switch gets the dialplan: files (and reloadxml) or xml_curl", "拨号方案发布方式：files 或 xml_curl", ""},
		{"switch.xml_curl_credentials", "", "file with user:password that mod_xml_curl must bring, wanted by publish: xml_curl", "xml_curl 凭据文件（user:password）", ""},
		{"trunks", []Trunk{}, "gateways: - {name: main, gateway: pstn, lines: 60, hand_lines: 0, cps: 10, number_format: national|e164|plus, dial_prefix: \"\", allow_400: false}", "中继列表", "Trunks and caller numbers · 中继与去电号码"},
		{"callers", []string{}, "numbers to show, digits only: area code and number, mobile or 400: [\"075512345678\"]", "去电号码，只含数字：区号+号码、手机或 400", ""},
	}
}

func campaignKeys() []Key {
	return []Key{
		{"campaign.max_concurrency", 0, "calls at once, 0 to 999, 0 = no limit", "最大并发数 0–999，0 = 不限", "Defaults of a campaign · 群呼任务默认值"},
		{"campaign.ring_seconds", 45, "ring time in seconds, 5 to 120 (rule packs: at least 15)", "振铃秒数 5–120（规则包要求至少 15）", ""},
		{"campaign.play_count", 1, "how often the voice file is played, 1 to 99", "语音播放次数 1–99", ""},
		{"campaign.extra_seconds", 10, "hang-up timer = play_count × duration + these seconds, 0 to 3600", "超时 = 播放次数 × 时长 + 此秒数，0–3600", ""},
		{"campaign.key_seconds", 5, "how long a key is waited for after each play, 1 to 60", "每次播放后等待按键的秒数 1–60", ""},
		{"campaign.agent_key", "", "key that leads to an agent, one of 0-9 * #; empty = none", "转人工按键；空 = 无", ""},
		{"campaign.opt_out_key", "", "key that puts the number on the blacklist, one of 0-9 * #; empty = none", "退订按键（加入黑名单）；空 = 无", ""},
		{"queue.announcement", "", "sound file played first to callees who wait for an agent, as the switch sees it", "排队开始时播放的语音", "Waiting for an agent · 排队"},
		{"queue.music", "local_stream://moh", "music while waiting, a sound file or stream of the switch", "等待音乐", ""},
		{"queue.wait_seconds", 60, "longest wait for an agent in seconds, 2 to 3600", "最长等待秒数 2–3600", ""},
		{"queue.apology", "", "sound file played before a wait is given up; empty = none", "等待结束时的致歉语音；空 = 无", ""},
		{"phones.profile", "waihu_agents", "sofia profile of the switch at which agents' phones register", "坐席话机注册的 sofia profile", "Agents' phones · 坐席话机"},
		{"phones.domain", "", "SIP domain of the extensions; empty = phones.server", "分机的 SIP 域；空 = phones.server", ""},
		{"phones.server", "", "host or address of the switch as phones reach it; empty = the host of switch.addr", "话机访问交换机的主机名或地址；空 = switch.addr 的主机", ""},
		{"phones.port", 5070, "SIP port of that profile", "该 profile 的 SIP 端口", ""},
		{"phones.transport", "udp", "what phones are to use: udp, tcp or tls", "话机使用的传输方式：udp、tcp 或 tls", ""},
	}
}

func callingKeys() []Key {
	return []Key{
		{"calling.pack", "CN", "rule pack that bounds what follows: none, CN, US, UK", "规则包：none、CN、US、UK", "When and how often · 呼叫时段与频次"},
		{"calling.zone", "Asia/Shanghai", "time zone (IANA name) of the windows", "时段所用时区", ""},
		{"calling.number_zone", true, "read the windows in the number's own zone where it is known", "按号码所在时区计算时段", ""},
		{"calling.windows", []string{}, "hours: [\"mon-fri 09:00-12:00,14:00-20:00\", \"sat 10:00-12:00\"]; empty = those of the pack", "呼叫时段；空 = 规则包的时段", ""},
		{"calling.holidays", []string{}, "dates without calls: [\"2027-01-01\"]", "不呼叫的节假日", ""},
		{"calling.retries", 0, "dials of a number after the first one, 0 to 20", "首次呼叫后的重呼次数 0–20", ""},
		{"calling.retry_rules", defaultRetryRules(), "what follows an outcome; an outcome that is not listed is final; free = the trunk's fault, not counted", "各结果的重呼规则；未列出的结果不再重呼", ""},
		{"calling.per_number_day", AsPack, "dials of a number per day over all campaigns, 0 = no limit, -1 = as the pack says", "每号每日呼叫上限，0 = 不限，-1 = 按规则包", ""},
		{"calling.min_gap_seconds", AsPack, "least seconds between two dials of a number, 0 = none, -1 = as the pack says", "同一号码两次呼叫的最小间隔秒数，-1 = 按规则包", ""},
		{"numbers.region", "CN", "home country of numbers written without country code", "无国家码号码的默认国家", "Which numbers · 可呼叫的号码"},
		{"numbers.countries", []string{"CN"}, "countries that may be called, two letters each, or \"*\"", "允许呼叫的国家", ""},
		{"numbers.kinds", []string{"mobile", "fixed"}, "kinds that may be called: mobile, fixed, fixed_or_mobile, 400, toll_free, shared_cost, premium, voip, other", "允许呼叫的号码类型", ""},
	}
}

func limitKeys() []Key {
	return []Key{
		{"import.max_bytes", int64(512 << 20), "largest number file in bytes", "号码文件大小上限（字节）", "Files · 文件"},
		{"voice.ffmpeg", "ffmpeg", "program that converts MP3 and unusual WAV; empty = only plain WAV is taken", "转换程序；空 = 只接受普通 WAV", ""},
		{"voice.max_bytes", int64(50 << 20), "largest voice file in bytes", "语音文件大小上限（字节）", ""},
		{"voice.max_seconds", 600, "longest voice file in seconds", "语音时长上限（秒）", ""},
		{"recordings.keep_days", 180, "days after which recordings are deleted, 30 to 3650; 0 = never", "录音保留天数 30–3650；0 = 永久保留", ""},
		{"approvals.four_eyes", false, "in the web application nobody approves what he uploaded himself: wants two people who may upload or approve", "网页中不得审核自己提交的内容（双人审核，至少需要两人）", ""},
	}
}

func serverKeys() []Key {
	return []Key{
		{"http.addr", "127.0.0.1:8080", "address of the web application", "网页地址", "Server · 服务"},
		{"http.insecure", false, "allow an address other than this machine's own without TLS (a proxy with TLS stands in front)", "允许在非本机地址上不加密监听（前面有 TLS 代理）", ""},
		{"metrics.addr", "", "address of the measurements (Prometheus); empty = off", "监控指标地址；空 = 关闭", ""},
		{"log.level", "info", "debug, info, warn or error", "日志级别", ""},
		{"log.format", "text", "text or json", "日志格式 text 或 json", ""},
	}
}

// defaultRetryRules are those of a new campaign, as keys of the configuration.
func defaultRetryRules() []RetryRule {
	rules := campaign.DefaultRetryRules()
	out := make([]RetryRule, 0, len(rules))
	for _, r := range rules {
		out = append(out, RetryRule{string(r.Outcome), r.Times, r.DelaySeconds, r.Factor, r.Free})
	}
	return out
}
