package dialplan

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"waihu/models"
)

// Published is a revision that went live.
type Published struct {
	Seq       int64     `json:"seq"` // grows with every publish
	Stamp     string    `json:"stamp"`
	PlanStamp string    `json:"plan_stamp"` // of the plan alone, without extensions kept for older calls
	At        time.Time `json:"at"`
	Plan      Plan      `json:"plan"`
	Kept      []string  `json:"kept"` // names of extensions that are there only for older calls
	File      string    `json:"file"`
}

// history keeps published revisions in a folder beside the live file, one JSON file each. Their names do not end in .xml.
type history struct{ dir string }

func (h history) path(p Published) string {
	return filepath.Join(h.dir, fmt.Sprintf("%08d-%s.json", p.Seq, p.Stamp))
}

// list gives the kept revisions, the newest first.
func (h history) list() ([]Published, error) {
	entries, err := os.ReadDir(h.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list dialplan history: %w", err)
	}
	var out []Published
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(h.dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read dialplan history: %w", err)
		}
		var p Published
		if err := json.Unmarshal(data, &p); err != nil {
			return nil, fmt.Errorf("read dialplan history %s: %w", e.Name(), err)
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Published) int { return cmp.Compare(b.Seq, a.Seq) })
	return out, nil
}

func (h history) add(p Published) error {
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write dialplan history %s: %w", p.Stamp, err)
	}
	if err := ensureDir(h.dir); err != nil {
		return err
	}
	return replaceFile(h.path(p), data)
}

// prune deletes all but the newest keep revisions, and none whose calls may still be up.
func (h history) prune(all []Published, keep int, grace time.Duration, now time.Time) error {
	for i, p := range all {
		if i < keep || i == 0 || now.Sub(all[i-1].At) < grace {
			continue
		}
		if err := os.Remove(h.path(p)); err != nil {
			return fmt.Errorf("prune dialplan history: %w", err)
		}
	}
	return nil
}

// stillNeeded collects the extensions of revisions that were superseded less than grace ago: calls that began under them
// may still transfer to their extensions, because a transfer always uses the newest text.
func stillNeeded(all []Published, grace time.Duration, now time.Time) ([]Extension, error) {
	var out []Extension
	have := map[string]bool{}
	for i, p := range all {
		if i > 0 && now.Sub(all[i-1].At) >= grace {
			continue
		}
		d, err := Read([]byte(p.File))
		if err != nil {
			return nil, fmt.Errorf("dialplan history %s: %w", p.Stamp, err)
		}
		for _, e := range d.Extensions {
			if !have[e.Name] && !slices.Contains(p.Kept, e.Name) {
				have[e.Name] = true
				out = append(out, e)
			}
		}
	}
	return out, nil
}

// Change is one extension that differs between two texts.
type Change struct {
	Extension string
	Kind      string   // added | removed | changed
	Lines     []string // of the XML, each with " ", "-" or "+" before it
}

// Diff compares two dialplan files extension by extension. The stamp is left out.
func Diff(from, to []byte) ([]Change, error) {
	a, err := Read(from)
	if err != nil {
		return nil, err
	}
	b, err := Read(to)
	if err != nil {
		return nil, err
	}
	before, after := a.byName(), b.byName()
	var out []Change
	for _, e := range a.Extensions {
		now, there := after[e.Name]
		if !there {
			out = append(out, Change{e.Name, "removed", diffLines(e.lines(), nil)})
			continue
		}
		if e.Name == ExtensionRevision || slices.EqualFunc(e.Conditions, now.Conditions, Condition.equal) {
			continue
		}
		out = append(out, Change{e.Name, "changed", diffLines(e.lines(), now.lines())})
	}
	for _, e := range b.Extensions {
		if _, there := before[e.Name]; !there {
			out = append(out, Change{e.Name, "added", diffLines(nil, e.lines())})
		}
	}
	return out, nil
}

func (d *Document) byName() map[string]Extension {
	m := make(map[string]Extension, len(d.Extensions))
	for _, e := range d.Extensions {
		m[e.Name] = e
	}
	return m
}

func (c Condition) equal(x Condition) bool {
	return c.Field == x.Field && c.Expression == x.Expression && c.When == x.When && c.Break == x.Break && slices.Equal(c.Actions, x.Actions) && slices.Equal(c.Else, x.Else)
}

func (e Extension) lines() []string {
	data, err := (&Document{Context: Context, Extensions: []Extension{e}}).Marshal()
	if err != nil {
		return []string{e.Name}
	}
	all := strings.Split(string(data), "\n")
	return all[3 : len(all)-3] // without banner, include and context
}

// diffLines marks the lines of an extension by their longest common subsequence; nil when nothing differs.
func diffLines(a, b []string) []string {
	if slices.Equal(a, b) {
		return nil
	}
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []string
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, " "+a[i])
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, "-"+a[i])
			i++
		default:
			out = append(out, "+"+b[j])
			j++
		}
	}
	return out
}

func noSuchRevision(stamp string) error {
	return models.NewError(models.NotFound, "stamp", "not_found",
		fmt.Sprintf("There is no revision %q in the history; list the history and choose one.", stamp),
		fmt.Sprintf("历史中没有版本 %q，请从历史列表中选择。", stamp))
}
