package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"waihu/controller/esl"
	"waihu/models"
)

// connectLimit is how long a session may take to stand once the password is known to be good.
const connectLimit = 10 * time.Second

func checkSwitch(ctx context.Context, c Config) []Check {
	c.Switch.Logger = quiet()
	reach := checkReach(ctx, c)
	checks := []Check{reach}
	if reach.State == Fail {
		return append(checks, found("switch: the rest", Skip, "modules, gateways, dialplan, folders and clock need the switch", "模块、网关、拨号方案、目录和时钟需要交换机可用"))
	}
	err := session(ctx, c.Switch, func(ctx context.Context, sw *esl.Client) {
		checks = append(checks, checkLoad(ctx, c, sw), checkLocked(ctx, c, sw), checkClock(ctx, c, sw))
		checks = append(checks, checkModules(ctx, c, sw)...)
		checks = append(checks, checkGateways(ctx, c, sw)...)
		checks = append(checks, checkRevision(ctx, c, sw),
			checkShared(ctx, sw, "sounds", "sounds_dir, switch.sounds_dir", c.SoundsDir, c.SwitchSounds),
			checkShared(ctx, sw, "recordings", "switch.recordings_dir", c.Recordings, c.Recordings),
			checkSpool(c))
	})
	if err != nil {
		checks = append(checks, found("switch: session", Fail, "no session: %v", "无法建立会话：%v", err).
			mend("try again; if it stays so, look into the log of FreeSWITCH", "请重试；若仍如此，请查看 FreeSWITCH 日志"))
	}
	return checks
}

// checkReach tries address, access list and password.
func checkReach(ctx context.Context, c Config) Check {
	const name = "switch"
	if c.Switch.Password == "" {
		return found(name, Fail, "no password is set for the event socket at %s", "未设置事件套接字 %s 的密码", c.Switch.Addr).
			mend("put the password of event_socket.conf.xml into a file and name it in switch.password_file", "请将 event_socket.conf.xml 中的密码写入文件，并在 switch.password_file 中指定")
	}
	err := esl.Probe(ctx, c.Switch)
	var p *esl.ProbeError
	var wrong *models.Error
	switch {
	case err == nil && c.Switch.Password == esl.DefaultPassword:
		s := Warn
		if c.Production {
			s = Fail
		}
		return found(name, s, "%s answers, with the password of every stock FreeSWITCH", "%s 可用，但密码是 FreeSWITCH 出厂密码", c.Switch.Addr).
			mend("change it in event_socket.conf.xml (freeswitch-conf/install.sh does) and in switch.password_file", "请在 event_socket.conf.xml（freeswitch-conf/install.sh 可代劳）和 switch.password_file 中更改")
	case err == nil:
		return found(name, OK, "%s answers and takes the password", "%s 可用，密码正确", c.Switch.Addr)
	case errors.As(err, &p):
		f := found(name, Fail, "%[1]s", "%[2]s", p.Error(), p.ZH())
		f.Mend, f.MendZH = mendProbe(p.Kind)
		return f
	case errors.As(err, &wrong):
		return found(name, Fail, "%[1]s", "%[2]s", wrong.Error(), wrong.ZH()).mend("correct switch.addr or switch.password", "请修正 switch.addr 或 switch.password")
	default:
		return found(name, Fail, "%v", "%v", err)
	}
}

func mendProbe(k esl.ProbeKind) (text, textZH string) {
	switch k {
	case esl.ProbeUnreachable:
		return "start FreeSWITCH, load mod_event_socket, or correct switch.addr", "请启动 FreeSWITCH、加载 mod_event_socket，或修正 switch.addr"
	case esl.ProbeSilent:
		return "is that port the event socket, and not busy or behind a firewall that swallows packets?", "请确认该端口是事件套接字，且未被防火墙丢弃数据包"
	case esl.ProbeRefused:
		return "allow this machine's address in apply-inbound-acl of event_socket.conf.xml, then reload mod_event_socket", "请在 event_socket.conf.xml 的 apply-inbound-acl 中允许本机地址，然后 reload mod_event_socket"
	case esl.ProbePassword:
		return "compare switch.password (or password_file) with event_socket.conf.xml", "请核对 switch.password（或 password_file）与 event_socket.conf.xml"
	case esl.ProbeNotFreeSWITCH:
		return "something else listens there: correct switch.addr (usual port 8021)", "该端口是其他程序：请修正 switch.addr（常用端口 8021）"
	default:
		return "look into the log of FreeSWITCH", "请查看 FreeSWITCH 日志"
	}
}

// up tells when the session stands.
type up struct{ ready chan struct{} }

func (up) Event(esl.Event) {}
func (u up) Up(string) {
	select {
	case u.ready <- struct{}{}:
	default:
	}
}
func (up) Down(error) {}

// session runs f with a client that is connected, and ends the client afterwards.
func session(ctx context.Context, cfg esl.Config, f func(context.Context, *esl.Client)) error {
	ctx, cancel := context.WithTimeout(ctx, connectLimit+20*time.Second)
	defer cancel()
	client := esl.New(cfg)
	u := up{make(chan struct{}, 1)}
	done := make(chan error, 1)
	run, stop := context.WithCancel(ctx)
	go func() { done <- client.Run(run, u) }()
	defer func() {
		stop()
		<-done
	}()
	limit, end := context.WithTimeout(ctx, connectLimit)
	defer end()
	select {
	case <-u.ready:
		f(ctx, client)
		return nil
	case <-limit.Done():
		if last := client.Metrics().LastError; last != nil {
			return last
		}
		return fmt.Errorf("connect to %s: %w", cfg.Addr, limit.Err())
	}
}

func failed(name string, err error) Check {
	return found(name, Fail, "the switch does not say: %v", "交换机未回答：%v", err).
		mend("try again; if it stays so, look into the log of FreeSWITCH", "请重试；若仍如此，请查看 FreeSWITCH 日志")
}

func checkLoad(ctx context.Context, c Config, sw *esl.Client) Check {
	const name = "switch: capacity"
	s, err := sw.Status(ctx)
	switch {
	case err != nil:
		return failed(name, err)
	case c.MaxCalls == 0 || s.MaxSessions < c.MaxCalls:
		return found(name, Warn, "%s bears %d sessions, switch.max_calls is %d", "%s 最多 %d 路，switch.max_calls 为 %d", s.Version, s.MaxSessions, c.MaxCalls).
			mend("raise max-sessions in switch.conf.xml, or lower switch.max_calls below it", "请提高 switch.conf.xml 的 max-sessions，或将 switch.max_calls 调到其下")
	case c.CPS == 0 || float64(s.MaxPerSecond) < c.CPS:
		return found(name, Warn, "%s bears %d sessions per second, switch.cps is %v", "%s 每秒最多 %d 路，switch.cps 为 %v", s.Version, s.MaxPerSecond, c.CPS).
			mend("raise sessions-per-second in switch.conf.xml, or lower switch.cps below it", "请提高 switch.conf.xml 的 sessions-per-second，或将 switch.cps 调到其下")
	default:
		return found(name, OK, "%s, %d of %d sessions, at most %d per second", "%s，%d/%d 路，每秒最多 %d 路", s.Version, s.Sessions, s.MaxSessions, s.MaxPerSecond)
	}
}

// checkLocked asks whether the switch still runs shell commands for whoever gets at its event socket.
func checkLocked(ctx context.Context, c Config, sw *esl.Client) Check {
	const name = "switch: shell"
	bad := Warn
	if c.Production {
		bad = Fail
	}
	var open []string
	for _, v := range []string{"disable_system_api_commands", "disable_system_app_commands"} {
		value, err := sw.GlobalVar(ctx, v)
		if err != nil && !models.IsKind(err, models.NotFound) {
			return failed(name, err)
		}
		if value != "true" {
			open = append(open, v)
		}
	}
	if len(open) > 0 {
		return found(name, bad, "the switch still runs shell commands (%s)", "交换机仍可执行系统命令（%s）", strings.Join(open, ", ")).
			mend("install freeswitch-conf/, or set both to true in vars.xml, and restart FreeSWITCH", "请安装 freeswitch-conf/，或在 vars.xml 中将两者设为 true，并重启 FreeSWITCH")
	}
	return found(name, OK, "shell commands are off", "系统命令已关闭")
}

func checkClock(ctx context.Context, c Config, sw *esl.Client) Check {
	const name = "switch: clock"
	before := c.Now()
	at, err := sw.Epoch(ctx)
	if err != nil {
		return failed(name, err)
	}
	// The switch tells whole seconds, cut off: its true time is up to one second later than it says.
	offset := time.Duration(0)
	if after := c.Now(); at.Add(time.Second).Before(before) {
		offset = at.Add(time.Second).Sub(before)
	} else if at.After(after) {
		offset = at.Sub(after)
	}
	if offset.Abs() > maxOffset {
		return found(name, Fail, "the switch's clock is off by %v: times of calls would be wrong", "交换机时钟相差 %v：通话时间会出错", offset.Round(time.Second)).
			mend("let NTP set the clocks of both machines", "请用 NTP 校准两台机器的时钟")
	}
	return found(name, OK, "agrees with ours", "与本机一致")
}

func checkModules(ctx context.Context, c Config, sw *esl.Client) []Check {
	must := []string{"mod_commands", "mod_dptools", "mod_dialplan_xml", "mod_event_socket", "mod_sofia", "mod_sndfile"}
	should := []string{"mod_json_cdr", "mod_tone_stream"}
	if strings.HasPrefix(c.QueueMusic, "local_stream://") {
		should = append(should, "mod_local_stream")
	}
	if c.XMLCurl {
		must = append(must, "mod_xml_curl")
	}
	missing := func(names []string) (out []string, err error) {
		for _, m := range names {
			there, err := sw.ModuleExists(ctx, m)
			if err != nil {
				return nil, err
			}
			if !there {
				out = append(out, m)
			}
		}
		return out, nil
	}
	const name = "switch: modules"
	check := func(names []string, s State) *Check {
		lacking, err := missing(names)
		var f Check
		switch {
		case err != nil:
			f = failed(name, err)
		case len(lacking) > 0:
			list := strings.Join(lacking, ", ")
			f = found(name, s, "not loaded: %s", "未加载：%s", list).
				mend("add them to modules.conf.xml and restart FreeSWITCH (packages freeswitch-mod-…)", "请加入 modules.conf.xml 并重启 FreeSWITCH（软件包 freeswitch-mod-…）")
		default:
			return nil
		}
		return &f
	}
	var out []Check
	for _, f := range []*Check{check(must, Fail), check(should, Warn)} {
		if f != nil {
			out = append(out, *f)
		}
	}
	if len(out) == 0 {
		out = append(out, found(name, OK, "all loaded: %s", "均已加载：%s", strings.Join(append(must, should...), ", ")))
	}
	return out
}

func checkGateways(ctx context.Context, c Config, sw *esl.Client) []Check {
	if len(c.Gateways) == 0 {
		return []Check{found("gateway", Warn, "no trunk is configured: nothing can be dialled", "未配置中继：无法外呼").
			mend("add one under trunks in config.yaml, and its gateway to FreeSWITCH (freeswitch-conf: sip_profiles/waihu/pstn.xml.sample)", "请在 config.yaml 的 trunks 下添加，并在 FreeSWITCH 中配置网关（见 freeswitch-conf 的 sip_profiles/waihu/pstn.xml.sample）")}
	}
	var out []Check
	for _, g := range c.Gateways {
		name := "gateway " + g
		s, err := sw.GatewayStatus(ctx, g)
		switch {
		case models.IsKind(err, models.NotFound):
			out = append(out, found(name, Fail, "the switch does not know it", "交换机中没有此网关").
				mend("put its file into sip_profiles/waihu/ and run: fs_cli -x 'sofia profile waihu rescan'", "请将其配置放入 sip_profiles/waihu/ 并执行：fs_cli -x 'sofia profile waihu rescan'"))
		case err != nil:
			out = append(out, failed(name, err))
		case !s.Up():
			out = append(out, found(name, Fail, "down: state %s, status %s", "不可用：state %s，status %s", s.State, s.Status).
				mend("check its address, user name and password, and whether the carrier answers", "请检查其地址、用户名、密码，以及运营商是否应答"))
		case !s.Pinging && s.State == "NOREG":
			out = append(out, found(name, OK, "configured (no registration, no ping: only a call will show more)", "已配置（不注册也不探测，只有实际呼叫才能验证）"))
		default:
			out = append(out, found(name, OK, "up: state %s, status %s, answers in %v", "可用：state %s，status %s，应答 %v", s.State, s.Status, s.Ping.Round(time.Millisecond)))
		}
	}
	return out
}

// checkRevision compares what we published with what the switch holds.
func checkRevision(ctx context.Context, c Config, sw *esl.Client) Check {
	const name = "dialplan"
	if c.XMLCurl {
		return found(name, Skip, "goes out by mod_xml_curl: nothing is stored on the switch", "通过 mod_xml_curl 提供，交换机不存储")
	}
	want, err := c.Published()
	switch {
	case os.IsNotExist(err):
		return found(name, OK, "nothing has been published yet", "尚未发布")
	case err != nil:
		return found(name, Fail, "the published file cannot be read: %v", "无法读取已发布文件：%v", err).
			mend("check switch.dialplan_dir and its permissions", "请检查 switch.dialplan_dir 及其权限")
	}
	xml, err := sw.LocateContext(ctx, c.Context)
	if err != nil && !models.IsKind(err, models.NotFound) {
		return failed(name, err)
	}
	live := c.StampOf(xml)
	if live == want && want != "" {
		return found(name, OK, "revision %s is live", "修订 %s 已生效", live)
	}
	if live == "" {
		return found(name, Fail, "revision %s is not live: the switch has no context %s", "修订 %s 未生效：交换机中没有上下文 %s", want, c.Context).
			mend("let FreeSWITCH include %[1]s/*.xml (freeswitch-conf/install.sh does), then fs_cli -x reloadxml", "请让 FreeSWITCH 包含 %[1]s/*.xml（freeswitch-conf/install.sh 可代劳），然后 fs_cli -x reloadxml", c.DialplanDir)
	}
	return found(name, Fail, "revision %s is published, %s is live", "已发布修订 %s，生效的是 %s", want, live).
		mend("fs_cli -x reloadxml; if it stays so, the switch reads another folder than %s", "请执行 fs_cli -x reloadxml；若仍不一致，则交换机读取的目录不是 %s", c.DialplanDir)
}

// checkShared writes a file on our side and asks the switch whether it sees it. The switch has no command that writes a
// file without a call, so its right to write is shown by the first recording only.
func checkShared(ctx context.Context, sw *esl.Client, name, keys, ours, theirs string) Check {
	probe, err := writeProbe(ours)
	if errors.Is(err, os.ErrNotExist) {
		return found(name, Fail, "there is no folder %s on this machine", "本机没有目录 %s", ours).
			mend("create it, or mount the switch's folder there, or correct %s", "请创建该目录、挂载交换机的目录，或修正 %s", keys)
	}
	if err != nil {
		return found(name, Fail, "cannot write in %s: %v", "无法写入 %s：%v", ours, err).
			mend("give it to the users of waihu and FreeSWITCH, or correct %s", "请授权给 waihu 与 FreeSWITCH 的用户，或修正 %s", keys)
	}
	defer os.Remove(probe)
	seen := path.Join(filepath.ToSlash(theirs), filepath.Base(probe))
	there, err := sw.FileExists(ctx, seen)
	switch {
	case err != nil:
		return failed(name, err)
	case !there:
		return found(name, Fail, "what we write to %s the switch does not see at %s", "写入 %s 的文件，交换机在 %s 看不到", ours, theirs).
			mend("share the folder (same volume or mount), let FreeSWITCH's user read it, or correct %s", "请共享该目录（同一卷或挂载）、允许 FreeSWITCH 用户读取，或修正 %s", keys)
	default:
		return found(name, OK, "%s is seen by the switch as %s", "%s 在交换机上为 %s", ours, theirs)
	}
}

// checkSpool looks whether call records can be read; without them calls that end while we are away stay without a cause.
func checkSpool(c Config) Check {
	const name = "call records"
	if _, err := os.ReadDir(c.CDRDir); err != nil {
		return found(name, Warn, "cannot read %s: %v; calls that end while waihu is down keep an unknown end", "无法读取 %s：%v；waihu 停止期间结束的通话将缺少结果", c.CDRDir, err).
			mend("set log-dir of json_cdr.conf.xml to this folder, or switch.cdr_dir to that one", "请将 json_cdr.conf.xml 的 log-dir 设为此目录，或修改 switch.cdr_dir")
	}
	return found(name, OK, "%s can be read", "%s 可读", c.CDRDir)
}
