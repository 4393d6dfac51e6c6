package simulator

import (
	"strconv"
	"strings"
	"time"
)

// target is what an originated channel does once it is answered.
type target struct {
	app, data                    string // &app(data)
	extension, dialplan, context string
}

// request is a parsed originate.
type request struct {
	vars     []header
	endpoint string // sofia, user, error, loopback …
	address  string // what follows it
	target   target
}

func (r request) get(name string) string {
	for i := len(r.vars) - 1; i >= 0; i-- {
		if r.vars[i].name == name {
			return r.vars[i].value
		}
	}
	return ""
}

const originateUsage = "-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] [<cid_name>] " +
	"[<cid_num>] [<timeout_sec>]\n"

// splitBlanks splits like FreeSWITCH: at blanks, but not within quotes, which are taken away.
func splitBlanks(s string) []string {
	var out []string
	var b strings.Builder
	quoted, any := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && (s[i+1] == ' ' || s[i+1] == '\''):
			i++
			b.WriteByte(s[i])
			any = true
		case c == '\'':
			quoted, any = !quoted, true
		case c == ' ' && !quoted:
			if any {
				out = append(out, b.String())
			}
			b.Reset()
			any = false
		default:
			b.WriteByte(c)
			any = true
		}
	}
	if any {
		out = append(out, b.String())
	}
	return out
}

// parseOriginate reads the arguments of originate; false = the usage is the answer.
func parseOriginate(arg string) (request, bool) {
	words := splitBlanks(arg)
	if len(words) < 2 {
		return request{}, false
	}
	var r request
	url := words[0]
	for len(url) > 0 && strings.IndexByte("{<[", url[0]) >= 0 {
		block, rest, ok := strings.Cut(url[1:], string("}>]"[strings.IndexByte("{<[", url[0])]))
		if !ok {
			return request{}, false
		}
		r.vars = append(r.vars, splitVars(block)...)
		url = rest
	}
	r.endpoint, r.address, _ = strings.Cut(url, "/")
	r.target = parseTarget(words[1:])
	if len(words) > 4 && words[4] != "" && r.get("origination_caller_id_name") == "" {
		r.vars = append(r.vars, header{"origination_caller_id_name", words[4]})
	}
	if len(words) > 5 && r.get("origination_caller_id_number") == "" {
		r.vars = append(r.vars, header{"origination_caller_id_number", words[5]})
	}
	if len(words) > 6 && r.get("originate_timeout") == "" {
		r.vars = append(r.vars, header{"originate_timeout", words[6]})
	}
	return r, true
}

func parseTarget(words []string) target {
	if app, ok := strings.CutPrefix(words[0], "&"); ok {
		name, data, _ := strings.Cut(app, "(")
		return target{app: name, data: strings.TrimSuffix(data, ")")}
	}
	t := target{extension: words[0], dialplan: "XML", context: "default"}
	if len(words) > 1 {
		t.dialplan = words[1]
	}
	if len(words) > 2 {
		t.context = words[2]
	}
	return t
}

// splitVars reads a=b,c=d, or ^^:a=b:c=d; a comma behind a backslash is part of the value.
func splitVars(block string) []header {
	sep := byte(',')
	if rest, ok := strings.CutPrefix(block, "^^"); ok && rest != "" {
		sep, block = rest[0], rest[1:]
	}
	var out []header
	var b strings.Builder
	flush := func() {
		if name, value, ok := strings.Cut(b.String(), "="); ok && name != "" {
			out = append(out, header{strings.TrimSpace(name), value})
		}
		b.Reset()
	}
	for i := 0; i < len(block); i++ {
		switch c := block[i]; {
		case c == '\\' && i+1 < len(block) && block[i+1] == sep:
			i++
			b.WriteByte(sep)
		case c == sep:
			flush()
		default:
			b.WriteByte(c)
		}
	}
	flush()
	return out
}

// seconds reads a whole number of seconds.
func seconds(s string, otherwise int) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return otherwise
	}
	return n
}

// wholeSecond is when FreeSWITCH sees n seconds gone by: it counts epoch seconds, and so may be up to one early.
func wholeSecond(now time.Time, n int) time.Time {
	return now.Truncate(time.Second).Add(time.Duration(n) * time.Second)
}
