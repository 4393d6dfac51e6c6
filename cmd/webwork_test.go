package cmd

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/xuri/excelize/v2"

	"waihu/controller/clock"
	"waihu/models"
)

// numberFile has n numbers, a duplicate and a row that is turned away.
func numberFile(n int) []byte {
	var b bytes.Buffer
	b.WriteString("姓名,手机\n")
	for i := range n {
		fmt.Fprintf(&b, "客户%d,138001%05d\n", i, i)
	}
	b.WriteString("重复,13800100000\n写错,1380013800O\n")
	return b.Bytes()
}

// eventually asks until the answer is as wanted.
func (v *visitor) eventually(path string, as func(answer) bool) answer {
	v.w.t.Helper()
	var a answer
	for range 600 {
		if a = v.want(200, "GET", path, nil); as(a) {
			return a
		}
		if !clock.Sleep(v.w.t.Context().Done(), clock.Real(), 50*time.Millisecond) {
			break
		}
	}
	v.w.t.Fatalf("%s stays %s", path, a.raw)
	return a
}

func state(want string) func(answer) bool {
	return func(a answer) bool { return a.body["state"] == want }
}

// importNumbers brings a number file as the wizard does and waits for its end.
func (v *visitor) importNumbers(content []byte) int64 {
	v.w.t.Helper()
	up := v.want(201, "POST", "/uploads", upload(v.w.t, "../名单.csv", content))
	if up.body["name"] != "名单.csv" || up.body["look"].(map[string]any)["column"] != 1.0 {
		v.w.t.Errorf("upload %s", up.raw)
	}
	made := v.want(202, "POST", "/lists", map[string]any{"upload_id": up.body["id"], "name": "十一月", "encoding": "", "delimiter": "", "column": 1})
	v.eventually(fmt.Sprintf("/lists/%d", made.id()), state("ready"))
	return made.id()
}

// makeCampaign makes a draft with all it needs of n numbers, everything approved.
func (w *website) makeCampaign(v *visitor, n int) (campaign, list int64) {
	w.t.Helper()
	admin := w.as("admin")
	trunk := admin.want(201, "POST", "/trunks", map[string]any{"name": "pstn", "gateway": "simulated", "number_format": "national", "lines": 0, "cps": 0}).id()
	list = v.importNumbers(numberFile(n))
	var wav bytes.Buffer
	if err := sampleVoice(&wav); err != nil {
		w.t.Fatal(err)
	}
	voice := v.want(201, "POST", "/voice-files", upload(w.t, "a.wav", wav.Bytes())).id()
	caller := v.want(201, "POST", "/caller-numbers", map[string]any{"number": "075512345678"}).id()
	for kind, id := range map[string]int64{"list": list, "voice_file": voice, "caller_number": caller} {
		admin.want(204, "POST", fmt.Sprintf("/approvals/%s/%d", kind, id), map[string]any{"approve": true})
	}
	made := v.want(201, "POST", "/campaigns", map[string]any{"name": "回访", "contact_list_id": list, "voice_file_id": voice, "trunk_ids": []int64{trunk},
		"caller_ids": []int64{caller}, "agent_key": "1", "opt_out_key": "9", "max_concurrency": 200,
		"rules": map[string]any{"pack": "none", "windows": []any{}, "holidays": []any{}, "number_zone": false, "zone": "Asia/Shanghai", "retries": 0, "retry_rules": []any{}, "per_number_day": 0, "min_gap_seconds": 0}})
	if made.body["state"] != "draft" || made.header.Get("ETag") != `"1"` {
		w.t.Errorf("made %s", made.raw)
	}
	return made.id(), list
}

func TestListsOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	v := w.as("enterprise")
	up := v.want(201, "POST", "/uploads", upload(t, "名单.csv", numberFile(30)))
	id := fmt.Sprint(up.body["id"])
	if a := v.want(200, "POST", "/uploads/"+id+"/preview", map[string]any{"encoding": "gb18030", "delimiter": ",", "column": "2"}); a.body["encoding"] != "gb18030" || a.body["column"] != 1.0 {
		t.Errorf("read another way: %s", a.raw)
	}
	w.as("stranger").want(404, "POST", "/uploads/"+id+"/preview", map[string]any{})
	v.want(404, "POST", "/uploads/..%2f..%2fetc/preview", map[string]any{})
	v.want(422, "POST", "/lists", map[string]any{"upload_id": id, "column": "no such heading"})
	list := v.importNumbers(numberFile(30))
	path := fmt.Sprintf("/lists/%d", list)
	a := v.want(200, "GET", path, nil)
	if a.body["name"] != "十一月" || a.body["rows"] != 32.0 || a.body["valid"] != 30.0 || a.body["duplicates"] != 1.0 || a.body["rejected"] != 1.0 || a.body["approval"] != "pending" {
		t.Errorf("list %s", a.raw)
	}
	rejects := v.want(200, "GET", path+"/rejects", nil)
	if n := bytes.Count(rejects.raw, []byte("\n")); n != 3 || !strings.Contains(rejects.header.Get("Content-Disposition"), "rejects-") {
		t.Errorf("rejects of %d lines: %s", n, rejects.raw)
	}
	first := v.want(200, "GET", path+"/contacts?limit=20", nil)
	rest := v.want(200, "GET", path+"/contacts?limit=20&after="+fmt.Sprint(first.body["next"]), nil)
	if len(first.items()) != 20 || len(rest.items()) != 10 || rest.body["next"] != "" {
		t.Errorf("contacts in pages of %d and %d", len(first.items()), len(rest.items()))
	}
	if n := len(v.want(200, "GET", "/lists?q=十一", nil).items()); n != 1 {
		t.Errorf("found %d lists", n)
	}
	for _, p := range []string{path, path + "/rejects", path + "/contacts"} {
		w.as("stranger").want(404, "GET", p, nil)
	}
	v.want(204, "DELETE", path, nil)
	v.want(404, "GET", path, nil)
}

func TestACampaignOverTheWeb(t *testing.T) {
	w := newWebsite(t)
	v := w.as("enterprise")
	id, list := w.makeCampaign(v, 400)
	path := fmt.Sprintf("/campaigns/%d", id)
	v.header.Set("If-Match", `"1"`)
	if a := v.want(200, "PUT", path, map[string]any{"name": "回访二", "max_concurrency": 150}); a.body["version"] != 2.0 || a.body["contact_list_id"] != float64(list) {
		t.Errorf("changed %s", a.raw)
	}
	if a := v.want(412, "PUT", path, map[string]any{"name": "第三"}); a.code() != "version_conflict" {
		t.Errorf("an old version: %s", a.raw)
	}
	v.want(412, "POST", path+"/start", map[string]any{})
	v.header.Del("If-Match")
	v.want(428, "PUT", path, map[string]any{"name": "第三"})
	v.eventually("/dashboard", func(a answer) bool { return a.body["switch"].(map[string]any)["connected"] == true })
	attempt := v.want(200, "POST", path+"/test", map[string]any{"number": "137 0013 7000"}).body["attempt_id"]
	if a := v.want(422, "POST", path+"/test", map[string]any{"number": "110"}); a.code() != "emergency_number" {
		t.Errorf("a test of 110: %s", a.raw)
	}
	if a := v.want(200, "GET", fmt.Sprintf("/attempts/%v", attempt), nil); a.body["kind"] != "test" || a.body["number"] != "+8613700137000" {
		t.Errorf("test %s", a.raw)
	}
	if a := v.want(200, "POST", path+"/start", map[string]any{}); a.body["state"] != "running" {
		t.Errorf("started %s", a.raw)
	}
	v.header.Set("If-Match", `"2"`)
	v.want(409, "PUT", path, map[string]any{"name": "回访三"})
	v.header.Del("If-Match")
	v.want(409, "DELETE", path, nil)
	v.want(409, "DELETE", fmt.Sprintf("/lists/%d", list), nil)
	v.eventually(fmt.Sprintf("/attempts?campaign_id=%d", id), func(a answer) bool { return len(a.items()) > 5 })
	live := v.eventually("/calls", func(a answer) bool { return len(a.items()) > 1 })
	call := live.items()[0].(map[string]any)
	v.want(204, "DELETE", fmt.Sprintf("/calls/%v", call["attempt_id"]), nil)
	w.as("stranger").want(404, "DELETE", fmt.Sprintf("/calls/%v", call["attempt_id"]), nil)
	if n := len(w.as("stranger").want(200, "GET", "/calls", nil).items()); n != 0 {
		t.Errorf("a stranger sees %d calls", n)
	}
	if a := v.want(200, "POST", path+"/pause", map[string]any{"reason": "午休"}); a.body["state"] != "paused" || a.body["state_reason"] != "午休" {
		t.Errorf("paused %s", a.raw)
	}
	v.want(200, "POST", path+"/resume", nil)
	v.want(200, "POST", path+"/stop", map[string]any{"cut": true, "reason": "够了"})
	if a := v.eventually(path, state("stopped")); a.body["state_reason"] != "够了" {
		t.Errorf("stopped %s", a.raw)
	}
	v.eventually(fmt.Sprintf("/attempts/%v", call["attempt_id"]), state("ended"))
	exports(t, v, path)
	records(t, v, id, call["number"].(string))
	copied := v.want(201, "POST", path+"/copy", map[string]any{})
	if copied.body["state"] != "draft" || copied.body["name"] != "回访二 (2)" || copied.body["started_at"] != nil {
		t.Errorf("copied %s", copied.raw)
	}
	if n := len(v.want(200, "GET", "/campaigns?state=draft&q=%E5%9B%9E", nil).items()); n != 1 {
		t.Errorf("%d drafts found", n)
	}
	v.want(204, "DELETE", fmt.Sprintf("/campaigns/%d", copied.id()), nil)
	for _, p := range []string{path, path + "/results", path + "/results.csv", path + "/live", path + "/stats"} {
		w.as("stranger").want(404, "GET", p, nil)
	}
}

// exports compares the files with the pages, row by row.
func exports(t *testing.T, v *visitor, path string) {
	t.Helper()
	for _, filter := range []string{"", "?outcome=answered", "?key=any", "?key=none"} {
		var pages []string
		sep, after := "?", ""
		if filter != "" {
			sep = "&"
		}
		for range 20 {
			a := v.want(200, "GET", path+"/results"+filter+sep+"limit=150&after="+after, nil)
			for _, item := range a.items() {
				pages = append(pages, item.(map[string]any)["lead"].(map[string]any)["number"].(string))
			}
			if after = fmt.Sprint(a.body["next"]); after == "" {
				break
			}
		}
		text := strings.TrimPrefix(string(v.want(200, "GET", path+"/results.csv"+filter, nil).raw), "\ufeff")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(bytes.NewReader(v.want(200, "GET", path+"/results.xlsx"+filter, nil).raw))
		if err != nil {
			t.Fatal(err)
		}
		sheet, err := book.GetRows("results")
		if err != nil || book.Close() != nil {
			t.Fatal(err)
		}
		if filter == "" && len(pages) != 400 || len(rows) != len(pages)+1 || len(sheet) != len(rows) {
			t.Fatalf("%q: %d on the pages, %d rows of CSV, %d of the sheet", filter, len(pages), len(rows), len(sheet))
		}
		for i, n := range pages {
			if rows[i+1][0] != "'"+n || sheet[i+1][0] != n {
				t.Fatalf("%q row %d: %s on the page, %s, %s", filter, i, n, rows[i+1][0], sheet[i+1][0])
			}
		}
	}
	v.want(422, "GET", path+"/results.csv?key=x", nil)
}

// records looks for the call records of a campaign.
func records(t *testing.T, v *visitor, campaign int64, number string) {
	t.Helper()
	all := v.want(200, "GET", fmt.Sprintf("/attempts?campaign_id=%d&limit=200", campaign), nil).items()
	if len(all) < 5 {
		t.Fatalf("%d call records", len(all))
	}
	for _, item := range all {
		if item.(map[string]any)["sent_at"] == nil {
			t.Errorf("a record of what was not dialled: %v", item)
		}
	}
	for query, n := range map[string]int{
		"kind=test": 1, "number=" + number[3:]: 1, "number=%2B" + number[1:]: 1, "from=2030-01-01T00:00:00Z": 0, "number=13700137000&kind=campaign": 0,
	} {
		if got := v.want(200, "GET", "/attempts?"+query, nil).items(); len(got) != n {
			t.Errorf("%s: %d records, want %d", query, len(got), n)
		}
	}
	v.want(422, "GET", "/attempts?from=yesterday&campaign_id=x", nil)
	if n := len(v.w.as("stranger").want(200, "GET", "/attempts", nil).items()); n != 0 {
		t.Errorf("a stranger sees %d records", n)
	}
}

func TestStartOfWhatIsNotApproved(t *testing.T) {
	w := newWebsite(t)
	v := w.as("enterprise")
	a := v.want(201, "POST", "/campaigns", map[string]any{"name": "空"})
	path := fmt.Sprintf("/campaigns/%d", a.id())
	a = v.want(422, "POST", path+"/start", map[string]any{})
	if fields, _ := a.body["fields"].([]any); len(fields) != 4 {
		t.Errorf("what it lacks: %s", a.raw)
	}
	v.want(422, "POST", "/campaigns", map[string]any{"name": strings.Repeat("长", 101)})
	keyed := v.want(201, "POST", "/campaigns", map[string]any{"name": "按键", "keys": map[string]string{"1": "有意向", "2": "无意向"}})
	v.header.Set("If-Match", `"1"`)
	if a := v.want(200, "PUT", fmt.Sprintf("/campaigns/%d", keyed.id()), map[string]any{"keys": map[string]string{"3": "回访"}}); fmt.Sprint(a.body["keys"]) != "map[3:回访]" {
		t.Errorf("keys were mixed: %v", a.body["keys"])
	}
	v.header.Del("If-Match")
	v.want(422, "POST", "/campaigns", map[string]any{"name": "x", "contact_list_id": 99, "ring_seconds": 1000})
	if a := v.ask("POST", "/campaigns", map[string]any{"name": "x", "trunk_ids": []int{99}}); a.status != 422 || !bytes.Contains(a.raw, []byte("trunk_ids")) {
		t.Errorf("a trunk that is not there: %d %s", a.status, a.raw)
	}
	list := v.importNumbers(numberFile(3))
	if a := w.as("stranger").ask("POST", "/campaigns", map[string]any{"name": "x", "contact_list_id": list}); a.status != 422 {
		t.Errorf("a stranger uses the list: %d %s", a.status, a.raw)
	}
	v.want(204, "DELETE", path, nil)
}

// event is one server-sent event.
type event struct{ id, name, data string }

// listen follows a stream and hands its events over; the stream ends with the test.
func (v *visitor) listen(path, lastID string) <-chan event {
	v.w.t.Helper()
	req, err := http.NewRequestWithContext(v.w.t.Context(), "GET", v.w.url+"/api/v1"+path, nil)
	if err != nil {
		v.w.t.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := v.client.Do(req)
	if err != nil {
		v.w.t.Fatal(err)
	}
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		v.w.t.Fatalf("%s: %d %s", path, resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	out := make(chan event, 1000)
	go func() {
		defer close(out)
		defer resp.Body.Close()
		var e event
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				if e.name != "" && value == "" {
					out <- e
				}
				e = event{}
			}
		}
	}()
	return out
}

// next waits for an event that fits.
func next(t *testing.T, events <-chan event, fits func(event) bool) event {
	t.Helper()
	late := time.NewTimer(30 * time.Second)
	defer late.Stop()
	for {
		select {
		case e, open := <-events:
			if !open {
				t.Fatal("the stream has ended")
			}
			if fits(e) {
				return e
			}
		case <-late.C:
			t.Fatal("no such event within 30 s")
		}
	}
}

// told fits every event that says something: a stream begins with the server's clock.
func told(e event) bool { return e.name != "clock" }

func TestLiveStreams(t *testing.T) {
	w := newWebsite(t)
	v := w.as("enterprise")
	id, _ := w.makeCampaign(v, 60)
	v.eventually("/dashboard", func(a answer) bool { return a.body["switch"].(map[string]any)["connected"] == true })
	path := fmt.Sprintf("/campaigns/%d", id)
	live, all := v.listen(path+"/live", ""), v.listen("/stream", "")
	first := next(t, live, told)
	if first.name != "snapshot" || first.id == "" {
		t.Fatalf("first %+v", first)
	}
	if e := next(t, all, told); e.name != "snapshot" || !strings.Contains(e.data, `"campaign":[{`) || strings.Contains(e.data, "approval\":{") {
		t.Fatalf("first of all %+v", e)
	}
	v.want(200, "POST", path+"/start", map[string]any{})
	var seen models.Progress
	busy := next(t, live, func(e event) bool {
		var body struct {
			Progress models.Progress
			View     struct {
				InFlight int `json:"in_flight"`
			}
			Calls []map[string]any
		}
		if err := json.Unmarshal([]byte(e.data), &body); err != nil {
			t.Fatal(err)
		}
		seen = body.Progress
		return e.name == "change" && body.View.InFlight > 0 && len(body.Calls) > 0
	})
	w.fits("Live", busy.data)
	if seen.Leads != 60 {
		t.Errorf("progress %+v", seen)
	}
	next(t, all, func(e event) bool { return e.name == "campaign" && strings.Contains(e.data, `"state":"running"`) })
	again := next(t, v.listen(path+"/live", busy.id), told)
	if again.name != "change" || again.id == busy.id {
		t.Errorf("who comes back gets %s %s", again.name, again.id)
	}
	if e := next(t, v.listen(path+"/live", "elsewhere-5"), told); e.name != "snapshot" {
		t.Errorf("who comes from another process gets %s", e.name)
	}
	v.want(200, "POST", path+"/stop", map[string]any{"cut": true})
	next(t, live, func(e event) bool { return strings.Contains(e.data, `"state":"stopped"`) })
}

// fits compares JSON with a schema of the specification.
func (w *website) fits(schema, data string) {
	w.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(data), &v); err != nil {
		w.t.Fatal(err)
	}
	if err := w.doc.Components.Schemas[schema].Value.VisitJSON(v, openapi3.MultiErrors()); err != nil {
		w.t.Errorf("%s does not fit: %v in %s", schema, err, data)
	}
}

func TestNumbersAsPeopleWriteThem(t *testing.T) {
	for raw, want := range map[string]string{
		"": "", "13800138000": "+8613800138000", "+86 138 0013 8000": "+8613800138000", "138": "+86138*", "0755-12345678": "+8675512345678",
		"0755": "+86755*", "+86138": "+86138*", "+8613800": "+8613800*",
	} {
		if got := wanted(raw, ""); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}
