package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
)

const showUsage = "-USAGE: codec|endpoint|application|api|dialplan|file|timer|calls [count]|channels [count|like <match string>]|" +
	"calls|detailed_calls|bridged_calls|detailed_bridged_calls|aliases|complete|chat|management|modules|nat_map|say|" +
	"interfaces|interface_types|tasks|limits|status\n"

// sorted are the channels in the order in which they were made.
func (s *Simulator) sorted() []*channel {
	out := make([]*channel, 0, len(s.channels))
	for _, ch := range s.channels {
		out = append(out, ch)
	}
	slices.SortFunc(out, func(a, b *channel) int { return cmp.Compare(a.session, b.session) })
	return out
}

// apiShow answers show channels and show calls, plain, as json, as xml and counted.
func apiShow(s *Simulator, arg string) string {
	w := words(strings.ToLower(arg), 3)
	var rows [][]header
	switch w[0] {
	case "channels":
		rows = s.channelRows(w)
	case "calls", "bridged_calls", "detailed_calls":
		rows = s.callRows(w[0])
	case "tasks":
		rows = s.taskRows()
	case "registrations", "limits", "aliases", "complete", "nat_map":
	default:
		return showUsage
	}
	counted := slices.Contains(w, "count")
	switch i := slices.Index(w, "as"); {
	case i >= 0 && slices.Contains(w[i:], "json"):
		return showJSON(rows, counted)
	case i >= 0 && slices.Contains(w[i:], "xml"):
		return showXML(rows)
	}
	return showPlain(rows, counted)
}

func (s *Simulator) channelRows(w []string) (rows [][]header) {
	for _, ch := range s.sorted() {
		if row := ch.row(); w[1] != "like" || matches(row, w[2]) {
			rows = append(rows, row)
		}
	}
	return rows
}

func (s *Simulator) taskRows() (rows [][]header) {
	for _, ch := range s.sorted() {
		for _, t := range ch.tasks {
			rows = append(rows, []header{
				{"task_id", strconv.Itoa(t.id)}, {"task_desc", t.desc}, {"task_group", ch.uuid},
				{"task_runtime", strconv.FormatInt(t.due.Unix(), 10)}, {"task_sql_manager", "0"}, {"hostname", hostname},
			})
		}
	}
	return rows
}

// callRows are the first legs of bridges and, but for bridged_calls, the legs that have no other.
func (s *Simulator) callRows(kind string) (rows [][]header) {
	for _, ch := range s.sorted() {
		if ch.bridge == nil && kind == "calls" || ch.bridge != nil && ch.bridge.a == ch {
			rows = append(rows, ch.callRow())
		}
	}
	return rows
}

func matches(row []header, like string) bool {
	return slices.ContainsFunc(row, func(h header) bool { return strings.Contains(strings.ToLower(h.value), like) })
}

func showPlain(rows [][]header, counted bool) string {
	var b strings.Builder
	if !counted {
		for i, row := range rows {
			if i == 0 {
				b.WriteString(join(row, func(h header) string { return h.name }))
			}
			b.WriteString(join(row, func(h header) string { return h.value }))
		}
	}
	b.WriteString("\n" + strconv.Itoa(len(rows)) + " total.\n")
	return b.String()
}

func join(row []header, of func(header) string) string {
	cells := make([]string, len(row))
	for i, h := range row {
		cells[i] = of(h)
	}
	return strings.Join(cells, ",") + "\n"
}

func showJSON(rows [][]header, counted bool) string {
	if len(rows) == 0 {
		return `{"row_count":0}`
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteString(`{"row_count":` + strconv.Itoa(len(rows)) + `,"rows":[`)
	for i, row := range rows {
		if counted {
			break
		}
		if i > 0 {
			b.WriteByte(',')
		}
		for j, h := range row {
			b.WriteByte("{,"[min(j, 1)])
			writeJSON(enc, &b, h.name)
			b.WriteByte(':')
			writeJSON(enc, &b, h.value)
		}
		b.WriteByte('}')
	}
	b.WriteString("]}")
	return b.String()
}

func showXML(rows [][]header) string {
	var b bytes.Buffer
	b.WriteString(`<result row_count="` + strconv.Itoa(len(rows)) + "\">\n")
	for i, row := range rows {
		b.WriteString(`  <row row_id="` + strconv.Itoa(i+1) + "\">\n")
		for _, h := range row {
			b.WriteString("    <" + h.name + ">")
			_ = xml.EscapeText(&b, []byte(h.value)) // into memory
			b.WriteString("</" + h.name + ">\n")
		}
		b.WriteString("  </row>\n")
	}
	b.WriteString("</result>\n")
	return b.String()
}

func (ch *channel) row() []header {
	app, data := "", ""
	if f := ch.top(); f != nil {
		app, data = f.app, f.data
	}
	codec, rate, bits, network := "", "", "", ""
	if ch.codec {
		codec, rate, bits = "PCMA", "8000", "64000"
	}
	if ch.networked {
		network = "127.0.0.1"
	}
	p, first := ch.caller, ch.first
	if first == (caller{}) {
		first = caller{origName: p.origName, ani: p.ani, destination: ch.number, context: "default"}
	}
	return []header{
		{"uuid", ch.uuid}, {"direction", ch.direction}, {"created", ch.created.UTC().Format("2006-01-02 15:04:05")},
		{"created_epoch", strconv.FormatInt(ch.created.Unix(), 10)}, {"name", ch.name}, {"state", ch.state},
		{"cid_name", p.name}, {"cid_num", p.number}, {"ip_addr", network}, {"dest", p.destination},
		{"application", app}, {"application_data", data}, {"dialplan", p.dialplan}, {"context", p.context},
		{"read_codec", codec}, {"read_rate", rate}, {"read_bit_rate", bits},
		{"write_codec", codec}, {"write_rate", rate}, {"write_bit_rate", bits},
		{"secure", ""}, {"hostname", switchname}, {"presence_id", ""}, {"presence_data", ""}, {"accountcode", ""},
		{"callstate", ch.callState}, {"callee_name", p.calleeName}, {"callee_num", p.callee}, {"callee_direction", "SEND"},
		{"call_uuid", ch.callUUID}, {"sent_callee_name", ""}, {"sent_callee_num", ""},
		{"initial_cid_name", first.origName}, {"initial_cid_num", first.ani}, {"initial_ip_addr", ""},
		{"initial_dest", first.destination}, {"initial_dialplan", first.dialplan}, {"initial_context", first.context},
	}
}

// callRow is a row of show calls: both legs of a bridge beside each other.
func (ch *channel) callRow() []header {
	short := func(ch *channel, prefix string) []header {
		var out []header
		for _, h := range ch.row() {
			switch h.name {
			case "uuid", "direction", "created", "created_epoch", "name", "state", "cid_name", "cid_num", "ip_addr", "dest",
				"presence_id", "presence_data", "accountcode", "callstate", "callee_name", "callee_num", "callee_direction",
				"sent_callee_name", "sent_callee_num":
				out = append(out, header{prefix + h.name, h.value})
			}
		}
		return out
	}
	row := append(short(ch, ""), header{"call_uuid", ch.callUUID}, header{"hostname", switchname})
	if ch.bridge != nil {
		row = append(row, short(ch.bridge.other(ch), "b_")...)
	}
	return append(row, header{"call_created_epoch", strconv.FormatInt(ch.created.Unix(), 10)})
}
