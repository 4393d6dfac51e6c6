package simulator

import (
	"context"
	"os"
	"strconv"
	"strings"

	"waihu/simulator/script"
)

// run carries out an API command; reply is called with its body, at once or, for originate, later. The API event follows
// the reply.
func (s *Simulator) run(line string, reply func(body string)) {
	name, arg, _ := strings.Cut(line, " ")
	s.sequence++
	sequence := s.sequence
	done := func(body string) {
		reply(body)
		tail := []header{{"API-Command", name}}
		if arg != "" {
			tail = append(tail, header{"API-Command-Argument", arg})
		}
		s.fire(event{kind: evAPI, tail: tail, sequence: sequence})
	}
	name = strings.ToLower(name)
	if name == "originate" {
		s.originate(arg, done)
		return
	}
	if f, ok := s.commands[name]; ok {
		done(f(s, arg))
		return
	}
	done("-ERR " + name + " Command not found!\n")
}

// commands are the API commands but originate, which alone takes time.
func commands() map[string]func(*Simulator, string) string {
	fixed := func(text string) func(*Simulator, string) string {
		return func(*Simulator, string) string { return text }
	}
	return map[string]func(*Simulator, string) string{
		"uuid_kill":         apiKill,
		"uuid_bridge":       apiBridge,
		"uuid_transfer":     apiTransfer,
		"uuid_park":         apiPark,
		"uuid_hold":         apiHold,
		"uuid_broadcast":    apiBroadcast,
		"uuid_break":        apiBreak,
		"uuid_record":       apiRecord,
		"uuid_getvar":       apiGetvar,
		"uuid_setvar":       apiSetvar,
		"uuid_setvar_multi": apiSetvarMulti,
		"uuid_dump":         apiDump,
		"uuid_exists":       apiExists,
		"uuid_send_dtmf":    apiSendDTMF,
		"uuid_recv_dtmf":    apiRecvDTMF,
		"uuid_flush_dtmf":   apiFlushDTMF,
		"uuid_answer":       apiAnswer,
		"uuid_media":        apiMedia,
		"uuid_audio":        apiAudio,
		"uuid_displace":     apiDisplace,
		"uuid_buglist":      apiBuglist,
		"sched_hangup":      apiSchedHangup,
		"sched_transfer":    apiSchedTransfer,
		"sched_del":         apiSchedDel,
		"hupall":            apiHupall,
		"show":              apiShow,
		"sofia":             apiSofia,
		"sofia_contact":     apiSofiaContact,
		"reloadxml":         apiReload,
		"reloadacl":         fixed("+OK acl reloaded\n"),
		"xml_locate":        apiLocate,
		"status":            apiStatus,
		"version":           apiVersion,
		"uptime":            func(s *Simulator, _ string) string { return strconv.Itoa(int(s.now.Sub(s.started).Seconds())) + "\n" },
		"hostname":          fixed(hostname),
		"switchname":        fixed(switchname),
		"create_uuid":       func(s *Simulator, _ string) string { return s.newUUID() },
		"strepoch":          apiStrepoch,
		"strftime":          apiStrftime,
		"global_getvar":     apiGlobalGetvar,
		"global_setvar":     apiGlobalSetvar,
		"module_exists":     apiModuleExists,
		"file_exists":       apiFileExists,
		"fsctl":             apiFsctl,
		"echo":              func(_ *Simulator, arg string) string { return arg },
		"eval":              func(s *Simulator, arg string) string { return script.Expand(arg, s.global) },
		"log":               fixed("+OK\n"),
		"bgapi":             fixed("-ERR Invalid syntax\n"),
		"user_exists":       apiUserExists,
	}
}

func (s *Simulator) global(name string) (string, bool) {
	v, ok := s.globals[name]
	return v, ok
}

func (s *Simulator) setGlobal(name, value string) {
	if _, known := s.globals[name]; !known {
		s.globally = append(s.globally, name)
	}
	s.globals[name] = value
}

// setGlobals gives the variables that a switch has from its start.
func (s *Simulator) setGlobals() {
	s.globals, s.globally = map[string]string{}, nil
	for _, h := range []header{
		{"hostname", hostname}, {"local_ip_v6", address6}, {"base_dir", "/usr/local/freeswitch"},
		{"recordings_dir", "/var/lib/freeswitch/recordings"}, {"sound_prefix", "/usr/share/freeswitch/sounds"},
		{"sounds_dir", "/usr/share/freeswitch/sounds"}, {"conf_dir", "/etc/freeswitch"}, {"log_dir", "/var/log/freeswitch"},
		{"core_uuid", s.core}, {"local_ip", "127.0.0.1"}, {"local_ip_v4", address4}, {"domain", "127.0.0.1"},
		{"domain_name", "127.0.0.1"}, {"switchname", switchname}, {"hold_music", "local_stream://moh"},
	} {
		s.setGlobal(h.name, h.value)
	}
	for name, value := range s.cfg.Globals {
		s.setGlobal(name, value)
	}
}

func apiStatus(s *Simulator, _ string) string {
	itoa := strconv.Itoa
	l := &s.limits
	l.roll(s.now)
	return "UP " + upTime(s.now.Sub(s.started)) + "\n" +
		"FreeSWITCH (Version " + version + " git a88d069 2024-08-02 21:02:27Z 64bit) is ready\n" +
		itoa(l.since) + " session(s) since startup\n" +
		itoa(len(s.channels)) + " session(s) - peak " + itoa(l.peak) + ", last 5min " + itoa(l.peak) + " \n" +
		itoa(l.inSecond) + " session(s) per Sec out of max " + itoa(l.perSecond) + ", peak " + itoa(l.peakPerSecond) +
		", last 5min " + itoa(l.peakPerSecond) + " \n" +
		itoa(l.maxSessions) + " session(s) max\nmin idle cpu 0.00/98.00\nCurrent Stack Size/Max 240K/8192K\n"
}

func apiVersion(_ *Simulator, arg string) string {
	if arg == "short" {
		return version + "\n"
	}
	return "FreeSWITCH Version " + version + "+git~20240802T210227Z~a88d069d6f~64bit (git a88d069 2024-08-02 21:02:27Z 64bit)\n"
}

func apiStrepoch(s *Simulator, _ string) string { return strconv.FormatInt(s.now.Unix(), 10) }

func apiStrftime(s *Simulator, _ string) string { return s.now.UTC().Format("2006-01-02 15:04:05") }

func apiGlobalGetvar(s *Simulator, arg string) string {
	if arg != "" {
		return s.globals[arg]
	}
	var b strings.Builder
	for _, name := range s.globally {
		b.WriteString(name + "=" + s.globals[name] + "\n")
	}
	return b.String()
}

func apiGlobalSetvar(s *Simulator, arg string) string {
	name, value, ok := strings.Cut(arg, "=")
	if !ok || name == "" {
		return "-USAGE: <var>=<value> [=<value2>]\n"
	}
	s.setGlobal(name, value)
	return "+OK"
}

func apiModuleExists(_ *Simulator, arg string) string {
	switch arg {
	case "mod_sofia", "mod_dptools", "mod_commands", "mod_event_socket", "mod_dialplan_xml", "mod_sndfile",
		"mod_local_stream", "mod_tone_stream", "mod_native_file", "mod_xml_curl", "mod_json_cdr", "mod_loopback", "mod_console":
		return "true"
	case "":
		return "-USAGE: <module>\n"
	default:
		return "false"
	}
}

// apiFileExists looks at the disk, as the switch does: what SoundDir makes of a sound is no file.
func apiFileExists(_ *Simulator, arg string) string {
	_, err := os.Stat(arg)
	return boolText(err == nil)
}

func apiUserExists(s *Simulator, arg string) string {
	w := strings.Fields(arg)
	if len(w) < 3 {
		return "-ERR Invalid syntax\n"
	}
	_, ok := s.cfg.Users[w[1]]
	return boolText(ok || s.cfg.Users == nil)
}

func apiFsctl(s *Simulator, arg string) string {
	w := append(strings.Fields(arg), "", "")
	switch w[0] {
	case "max_sessions":
		s.limits.maxSessions = seconds(w[1], s.limits.maxSessions)
		return "+OK max sessions: " + strconv.Itoa(s.limits.maxSessions) + "\n"
	case "sps":
		s.limits.perSecond = seconds(w[1], s.limits.perSecond)
		return "+OK sessions per second: " + strconv.Itoa(s.limits.perSecond) + "\n"
	case "pause", "resume":
		s.limits.paused = w[0] == "pause"
		return "+OK\n"
	case "pause_check":
		return boolText(s.limits.paused)
	case "hupall":
		return apiHupall(s, strings.TrimSpace(strings.TrimPrefix(arg, "hupall")))
	case "sync_clock":
		return "+OK clock synchronized\n"
	case "min_idle_cpu":
		return "+OK min idle cpu: DISABLED\n"
	case "loglevel":
		return "+OK log level: DISABLE [-1]\n"
	default:
		return "-ERR invalid command\n"
	}
}

func apiReload(s *Simulator, _ string) string {
	s.fire(event{kind: evReload})
	if s.cfg.Dialplan == nil {
		return "+OK [Success]\n"
	}
	return s.cfg.Dialplan.Reload()
}

// apiLocate: section tag key value.
func apiLocate(s *Simulator, arg string) string {
	w := strings.Fields(arg)
	if len(w) < 4 || s.cfg.Dialplan == nil {
		return "can't find anything\n"
	}
	return s.cfg.Dialplan.Locate(w[0], w[1], w[2], strings.Join(w[3:], " "))
}

// Lookup asks the simulated switch's dialplan, as a call would: for tests of what was published.
func (s *Simulator) Lookup(ctx context.Context, contextName, extension string) ([]script.Action, error) {
	if s.cfg.Dialplan == nil {
		return nil, script.ErrContext
	}
	return s.cfg.Dialplan.Lookup(ctx, script.Request{Context: contextName, Destination: extension})
}
