package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"

	"waihu/controller/number"
	"waihu/models"
)

// block is a piece of a file on its way from the reader to the sink.
type block struct {
	contacts []models.Contact
	rejects  []Rejected
	listed   []Rejected // those on the blacklist
	rows     int64
	last     int64 // last line
	bytes    int64
	err      error // why there are no more blocks; io.EOF at the end
}

// Run imports a number file of size bytes. name only appears in messages. Reading, looking up and storing go on side by side. progress,
// which may be nil, is called after each stored block. The counts are those of what has been stored, also with an error; with
// Options.FromRow and Options.Counts set from them a later Run goes on there. A file that cannot be a number file gives a
// *models.Error and nothing is stored.
func Run(ctx context.Context, r io.ReaderAt, size int64, name string, o Options, sink Sink, rejects RejectWriter, progress func(Counts)) (Counts, error) {
	counts := o.Counts
	counts.Size, counts.ResumeRow = size, o.FromRow
	f, err := open(r, size, name, o, true)
	if err != nil {
		return counts, err
	}
	ctx, stop := context.WithCancel(ctx)
	blocks, checked := make(chan block, 1), make(chan block)
	go f.read(ctx, o, blocks)
	go check(ctx, o, sink, blocks, checked)
	defer func() {
		stop()
		for range checked { // until it is closed, which the reader's end comes before: no goroutine outlives Run
		}
	}()
	s := storing{o: o, sink: sink, rejects: rejects, counts: counts}
	for b := range checked {
		if b.err != nil && !errors.Is(b.err, io.EOF) {
			return s.counts, fmt.Errorf("import list %d: %w", o.ListID, b.err)
		}
		if err := s.store(ctx, b); err != nil {
			return s.counts, fmt.Errorf("import list %d, rows up to %d: %w", o.ListID, b.last, err)
		}
		if progress != nil {
			progress(s.counts)
		}
	}
	if err := ctx.Err(); err != nil {
		return s.counts, fmt.Errorf("import list %d: %w", o.ListID, err)
	}
	return s.finish(ctx)
}

// read cuts the file into blocks; it closes the channel at the end.
func (f *file) read(ctx context.Context, o Options, blocks chan<- block) {
	defer close(blocks)
	src, err := f.source()
	if err != nil {
		send(ctx, blocks, block{err: err})
		return
	}
	in := number.NewReader(o.Region, o.Policy)
	for err == nil {
		b := f.block(src, in, o)
		err = b.err
		if !send(ctx, blocks, b) {
			break
		}
	}
	if closeErr := src.close(); closeErr != nil {
		send(ctx, blocks, block{err: closeErr})
	}
}

func send(ctx context.Context, blocks chan<- block, b block) bool {
	select {
	case blocks <- b:
		return true
	case <-ctx.Done():
		return false
	}
}

// block reads the next rows. Rows up to Options.FromRow are passed over.
func (f *file) block(src source, in *number.Reader, o Options) block {
	limit := o.BlockRows
	if limit <= 0 {
		limit = DefaultBlock
	}
	b := block{contacts: make([]models.Contact, 0, limit), last: o.FromRow}
	for b.rows < int64(limit) {
		r, err := src.next()
		if err != nil {
			b.err = err
			break
		}
		if r.line <= o.FromRow || f.header && r.line == f.sample[0].line {
			continue
		}
		b.rows++
		b.last = r.last
		f.take(&b, r, in, o)
	}
	b.bytes = src.bytes()
	return b
}

// take makes a contact or a reject of a row.
func (f *file) take(b *block, r row, in *number.Reader, o Options) {
	if len(r.fields) > models.MaxColumns {
		r.fields = trimTo(r.fields, models.MaxColumns)
	}
	code := r.fault
	if code == "" {
		code = fault(r.fields, f.column)
	}
	if code != "" {
		b.rejects = append(b.rejects, rejected(r, code))
		return
	}
	n, bad := in.Normalise(r.fields[f.column])
	if bad != nil {
		b.rejects = append(b.rejects, Rejected{Row: r.line, Code: bad.Code, Text: bad.Text, TextZH: bad.TextZH, Fields: r.fields})
		return
	}
	b.contacts = append(b.contacts, models.Contact{
		OrganizationID: o.OrganizationID, ListID: o.ListID, Row: r.line, Number: n.E164, Zone: n.Zone, Fields: r.fields,
	})
}

// trimTo drops empty cells behind the n-th: they are padding, not columns.
func trimTo(fields []string, n int) []string {
	if t := trimEmpty(fields); len(t) > n {
		return t
	}
	return fields[:n]
}

// check looks blocks up in the blacklist while the one before is stored. It closes out when in is closed.
func check(ctx context.Context, o Options, sink Sink, in <-chan block, out chan<- block) {
	defer close(out)
	var numbers []string
	for b := range in {
		numbers = numbers[:0]
		for i := range b.contacts {
			numbers = append(numbers, b.contacts[i].Number)
		}
		var err error
		if b.contacts, b.listed, err = withoutBlacklisted(ctx, o, sink, b.contacts, numbers); err != nil {
			b = block{err: err}
		}
		if !send(ctx, out, b) || err != nil {
			break
		}
	}
	for range in { // the reader ends with the context
	}
}

// storing is the half of Run that faces the sink.
type storing struct {
	o       Options
	sink    Sink
	rejects RejectWriter
	counts  Counts
}

// store writes a block's rejects, stores it, and counts.
func (s *storing) store(ctx context.Context, b block) error {
	if b.rows == 0 {
		s.counts.Bytes = max(b.bytes, s.counts.Bytes)
		return nil
	}
	contacts := b.contacts
	all := append(b.rejects, b.listed...)
	sort.SliceStable(all, func(i, j int) bool { return all[i].Row < all[j].Row })
	if err := s.write(all); err != nil {
		return err
	}
	next := s.counts
	next.Rows += b.rows
	next.Rejected += int64(len(b.rejects))
	next.Blacklisted += int64(len(b.listed))
	next.Valid += int64(len(contacts))
	next.ResumeRow, next.Bytes = b.last, b.bytes
	rows, err := s.sink.AppendContacts(ctx, s.o.ListID, contacts, next.list(s.o.ListID))
	if err != nil {
		return fmt.Errorf("store %d contacts: %w", len(contacts), err)
	}
	next.Valid -= int64(len(rows))
	next.Duplicates += int64(len(rows))
	s.counts = next
	return s.write(duplicates(contacts, rows))
}

func withoutBlacklisted(ctx context.Context, o Options, sink Sink, contacts []models.Contact, numbers []string) (rest []models.Contact, listed []Rejected, err error) {
	if len(contacts) == 0 {
		return contacts, nil, nil
	}
	entries, err := sink.Blacklisted(ctx, o.OrganizationID, numbers, o.Now)
	if err != nil {
		return nil, nil, fmt.Errorf("look up %d numbers in the blacklist: %w", len(contacts), err)
	}
	if len(entries) == 0 {
		return contacts, nil, nil
	}
	rest = contacts[:0]
	for _, c := range contacts {
		if e, ok := entries[c.Number]; ok {
			listed = append(listed, blacklisted(c, e))
			continue
		}
		rest = append(rest, c)
	}
	return rest, listed, nil
}

func (s *storing) write(rs []Rejected) error {
	if s.rejects == nil || len(rs) == 0 {
		return nil
	}
	for _, r := range rs {
		if err := s.rejects.Reject(r); err != nil {
			return fmt.Errorf("write reject of row %d: %w", r.Row, err)
		}
	}
	if err := s.rejects.Flush(); err != nil {
		return fmt.Errorf("write rejects up to row %d: %w", rs[len(rs)-1].Row, err)
	}
	return nil
}

// finish stores the final totals.
func (s *storing) finish(ctx context.Context) (Counts, error) {
	s.counts.Bytes = s.counts.Size
	if _, err := s.sink.AppendContacts(ctx, s.o.ListID, nil, s.counts.list(s.o.ListID)); err != nil {
		return s.counts, fmt.Errorf("store totals of list %d: %w", s.o.ListID, err)
	}
	return s.counts, nil
}

// list are the counters as the list keeps them.
func (c Counts) list(id int64) models.ContactList {
	return models.ContactList{
		ID: id, Rows: c.Rows, Valid: c.Valid, Duplicates: c.Duplicates, Blacklisted: c.Blacklisted,
		Rejected: c.Rejected, ResumeRow: c.ResumeRow,
	}
}
