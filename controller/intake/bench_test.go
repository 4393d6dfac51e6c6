package intake

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"waihu/models"
)

// nowhere is a Sink that stores nothing: what is left is the reading side.
type nowhere struct{ rows int }

func (n *nowhere) Blacklisted(context.Context, int64, []string, time.Time) (map[string]models.BlacklistEntry, error) {
	return nil, nil
}

func (n *nowhere) AppendContacts(_ context.Context, _ int64, cs []models.Contact, _ models.ContactList) ([]int64, error) {
	n.rows += len(cs)
	return nil, nil
}

// rowsOf makes n rows of four columns; every tenth has a fixed line if mixed.
func rowsOf(n int, mixed bool) string {
	var b strings.Builder
	b.WriteString("姓名,手机,城市,备注\n")
	for i := range n {
		if mixed && i%10 == 0 {
			fmt.Fprintf(&b, "客户%d,0755-2%07d,深圳,\"重要, %d\"\n", i, i, i)
			continue
		}
		fmt.Fprintf(&b, "客户%d,138%08d,深圳,备注%d\n", i, i, i)
	}
	return b.String()
}

// BenchmarkRun is the reading and normalising side of D1, in rows a second.
func BenchmarkRun(b *testing.B) {
	const n = 200_000
	mobiles, mixed := []byte(rowsOf(n, false)), []byte(rowsOf(n, true))
	for _, c := range []struct {
		name string
		data []byte
		o    Options
	}{
		{"utf-8 mobiles", mobiles, Options{}},
		{"gb18030 mobiles", nil, Options{}},
		{"utf-8, a tenth fixed lines and quotes", mixed, Options{}},
	} {
		if c.data == nil {
			c.data = gb(b, string(mobiles))
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink := &nowhere{}
				if _, err := Run(context.Background(), bytes.NewReader(c.data), int64(len(c.data)), "x", c.o, sink, nil, nil); err != nil || sink.rows != n {
					b.Fatal(sink.rows, err)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkWorkbook(b *testing.B) {
	const n = 20_000
	rows := [][]any{{"姓名", "手机"}}
	for i := range n {
		rows = append(rows, []any{fmt.Sprintf("客户%d", i), 13800000000 + i})
	}
	data := book(b, rows, nil)
	for b.Loop() {
		sink := &nowhere{}
		if _, err := Run(context.Background(), bytes.NewReader(data), int64(len(data)), "x", Options{}, sink, nil, nil); err != nil || sink.rows != n {
			b.Fatal(sink.rows, err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// generated is a number file that exists nowhere: lines of equal length made when they are read.
type generated struct{ lines, width int64 }

func (g generated) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		line, col := (off+int64(i))/g.width, (off+int64(i))%g.width
		switch {
		case col == g.width-1:
			p[i] = '\n'
		case col < 3:
			p[i] = "138"[col]
		case col < 11:
			for range 10 - col {
				line /= 10
			}
			p[i] = byte('0' + line%10)
		case col == 11:
			p[i] = ','
		default:
			p[i] = 'x'
		}
	}
	return len(p), nil
}

// Memory must not grow with the file (D1).
func TestMemoryStaysFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 10 MB")
	}
	g := generated{lines: 100_000, width: 100}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := uint64(0)
	sink := &nowhere{}
	counts, err := Run(context.Background(), g, g.lines*g.width, "x", Options{}, sink, nil, func(c Counts) {
		if c.Rows%20_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	})
	if err != nil || counts.Valid != g.lines {
		t.Fatalf("%+v, %v", counts, err)
	}
	if grown := int64(most) - int64(before.HeapAlloc); grown > 6<<20 {
		t.Errorf("the heap grew by %d MB while 10 MB were read", grown>>20)
	}
}
