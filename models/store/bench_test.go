package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
)

// databases runs a benchmark on both.
func databases(b *testing.B, f func(b *testing.B, s *store.Store, dsn string)) {
	for name, config := range map[string]func(testing.TB) store.Config{"sqlite": storetest.SQLiteConfig, "mariadb": storetest.MariaDBConfig} {
		b.Run(name, func(b *testing.B) {
			c := config(b)
			f(b, storetest.Open(b, c, true), c.DSN)
		})
	}
}

// BenchmarkAttempt takes attempts through reserve, sent and finish in batches, with the checks of a campaign that limits
// calls per number, and says what each step costs.
func BenchmarkAttempt(b *testing.B) {
	for _, batch := range []int{10, 50, 200} {
		b.Run(fmt.Sprintf("batch%d", batch), func(b *testing.B) {
			databases(b, func(b *testing.B, s *store.Store, _ string) { benchAttempts(b, s, batch) })
		})
	}
}

func benchAttempts(b *testing.B, s *store.Store, batch int) {
	f := newFloor(b, s, 0)
	f.campaign = f.newCampaign(f.benchList((b.N+1)*batch), models.Rules{PerNumberDay: 3, MinGapSeconds: 60})
	var reserve, sent, finish time.Duration
	b.ResetTimer()
	for range b.N {
		t0 := time.Now()
		rs := f.reserve(batch)
		t1 := time.Now()
		f.send(noon, rs)
		t2 := time.Now()
		f.must(f.Finish(f.ctx, f.epoch, noon, finishes(rs)))
		reserve, sent, finish = reserve+t1.Sub(t0), sent+t2.Sub(t1), finish+time.Since(t2)
		if len(rs) != batch {
			b.Fatalf("reserved %d of %d", len(rs), batch)
		}
	}
	n := float64(b.N * batch)
	b.ReportMetric(n/b.Elapsed().Seconds(), "attempts/s")
	b.ReportMetric(float64(reserve.Microseconds())/n, "µs/reserve")
	b.ReportMetric(float64(sent.Microseconds())/n, "µs/sent")
	b.ReportMetric(float64(finish.Microseconds())/n, "µs/finish")
	b.ReportMetric(n/finish.Seconds(), "finishes/s")
}

const importBlock = 5000

// benchList makes a list of n contacts, block by block.
func (f *floor) benchList(n int) int64 {
	f.t.Helper()
	l := f.newList(0)
	for start := 0; start < n; start += importBlock {
		block := contactsFrom(start+1, min(importBlock, n-start))
		_, err := f.AppendContacts(f.ctx, l, block, models.ContactList{Rows: int64(start + len(block)), Valid: int64(start + len(block)), ResumeRow: int64(start + len(block))})
		f.must(err)
	}
	return l
}

func contactsFrom(first, n int) []models.Contact {
	cs := make([]models.Contact, n)
	for i := range cs {
		no := number(first + i)
		cs[i] = models.Contact{Row: int64(first + i), Number: no, Zone: "Asia/Shanghai", Fields: []string{no, "王小明", "广东省深圳市南山区科技园", "VIP"}}
	}
	return cs
}

// BenchmarkImport compares AppendContacts, duplicates found and counters kept, with a bare LOAD DATA of the same rows into the
// same table of the same server in the same run. The figure to look at is "ratio": rows/s of ours through rows/s of the bare.
func BenchmarkImport(b *testing.B) {
	const rows = 20 * importBlock
	databases(b, func(b *testing.B, s *store.Store, dsn string) {
		f := newFloor(b, s, 0)
		var ours, bare time.Duration
		b.ResetTimer()
		for i := range b.N {
			blocks := make([][]models.Contact, 0, rows/importBlock)
			for start := 0; start < rows; start += importBlock {
				blocks = append(blocks, contactsFrom(i*rows+start+1, importBlock))
			}
			list := f.newList(0)
			t0 := time.Now()
			for j, block := range blocks {
				done := int64((j + 1) * importBlock)
				_, err := f.AppendContacts(f.ctx, list, block, models.ContactList{Rows: done, Valid: done, ResumeRow: done})
				f.must(err)
			}
			ours += time.Since(t0)
			if s.Driver() == store.MySQL {
				bare += bareLoad(b, f, dsn, f.newList(0), blocks)
			}
		}
		n := float64(b.N * rows)
		b.ReportMetric(n/ours.Seconds(), "rows/s")
		if bare > 0 {
			b.ReportMetric(n/bare.Seconds(), "bare-rows/s")
			b.ReportMetric(bare.Seconds()/ours.Seconds(), "ratio")
		}
	})
}

// bareLoad loads prepared text in one statement over a connection of its own.
func bareLoad(b *testing.B, f *floor, dsn string, list int64, blocks [][]models.Contact) time.Duration {
	b.Helper()
	var text bytes.Buffer
	for _, block := range blocks {
		for _, c := range block {
			fields, err := json.Marshal(c.Fields)
			f.must(err)
			fmt.Fprintf(&text, "%d\t%d\t%d\t%s\t%s\t%s\n", f.org, list, c.Row, c.Number, c.Zone, fields)
		}
	}
	driver.RegisterReaderHandler("bare", func() io.Reader { return bytes.NewReader(text.Bytes()) })
	defer driver.DeregisterReaderHandler("bare")
	db, err := sql.Open("mysql", dsn)
	f.must(err)
	defer db.Close()
	t0 := time.Now()
	_, err = db.ExecContext(context.Background(), "LOAD DATA LOCAL INFILE 'Reader::bare' INTO TABLE contacts CHARACTER SET utf8mb4 "+
		"FIELDS TERMINATED BY '\\t' (organization_id, list_id, `row`, number, zone, fields)")
	f.must(err)
	return time.Since(t0)
}
