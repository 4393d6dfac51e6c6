package script_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"waihu/controller/clock"
	"waihu/dialplan"
	"waihu/models"
	"waihu/simulator/script"
)

func plan() dialplan.Plan {
	return dialplan.Plan{
		Campaigns: []dialplan.CampaignFlow{
			{CampaignID: 7, Mode: models.ModeVoiceOnly, Sound: "/sounds/7.wav", DurationMS: 8000, PlayCount: 2, ExtraSeconds: 5},
			{CampaignID: 8, Mode: models.ModeVoiceKey, Sound: "/sounds/通知.wav", DurationMS: 8000, PlayCount: 3, ExtraSeconds: 5, KeySeconds: 5, AgentKey: "1", OptOutKey: "9", QueueID: 3},
			{CampaignID: 9, Mode: models.ModeVoiceKey, Sound: "/sounds/9.wav", DurationMS: 8000, PlayCount: 1, KeySeconds: 5, AgentKey: "*", Keys: map[string]string{"2": "b", "#": "c"}, QueueID: 3},
			{CampaignID: 10, Mode: models.ModeDirectAgent, QueueID: 3},
		},
		Queues: []dialplan.QueueFlow{{QueueID: 3, Announcement: "/sounds/a.wav", Music: "local_stream://moh", WaitSeconds: 60, Apology: "/sounds/b.wav"}},
	}
}

// What the generator writes, this reader, which shares no code with it, understands: no complaint, every way a call can go
// leads to an extension that exists, and mod_xml_curl leads to the very same actions as the files.
func TestGeneratedDialplan(t *testing.T) {
	p := plan()
	dir := t.TempDir()
	revision, err := dialplan.Render(p)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range revision.Files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := script.Dir(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := files.Complaints(); len(c) > 0 {
		t.Errorf("complaints: %q", c)
	}
	if text := files.Locate("dialplan", "context", "name", dialplan.Context); !strings.Contains(text, `waihu_revision=`+revision.Stamp+`"`) {
		t.Errorf("xml_locate does not show the stamp %s:\n%.600s", revision.Stamp, text)
	}

	handler, err := dialplan.NewHandler(dialplan.HandlerConfig{User: "fs", Password: "secret", Grace: time.Hour, Clock: clock.Real()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := handler.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	defer srv.Close()
	remote := script.Curl(srv.URL, "fs", "secret", 5*time.Second, nil)
	defer remote.Close()

	open := []string{dialplan.ExtensionRevision}
	for _, c := range p.Campaigns {
		open = append(open, dialplan.Entry(c.CampaignID, c.Mode))
	}
	for _, q := range p.Queues {
		open = append(open, dialplan.QueueEntry(q.QueueID))
	}
	visited := map[string]bool{}
	for len(open) > 0 {
		destination := open[0]
		open = open[1:]
		if visited[destination] {
			continue
		}
		visited[destination] = true
		for _, bridged := range []string{"", "some-leg"} {
			r := script.Request{Context: dialplan.Context, Destination: destination, Vars: known(map[string]string{"last_bridge_to": bridged})}
			here, err := files.Lookup(t.Context(), r)
			if err != nil || len(here) == 0 {
				t.Fatalf("%s: %d actions, %v", destination, len(here), err)
			}
			there, err := remote.Lookup(t.Context(), r)
			if err != nil || !reflect.DeepEqual(here, there) {
				t.Errorf("%s: files say %v, mod_xml_curl %v, %v", destination, here, there, err)
			}
			open = append(open, targets(here)...)
		}
	}
	if len(visited) < 15 {
		t.Errorf("only %d extensions were found: %v", len(visited), visited)
	}
	if _, err := files.Lookup(t.Context(), script.Request{Context: dialplan.Context, Destination: "waihu_voice_70"}); !errors.Is(err, script.ErrNoRoute) {
		t.Errorf("an unknown campaign: %v", err)
	}
}

func known(v map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		s := v[name]
		return s, s != ""
	}
}

// targets are the extensions to which actions lead, for every key that a caller may have pressed.
func targets(actions []script.Action) []string {
	var list []string
	memory := map[string]string{}
	for _, a := range actions {
		name, value, _ := strings.Cut(a.Data, "=")
		if a.App == "set" {
			memory[name] = value
			if name == "transfer_after_bridge" {
				list = append(list, strings.Split(value, ":")[0])
			}
		}
	}
	for _, a := range actions {
		if a.App != "transfer" {
			continue
		}
		for _, key := range strings.Split(",0,1,2,3,4,5,6,7,8,9,*,#", ",") {
			v := map[string]string{"waihu_key": key, "waihu_back": "waihu_queue_3"}
			for name, value := range memory {
				v[name] = value
			}
			data := script.Expand(a.Data, known(v))
			destination, rest, _ := strings.Cut(data, " ")
			if rest != fmt.Sprintf("XML %s", dialplan.Context) {
				list = append(list, "not a transfer: "+data)
			}
			list = append(list, destination)
		}
	}
	return list
}
