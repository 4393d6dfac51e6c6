package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"waihu/controller/number"
	"waihu/models"
)

// ReadNumbers reads a blacklist file: one number a row, or a table with a number column and perhaps one headed 原因 or
// reason. A number that ends in * is a prefix (170*, +86170*). Every country and kind may be listed, whatever
// Options.Policy says. Entries are handed on in blocks with OrganizationID, Number, Prefix, Source "import" and Reason set; each
// must not keep the slice. rejects may be nil.
func ReadNumbers(ctx context.Context, r io.ReaderAt, size int64, name string, o Options, each func([]models.BlacklistEntry) error, rejects RejectWriter) (Counts, error) {
	counts := Counts{Size: size}
	f, err := open(r, size, name, o, true)
	if err != nil {
		return counts, err
	}
	src, err := f.source()
	if err != nil {
		return counts, err
	}
	b := blacklistFile{file: f, o: o, each: each, rejects: rejects, reason: f.reasonColumn(), counts: counts}
	err = b.read(ctx, src)
	if closeErr := src.close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return b.counts, fmt.Errorf("read blacklist, rows up to %d: %w", b.counts.ResumeRow, err)
	}
	return b.counts, nil
}

type blacklistFile struct {
	*file
	o       Options
	each    func([]models.BlacklistEntry) error
	rejects RejectWriter
	reason  int // column, -1 = none
	counts  Counts
	block   []models.BlacklistEntry
}

func (b *blacklistFile) read(ctx context.Context, src source) error {
	for {
		r, err := src.next()
		if errors.Is(err, io.EOF) {
			b.counts.Bytes = b.counts.Size
			if err := b.hand(); err != nil || b.rejects == nil {
				return err
			}
			return b.rejects.Flush()
		}
		if err != nil {
			return err
		}
		if b.header && r.line == b.sample[0].line {
			continue
		}
		b.counts.Rows++
		if err := b.take(r); err != nil {
			return err
		}
		b.counts.ResumeRow = r.last
		if len(b.block) < DefaultBlock {
			continue
		}
		if err := errors.Join(ctx.Err(), b.hand()); err != nil {
			return err
		}
	}
}

func (b *blacklistFile) take(r row) error {
	x := rejected(r, r.fault)
	if x.Code == "" {
		x = rejected(r, fault(r.fields, b.column))
	}
	if x.Code == "" {
		e, bad := entry(r.fields[b.column], b.o)
		if bad == nil {
			if b.reason >= 0 && b.reason < len(r.fields) {
				e.Reason = strings.TrimSpace(r.fields[b.reason])
			}
			b.counts.Valid++
			b.block = append(b.block, e)
			return nil
		}
		x = *bad
		x.Row, x.Fields = r.line, r.fields
	}
	b.counts.Rejected++
	if b.rejects == nil {
		return nil
	}
	return b.rejects.Reject(x)
}

func (b *blacklistFile) hand() error {
	if len(b.block) == 0 {
		return nil
	}
	err := b.each(b.block)
	b.block = b.block[:0]
	return err
}

// reasonColumn finds the column with reasons, -1 if there is none.
func (f *file) reasonColumn() int {
	if !f.header {
		return -1
	}
	for i, h := range f.sample[0].fields {
		if h = strings.ToLower(h); i != f.column && (strings.Contains(h, "原因") || strings.Contains(h, "reason") || strings.Contains(h, "备注")) {
			return i
		}
	}
	return -1
}

// entry reads a number or a prefix.
func entry(cell string, o Options) (models.BlacklistEntry, *Rejected) {
	e := models.BlacklistEntry{OrganizationID: o.OrganizationID, Source: "import"}
	head, isPrefix := strings.CutSuffix(strings.TrimSpace(cell), "*")
	if isPrefix {
		e.Prefix = true
		e.Number = number.Prefix(head, o.Region)
		if e.Number == "" {
			x := rejected(row{}, CodePrefix)
			return e, &x
		}
		return e, nil
	}
	n, bad := number.Normalise(cell, o.Region, number.Policy{Countries: []string{number.AnyCountry}, Kinds: number.Kinds(), Unlisted: true})
	if bad != nil {
		return e, &Rejected{Code: bad.Code, Text: bad.Text, TextZH: bad.TextZH}
	}
	e.Number = n.E164
	return e, nil
}
