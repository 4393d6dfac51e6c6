package bench

import (
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"testing"
	"text/tabwriter"

	"waihu/models/store/storetest"
)

// row is a figure beside its goal.
type row struct {
	id, what, measured, goal string
	ok                       bool
}

// table gathers the rows of a run; benchmarks cannot hand them to each other, so it has to be global.
var table struct {
	mu   sync.Mutex
	rows []row
}

func TestMain(m *testing.M) {
	code := storetest.Main(m)
	printTable(os.Stdout)
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

func report(id, what string, ok bool, goal, format string, args ...any) {
	table.mu.Lock()
	defer table.mu.Unlock()
	table.rows = append(table.rows, row{id, what, fmt.Sprintf(format, args...), goal, ok})
}

func printTable(w io.Writer) {
	if len(table.rows) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "\n\tfigure\tmeasured\tgoal\t\n")
	for _, r := range table.rows {
		verdict := "reached"
		switch {
		case r.goal == "":
			verdict = ""
		case !r.ok:
			verdict = "MISSED"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.id, r.what, r.measured, r.goal, verdict)
	}
	t.Flush()
}

// median of an odd or even number of figures; the upper one of two.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}
