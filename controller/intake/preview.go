package intake

import (
	"io"

	"waihu/controller/number"
	"waihu/models"
)

// Look is what Preview finds out about a file: what the import wizard shows before anything is stored.
type Look struct {
	Format    string     `json:"format"`    // csv | xlsx
	Encoding  string     `json:"encoding"`  // as it will be read
	Delimiter string     `json:"delimiter"` // the character itself, "" for XLSX
	Header    bool       `json:"header"`    // the first row is a heading
	Columns   []string   `json:"columns"`   // headings, or places from 1
	Column    int        `json:"column"`    // the number column, from 0; -1 = not recognised
	Rows      [][]string `json:"rows"`      // the first twenty, without the heading
	Rejects   []Rejected `json:"rejects"`   // those of the first rows that would be rejected
	Warnings  []Message  `json:"warnings"`
}

// Preview looks at the beginning of a file (and, for the encoding, through all of it) without storing anything. A file
// that cannot be a number file gives a *models.Error; one whose number column is not recognised does not, as the
// column can be given.
func Preview(r io.ReaderAt, size int64, name string, o Options) (Look, error) {
	f, err := open(r, size, name, o, false)
	if err != nil {
		return Look{}, err
	}
	l := Look{
		Format: f.format, Encoding: f.encoding, Delimiter: f.sep, Header: f.header,
		Columns: f.headings(), Column: f.column, Warnings: append([]Message{}, f.warnings...),
	}
	if f.format == formatXL {
		l.Delimiter = ""
	}
	rows := f.sample
	if f.header {
		rows = rows[1:]
	}
	rows = rows[:min(len(rows), previewRows)]
	var b block
	in := number.NewReader(o.Region, o.Policy)
	for _, r := range rows {
		l.Rows = append(l.Rows, r.fields)
		if f.column >= 0 {
			f.take(&b, r, in, o)
		}
	}
	l.Rejects = append([]Rejected{}, b.rejects...)
	return l, nil
}

// List fills in what a ContactList keeps of the file's shape.
func (l Look) List(list *models.ContactList) {
	list.Columns, list.NumberColumn = l.Columns, l.Column
}
