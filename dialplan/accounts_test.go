package dialplan

import (
	"context"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"waihu/models"
)

// reloader is the event socket's end of a directory: it counts reloads and says what it is told to.
type reloader struct {
	says  string
	err   error
	calls atomic.Int64
}

func (r *reloader) ReloadXML(context.Context) (string, error) {
	r.calls.Add(1)
	return r.says, r.err
}

func (*reloader) LocateContext(context.Context, string) (string, error) { return "", nil }

func phone(id string) DirectoryUser {
	return DirectoryUser{ID: id, Domain: "call.example", A1Hash: strings.Repeat("0af", 10) + id[len(id)-2:]}
}

func newDirectory(t *testing.T) (*Directory, *reloader, string) {
	t.Helper()
	dir, sw := filepath.Join(t.TempDir(), "directory"), &reloader{says: "+OK [Success]\n"}
	d, err := NewDirectory(dir, "call.example", sw)
	if err != nil {
		t.Fatal(err)
	}
	return d, sw, filepath.Join(dir, DirectoryFile)
}

func TestDirectoryIsPublished(t *testing.T) {
	d, sw, file := newDirectory(t)
	users := []DirectoryUser{phone("8002"), phone("8001")}
	if s, err := d.State(nil); err != nil || s.Pending || s.Live != "" {
		t.Errorf("no phones and no file: %+v %v", s, err)
	}
	if s, err := d.State(users); err != nil || !s.Pending {
		t.Errorf("phones that were never applied: %+v %v", s, err)
	}
	stamp, err := d.Publish(t.Context(), users)
	if err != nil || sw.calls.Load() != 1 {
		t.Fatalf("publish: %v after %d reloads", err, sw.calls.Load())
	}
	if s, err := d.State([]DirectoryUser{users[1], users[0]}); err != nil || s.Pending || s.Edited || s.Live != stamp || s.Saved != stamp {
		t.Errorf("applied %s: %+v %v", stamp, s, err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var read directoryXML
	if err := xml.Unmarshal(data, &read); err != nil || len(read.Domain.Group.Users) != 2 || read.Domain.Group.Users[0].ID != "8001" || read.Domain.Name != "call.example" {
		t.Errorf("read back: %+v %v", read, err)
	}
	for i, line := range strings.Split(string(data), "\n") {
		if strings.Count(line, "<")-strings.Count(line, "</") > 1 {
			t.Errorf("line %d has several elements, which the switch's preprocessor does not bear: %s", i+1, line)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v %v", info.Mode(), err)
	}
	changed := phone("8001")
	changed.A1Hash = strings.Repeat("1", 32)
	changes, err := d.Diff([]DirectoryUser{changed, phone("8003")})
	if err != nil || len(changes) != 3 || changes[0] != (AccountChange{"8001", "changed"}) || changes[1] != (AccountChange{"8002", "removed"}) || changes[2] != (AccountChange{"8003", "added"}) {
		t.Errorf("changes %v %v", changes, err)
	}
}

func TestDirectoryGoesBackWhenTheSwitchRefuses(t *testing.T) {
	d, sw, file := newDirectory(t)
	sw.says = "+OK [[error near line 451]: unclosed <!--]\n"
	var own *models.Error
	if _, err := d.Publish(t.Context(), []DirectoryUser{phone("8001")}); !errors.As(err, &own) || own.Fields[0].Code != "reload_refused" {
		t.Errorf("refused: %v", err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("a first file that was refused stays: %v", err)
	}
	sw.says = "+OK [Success]\n"
	stamp, err := d.Publish(t.Context(), []DirectoryUser{phone("8001")})
	if err != nil {
		t.Fatal(err)
	}
	sw.err = errors.New("connection lost")
	if _, err := d.Publish(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "connection lost") {
		t.Errorf("no connection: %v", err)
	}
	if s, err := d.State(nil); err != nil || s.Live != stamp || !s.Pending {
		t.Errorf("after a failure: %+v %v, want %s", s, err, stamp)
	}
}

func TestDirectoryKeepsAnEditedFile(t *testing.T) {
	d, _, file := newDirectory(t)
	if _, err := d.Publish(t.Context(), []DirectoryUser{phone("8001")}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(data), "8001", "9001", 1)
	if err := os.WriteFile(file, []byte(edited), 0o640); err != nil {
		t.Fatal(err)
	}
	if s, err := d.State([]DirectoryUser{phone("8001")}); err != nil || !s.Edited || !s.Pending {
		t.Errorf("edited: %+v %v", s, err)
	}
	if _, err := d.Publish(t.Context(), []DirectoryUser{phone("8001")}); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(filepath.Dir(file), "edited-*.txt"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v %v", kept, err)
	}
	if copied, err := os.ReadFile(kept[0]); err != nil || string(copied) != edited {
		t.Errorf("the copy differs from what was edited: %v", err)
	}
}

func TestDirectoryRefusesBadAccounts(t *testing.T) {
	d, sw, _ := newDirectory(t)
	for name, u := range map[string]DirectoryUser{
		"id": {ID: `1"/>`, Domain: "call.example", A1Hash: strings.Repeat("0", 32)}, "hash": {ID: "1", Domain: "call.example", A1Hash: "secret"},
		"domain": {ID: "1", Domain: "other.example", A1Hash: strings.Repeat("0", 32)},
	} {
		if _, err := d.Publish(t.Context(), []DirectoryUser{u}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if sw.calls.Load() != 0 {
		t.Errorf("%d reloads for bad accounts", sw.calls.Load())
	}
	if _, _, err := RenderDirectory("${x}", nil); !models.IsKind(err, models.Invalid) {
		t.Errorf("bad domain: %v", err)
	}
}
