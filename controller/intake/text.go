package intake

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"waihu/models"
)

// row is one record of a file.
type row struct {
	line   int64 // first line, from 1
	last   int64 // last line
	fields []string
	fault  string // code of what is wrong with the record as such
}

// source yields the records of a file in order; blank ones are left out. At the end it returns io.EOF.
type source interface {
	next() (row, error)
	bytes() int64 // read so far
	close() error
}

// text reads delimited lines. Lines without quotes, nearly all of them, are split at the delimiter; quotes follow the
// usual rules (RFC 4180), leniently: a quote inside an unquoted cell is an ordinary character. It is not encoding/csv, because a
// single quote that is never closed must cost one row and not the rest of the file, nor memory without bound.
type text struct {
	lines   *lines
	sep     string
	pending []held // lines read ahead behind a quote that was never closed
	slab    []string
}

type held struct {
	line string
	n    int64
	long bool
}

func (t *text) bytes() int64 { return t.lines.read }
func (t *text) close() error { return nil }

func (t *text) line() (held, error) {
	if len(t.pending) > 0 {
		h := t.pending[0]
		t.pending = t.pending[1:]
		return h, nil
	}
	b, long, err := t.lines.next()
	if err != nil {
		return held{}, err
	}
	return held{line: string(b), n: t.lines.n, long: long}, nil
}

func (t *text) next() (row, error) {
	for {
		h, err := t.line()
		if err != nil {
			return row{}, err
		}
		if h.n > MaxRows {
			return row{}, tooManyRows()
		}
		if blank(h.line) && !h.long {
			continue
		}
		if h.long {
			return row{line: h.n, last: h.n, fields: []string{h.line}, fault: CodeLineLength}, nil
		}
		if strings.IndexByte(h.line, '"') < 0 {
			return row{line: h.n, last: h.n, fields: t.split(h.line)}, nil
		}
		return t.quoted(h)
	}
}

// blank reports whether a line is empty, or nothing but delimiters, as spreadsheets write below a table.
func blank(s string) bool { return strings.Trim(s, " \t,;|\ufeff") == "" }

// split cuts a line without quotes. The slices come from a slab: one allocation serves some hundred rows.
func (t *text) split(line string) []string {
	n := strings.Count(line, t.sep) + 1
	if n > len(t.slab) {
		t.slab = make([]string, max(2048, n))
	}
	fields := t.slab[:n:n]
	t.slab = t.slab[n:]
	for i := range n - 1 {
		fields[i], line, _ = strings.Cut(line, t.sep)
	}
	fields[n-1] = line
	return fields
}

// quoted reads a record with quotes, which may go over several lines.
func (t *text) quoted(first held) (row, error) {
	record := first.line
	var ahead []held
	for {
		fields, open := splitQuoted(record, t.sep)
		if !open {
			return row{line: first.n, last: first.n + int64(len(ahead)), fields: fields}, nil
		}
		h, err := t.line()
		if err != nil && !errors.Is(err, io.EOF) {
			return row{}, err
		}
		if err == nil {
			ahead = append(ahead, h)
		}
		if err != nil || h.long || len(ahead) >= MaxQuoteLines || len(record)+len(h.line) >= MaxLine {
			// Whatever came behind belongs to rows of its own.
			t.pending = append(ahead, t.pending...)
			return row{line: first.n, last: first.n, fields: t.split(first.line), fault: CodeQuote}, nil
		}
		record += "\n" + h.line
	}
}

// splitQuoted cuts a record with quotes; open tells that its last quote is not closed.
func splitQuoted(s, sep string) (fields []string, open bool) {
	for {
		if !strings.HasPrefix(s, `"`) {
			field, rest, more := strings.Cut(s, sep)
			fields = append(fields, field)
			if !more {
				return fields, false
			}
			s = rest
			continue
		}
		field, rest, closed := unquote(s[1:])
		if !closed {
			return nil, true
		}
		// What stands between the closing quote and the delimiter stays part of the cell.
		tail, rest, more := strings.Cut(rest, sep)
		fields = append(fields, field+tail)
		if !more {
			return fields, false
		}
		s = rest
	}
}

// unquote reads up to the closing quote; two quotes mean one.
func unquote(s string) (field, rest string, closed bool) {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return "", "", false
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		if !strings.HasPrefix(s, `"`) {
			return b.String(), s, true
		}
		b.WriteByte('"')
		s = s[1:]
	}
}

// delimiter turns an option into a delimiter, "" for auto.
func delimiter(name string) (string, error) {
	switch strings.ToLower(name) {
	case "", "auto":
		return "", nil
	case "comma":
		return ",", nil
	case "semicolon":
		return ";", nil
	case "tab", `\t`:
		return "\t", nil
	case "pipe":
		return "|", nil
	case "space":
		return " ", nil
	}
	if r := []rune(name); len(r) == 1 && !strings.ContainsRune("\"\r\n\x00", r[0]) && (r[0] < '0' || r[0] > '9') {
		return name, nil
	}
	return "", models.NewError(models.Invalid, fieldDelimiter, CodeDelimiter,
		"the delimiter must be auto, comma, semicolon, tab, pipe, space or one character that is neither a digit nor a quote",
		"分隔符须为 auto、comma、semicolon、tab、pipe、space 或单个字符，且不能是数字或引号")
}

// guessDelimiter takes the candidate that cuts most lines of a sample into the same number of cells. Tab and
// semicolon come before the comma, which also stands inside addresses and amounts.
func guessDelimiter(sample []string) string {
	best, bestScore := ",", 0
	for _, sep := range []string{"\t", ";", "|", ",", "，"} {
		widths := map[int]int{}
		for _, line := range sample {
			fields, open := splitQuoted(line, sep)
			if n := len(fields); !open && n > 1 {
				widths[n]++
			}
		}
		score := 0
		for _, n := range widths {
			score = max(score, n)
		}
		if score > bestScore {
			best, bestScore = sep, score
		}
	}
	return best
}

// lineEnd tells old Macs' files, with lone carriage returns, from all others.
func lineEnd(head []byte) byte {
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		return '\r'
	}
	return '\n'
}

func tooManyRows() error {
	return models.NewError(models.Invalid, fieldFile, CodeRows,
		"the file has more than 20,000,000 lines; split it into several files", "文件超过 2000 万行；请拆分为多个文件")
}
