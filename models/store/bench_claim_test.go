package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"waihu/models"
	"waihu/models/store"
)

// BenchmarkClaim takes blocks of 50 out of lists of different sizes, and looks how far they are. The figures to look at are the
// growth from one size to the next, and p99.
func BenchmarkClaim(b *testing.B) {
	for _, size := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			databases(b, func(b *testing.B, s *store.Store, _ string) { benchClaim(b, s, size) })
		})
	}
}

func benchClaim(b *testing.B, s *store.Store, size int) {
	f := newFloor(b, s, 0)
	list := f.benchList(size)
	t0 := time.Now()
	f.campaign = f.newCampaign(list, models.Rules{PerNumberDay: 3})
	prepared := float64(size) / time.Since(t0).Seconds()
	blocks := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for range b.N {
		t0 := time.Now()
		if rs := f.reserve(50); len(rs) != 50 {
			b.Fatalf("reserved %d", len(rs))
		}
		blocks = append(blocks, time.Since(t0))
	}
	b.StopTimer()
	b.ReportMetric(prepared, "leads-prepared/s")
	slices.Sort(blocks)
	b.ReportMetric(float64(blocks[len(blocks)/2].Microseconds())/50, "µs/lead-p50")
	b.ReportMetric(float64(blocks[len(blocks)*99/100].Microseconds())/1000, "ms/block-p99")
	t0 = time.Now()
	p, err := f.Progress(f.ctx, f.campaign.ID)
	f.must(err)
	if p.Leads != int64(size) || p.Reserved != int64(50*b.N) {
		b.Fatalf("progress %+v", p)
	}
	b.ReportMetric(float64(time.Since(t0).Microseconds())/1000, "ms/progress")
}
