package script

import (
	"slices"
	"strings"
)

const hostname = "fs-simulator"

// form is the body of a request of mod_xml_curl. It is put together by hand because FreeSWITCH's order and escaping are
// not those of a browser: the five first values travel as they are, and the rest leaves , / ' ( ) alone.
type form struct{ strings.Builder }

func (f *form) head(section, tag, key, value string) {
	f.WriteString("hostname=" + hostname + "&section=" + section + "&tag_name=" + tag + "&key_name=" + key + "&key_value=" + value)
}

func (f *form) add(name, value string) {
	f.WriteByte('&')
	f.WriteString(name)
	f.WriteByte('=')
	f.escape(value)
}

func (f *form) escape(s string) {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if c > ' ' && c <= '~' && strings.IndexByte("#%&+:;<=>?@[\\]^`{|}\"", c) < 0 || c == '%' && escaped(s[i:]) {
			f.WriteByte(c)
			continue
		}
		f.WriteByte('%')
		f.WriteByte(hex[c>>4])
		f.WriteByte(hex[c&15])
	}
}

// escaped reports whether s begins with % and two hex digits, which FreeSWITCH takes for something escaped already.
func escaped(s string) bool {
	const digits = "0123456789abcdefABCDEF"
	return len(s) > 2 && strings.IndexByte(digits, s[1]) >= 0 && strings.IndexByte(digits, s[2]) >= 0
}

// callerHeaders are the event headers of the caller profile's fields, in the order of a real request.
func callerHeaders() [][2]string {
	return [][2]string{
		{"direction", "Direction"}, {"logical_direction", "Logical-Direction"}, {"username", "Username"},
		{"dialplan", "Dialplan"}, {"caller_id_name", "Caller-ID-Name"}, {"caller_id_number", "Caller-ID-Number"},
		{"orig_caller_id_name", "Orig-Caller-ID-Name"}, {"orig_caller_id_number", "Orig-Caller-ID-Number"},
		{"callee_id_name", "Callee-ID-Name"}, {"callee_id_number", "Callee-ID-Number"},
		{"network_addr", "Network-Addr"}, {"ani", "ANI"}, {"destination_number", "Destination-Number"},
		{"uuid", "Unique-ID"}, {"source", "Source"}, {"context", "Context"}, {"chan_name", "Channel-Name"},
	}
}

// dialplanForm is the request for one entry of a call into the dialplan.
func dialplanForm(r Request) string {
	var f form
	f.head("dialplan", "", "", "")
	f.add("Event-Name", "REQUEST_PARAMS")
	names := make([]string, 0, len(r.Headers))
	caller := false
	for name := range r.Headers {
		if name != "Event-Name" && !strings.HasPrefix(name, "Hunt-") {
			names = append(names, name)
			caller = caller || strings.HasPrefix(name, "Caller-")
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := group(a) - group(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		f.add(name, r.Headers[name])
	}
	if !caller {
		f.profile("Caller-", r)
	}
	f.profile("Hunt-", r)
	return f.String()
}

// group puts headers in the order of a real request: of the event, the channel, the caller profile, the variables.
func group(name string) int {
	for i, prefix := range []string{"Core-", "FreeSWITCH-", "Event-", "Channel-", "Caller-", "variable_"} {
		if strings.HasPrefix(name, prefix) {
			return 2 * i
		}
	}
	return 7 // Unique-ID, Answer-State, … stand behind Channel-
}

func (f *form) profile(prefix string, r Request) {
	for _, h := range callerHeaders() {
		if v := r.field(h[0]); v != "" {
			f.add(prefix+h[1], v)
		}
	}
}
