package simulator_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"waihu/simulator"
	"waihu/simulator/script"
	"waihu/simulator/town"
)

// Calls whose dialplan comes by mod_xml_curl: from the server while it answers, from the files when it does not. A server
// that hangs delays the calls that ask it by its timeout and nothing else.
func TestRemoteDialplan(t *testing.T) {
	defer goleak.VerifyNone(t)
	const page = "<document type=\"freeswitch/xml\">\n<section name=\"dialplan\">\n<context name=\"waihu\">\n" +
		`<extension name="v"><condition field="destination_number" expression="^waihu_voice_7$">` +
		`<action application="set" data="waihu_step=remote"/><action application="hangup" data="%s"/></condition></extension>` +
		"\n</context>\n</section>\n</document>\n"
	const (
		answers = iota
		fails
		hangs
	)
	var mode, asked atomic.Int32
	free := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if err := r.ParseForm(); err != nil || r.PostForm.Get("Hunt-Destination-Number") != "waihu_voice_7" ||
			r.PostForm.Get("Hunt-Context") != "waihu" || r.PostForm.Get("variable_waihu_attempt") != r.PostForm.Get("Unique-ID") {
			t.Errorf("form %v, %v", r.PostForm, err)
		}
		switch mode.Load() {
		case fails:
			w.WriteHeader(http.StatusNotFound)
		case hangs:
			<-free
		default:
			fmt.Fprintf(w, page, "CALL_REJECTED")
		}
		io.WriteString(w, "")
	}))
	defer srv.Close()
	defer close(free)
	files, err := script.Dir("script/testdata/recommended", map[string]string{"sounds_dir": "/sounds"})
	if err != nil {
		t.Fatal(err)
	}
	plan := script.Curl(srv.URL, "", "", 300*time.Millisecond, files)
	defer plan.Close()
	s, err := simulator.New(simulator.Config{
		Clock: fast(60), MaxSessions: 1000, SessionsPerSecond: 100_000, Town: town.Config{Recorded: true}, Dialplan: plan,
		SoundDir: func(string) (time.Duration, bool) { return 2 * time.Second, true },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	l := reach(t, s.Addr())
	defer l.close()
	l.listen(t)
	const calls = 40
	for i, x := range []struct {
		name  string
		mode  int32
		cause string
	}{{"answers", answers, "CALL_REJECTED"}, {"fails", fails, "NORMAL_CLEARING"}, {"hangs", hangs, "NORMAL_CLEARING"}} {
		mode.Store(x.mode)
		first := i * calls
		number := func(n int) string { return fmt.Sprintf("138%05d200", n) }
		if err := l.dial(first, first+calls, calls, number, "waihu_voice_7"); err != nil {
			t.Fatal(err)
		}
		if err := l.wait(first+calls, 30*time.Second); err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		report := s.Report()
		for n := first; n < first+calls; n++ {
			if got := report.Numbers[number(n)].Outcomes[x.cause]; got != 1 {
				t.Fatalf("%s: %s ended with %v, want %s", x.name, number(n), report.Numbers[number(n)].Outcomes, x.cause)
			}
		}
		if got := asked.Load(); got != int32(first+calls) {
			t.Errorf("%s: asked %d times for %d calls", x.name, got, first+calls)
		}
	}
}
