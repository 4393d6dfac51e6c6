package dialplan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// FileName is the one file of a revision. The context must stand in one file: of two with the same context FreeSWITCH
// takes the first by name and says nothing.
const FileName = "waihu.xml"

const revisionVariable = "waihu_revision"

// Revision is a rendered dialplan: its files by name and the stamp that the switch is asked for afterwards.
type Revision struct {
	Stamp string
	Files map[string][]byte
}

// Render checks a plan (errors are *models.Error), renders it and reads the result back with the package's own reader.
// The same plan always gives the same bytes and the same stamp.
func Render(p Plan) (Revision, error) { return render(p, nil) }

// render adds extensions of earlier revisions that calls may still transfer to.
func render(p Plan, kept []Extension) (Revision, error) {
	if err := p.Validate(); err != nil {
		return Revision{}, err
	}
	d := Build(p)
	d.keep(kept)
	data, err := d.stamped()
	if err != nil {
		return Revision{}, err
	}
	stamp, err := Check(data)
	if err != nil {
		return Revision{}, fmt.Errorf("render dialplan of %d campaigns: %w", len(p.Campaigns), err)
	}
	return Revision{Stamp: stamp, Files: map[string][]byte{FileName: data}}, nil
}

// keep appends extensions whose names the document does not have.
func (d *Document) keep(kept []Extension) {
	have := map[string]bool{}
	for _, e := range d.Extensions {
		have[e.Name] = true
	}
	slices.SortFunc(kept, func(a, b Extension) int { return strings.Compare(a.Name, b.Name) })
	for _, e := range kept {
		if !have[e.Name] {
			have[e.Name] = true
			d.Extensions = append(d.Extensions, e)
		}
	}
}

// stamped marshals the document with the hash of its own text in it.
func (d *Document) stamped() ([]byte, error) {
	blank, err := d.Marshal()
	if err != nil {
		return nil, err
	}
	return []byte(strings.Replace(string(blank), revisionVariable+`="`, revisionVariable+"="+stampOf(blank)+`"`, 1)), nil
}

func stampOf(blank []byte) string {
	sum := sha256.Sum256(blank)
	return "r" + hex.EncodeToString(sum[:6])
}

var stampText = regexp.MustCompile(`waihu_revision=(r[0-9a-f]{12})"`)

// Stamp finds the revision's stamp in a dialplan file, or in what xml_locate says of its context; "" when there is none.
func Stamp(text string) string {
	m := stampText.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}

// genuine reports whether a file is as Waihu wrote it: its stamp is the hash of the rest of its text.
func genuine(data []byte) bool {
	stamp := Stamp(string(data))
	if stamp == "" {
		return false
	}
	blank := strings.Replace(string(data), revisionVariable+"="+stamp+`"`, revisionVariable+`="`, 1)
	return stampOf([]byte(blank)) == stamp
}
