package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"waihu/controller"
	"waihu/controller/esl"
	"waihu/controller/floor"
	"waihu/dialplan"
	"waihu/models"
	"waihu/models/store"
	"waihu/models/store/storetest"
	"waihu/simulator"
	"waihu/simulator/script"
	towns "waihu/simulator/town"
)

// How hard agents are worked: answers a second, for how long, by how many.
const (
	answersPerSecond = 100
	agents           = 200
)

// BenchmarkAgents (issue of agents, point 2): connected agents, answers at a steady rate. It measures from the switch's sending
// CHANNEL_ANSWER to its getting uuid_bridge, beside a bare client on the same switch under the same load that does nothing but
// bridge who has answered as soon as the switch bears it, in turns. A switch looks for the answer of an originate each 20 ms and
// calls off what was bridged before it did (docs/real-switch.md): both wait for that, so the second line leaves that wait out.
// Daemon and switch are one process: the processor time is that of both.
func BenchmarkAgents(b *testing.B) {
	seconds := 60
	if testing.Short() {
		seconds = 10
	}
	for b.Loop() {
		bare := bareCalls(b, seconds/3)
		ours, cpu, stuck := agentCalls(b, seconds)
		idle := unserved(ours)
		b.ReportMetric(0, "ns/op")
		compare := func(what string, from func(simulator.CallReport) time.Time) {
			ours, bare := delays(ours, from), delays(bare, from)
			gap := share(ours, 0.99) - share(bare, 0.99)
			report("E6", fmt.Sprintf("%s → uuid_bridge, %d a second for %d s, %d agents: p50 / p99 − bare p99", what, answersPerSecond, seconds, agents),
				gap <= 5*time.Millisecond, "≤ 5 ms", "%.1f / %.1f − %.1f = %.1f ms", ms(share(ours, 0.5)), ms(share(ours, 0.99)), ms(share(bare, 0.99)), ms(gap))
		}
		compare("answer", func(c simulator.CallReport) time.Time { return c.AnswerSent })
		compare("first instant at which the switch bears a bridge", func(c simulator.CallReport) time.Time { return c.Bridgeable })
		report("E6", "answers without an agent while one was idle; agents stuck at the end", idle == 0 && stuck == 0, "0; 0", "%d; %d", idle, stuck)
		report("E7", "CPU seconds of daemon and switch together per 1,000 calls with agents", true, "", "%.2f", cpu)
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func share(ds []time.Duration, q float64) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(ds))
	return s[min(int(float64(len(s))*q), len(s)-1)]
}

// busyTown is a switch in this process on which everybody answers and talks for a second.
func busyTown(b *testing.B) (*simulator.Simulator, string) {
	b.Helper()
	dir := b.TempDir()
	for _, d := range []string{"dialplan", "sounds"} {
		must(b, os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	files, err := script.Dir(filepath.Join(dir, "dialplan"), nil)
	must(b, err)
	one := func(s float64) towns.Distribution {
		return towns.Distribution{Kind: towns.Uniform, Min: s * 0.8, Max: s * 1.2}
	}
	sw, err := simulator.New(simulator.Config{Dialplan: files, Password: password, Seed: 1, MaxSessions: 100_000, SessionsPerSecond: 100_000,
		Town: towns.Config{Seed: 1, AnswerProbability: 1, ProgressTime: one(0.05), RingTime: one(0.3), TalkTime: one(1), Patience: one(30)}})
	must(b, err)
	over := make(chan error, 1)
	go func() { over <- sw.Run(context.Background()) }()
	b.Cleanup(func() { must(b, sw.Close()); must(b, <-over) })
	return sw, dir
}

// answers are the calls that were answered.
func answers(r simulator.Report) (cs []simulator.CallReport) {
	for _, n := range r.Numbers {
		for _, c := range n.Calls {
			if !c.AnswerSent.IsZero() {
				cs = append(cs, c)
			}
		}
	}
	return cs
}

// delays are those from an instant to the bridge, of calls that were bridged.
func delays(cs []simulator.CallReport, from func(simulator.CallReport) time.Time) (ds []time.Duration) {
	for _, c := range cs {
		if !c.BridgeGot.IsZero() {
			ds = append(ds, c.BridgeGot.Sub(from(c)))
		}
	}
	return ds
}

// unserved are those that nobody bridged.
func unserved(cs []simulator.CallReport) (n int) {
	for _, c := range cs {
		if c.BridgeGot.IsZero() {
			n++
		}
	}
	return n
}

// bareCalls answers each CHANNEL_PARK of a customer, the first word of the switch that his answered channel can be bridged, with uuid_bridge, with
// nothing between.
func bareCalls(b *testing.B, seconds int) []simulator.CallReport {
	b.Helper()
	sw, _ := busyTown(b)
	dial := func() (net.Conn, *bufio.Reader) {
		c, err := net.Dial("tcp", sw.Addr())
		must(b, err)
		b.Cleanup(func() { c.Close() })
		r := bufio.NewReader(c)
		_, err = outer(r)
		must(b, err)
		_, err = fmt.Fprintf(c, "auth %s\n\n", password)
		must(b, err)
		_, err = outer(r)
		must(b, err)
		return c, r
	}
	events, heard := dial()
	_, err := io.WriteString(events, "event plain CHANNEL_PARK\n\n")
	must(b, err)
	commands, replies := dial()
	go func() { _, _ = io.Copy(io.Discard, replies) }()
	bridges, said := dial()
	go func() { _, _ = io.Copy(io.Discard, said) }()
	n := agents * 2
	legs := make(chan string, n)
	for i := range n {
		id := uuid.NewString()
		_, err := fmt.Fprintf(commands, "bgapi originate {origination_uuid=%s,park_after_bridge=true}user/%d &park\n\n", id, 1000+i)
		must(b, err)
		legs <- id
	}
	time.Sleep(2 * time.Second)
	go func() {
		for {
			length, err := outer(heard)
			if err != nil {
				return
			}
			body := make([]byte, length)
			if _, err := io.ReadFull(heard, body); err != nil {
				return
			}
			if !strings.Contains(header(body, "Channel-Name"), "sofia/external/") {
				continue
			}
			leg := <-legs
			_, _ = fmt.Fprintf(bridges, "api uuid_bridge %s %s\n\n", header(body, "Unique-ID"), leg)
			time.AfterFunc(3*time.Second, func() { legs <- leg })
		}
	}()
	tick := time.NewTicker(time.Second / answersPerSecond)
	defer tick.Stop()
	for i := range seconds * answersPerSecond {
		<-tick.C
		_, err := fmt.Fprintf(commands, "bgapi originate {origination_uuid=%s,ignore_early_media=true}sofia/gateway/pstn/139%08d &park\n\n", uuid.NewString(), 10000+i*7)
		must(b, err)
	}
	time.Sleep(time.Second)
	cs := answers(sw.Report())
	if n := unserved(cs); n > len(cs)/10 {
		b.Fatalf("bare client: %d of %d answers were not bridged", n, len(cs))
	}
	return cs
}

// agentCalls lets the daemon do it: a campaign straight to agents.
func agentCalls(b *testing.B, seconds int) (cs []simulator.CallReport, cpuPer1000 float64, stuck int) {
	b.Helper()
	sw, dir := busyTown(b)
	ctx, stop := context.WithCancel(context.Background())
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	db := storetest.SQLite(b)
	client := esl.New(esl.Config{Addr: sw.Addr(), Password: password, Logger: log})
	plan, err := dialplan.NewPublisher(dialplan.Config{Dir: filepath.Join(dir, "dialplan")}, client)
	must(b, err)
	limits := floor.Defaults()
	limits.MaxCalls, limits.CPS = 0, answersPerSecond
	phones := map[string]models.PhoneState{}
	draft := definitions(b, db)
	staff(b, db, &draft, phones)
	ctl := controller.New(controller.Config{Owner: "bench", Floor: limits, Logger: log, Phones: controller.PhoneSettings{Domain: "bench.test",
		Recordings: dir, Registered: func(context.Context) (map[string]models.PhoneState, error) { return phones, nil }},
		Plan: controller.PlanSettings{Sound: func(models.VoiceFile) string { return "" }}}, db, client, plan)
	over := make(chan error, 1)
	go func() { over <- ctl.Run(ctx) }()
	defer func() { stop(); must(b, <-over) }()
	signIn(b, ctl, draft.QueueID)
	before := cpuTime(b)
	d := daemon{Controller: ctl, store: db}
	d.runCampaign(b, draft, callees(seconds*answersPerSecond, "611", "613", "617", "621", "623"))
	cpu := cpuTime(b) - before
	cs = answers(sw.Report())
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		now, err := ctl.DeskNow(ctx)
		must(b, err)
		if stuck = slices.IndexFunc(now.Agents, func(a models.AgentNow) bool { return a.State != models.AgentIdle }) + 1; stuck == 0 {
			break
		}
	}
	return cs, cpu.Seconds() / float64(len(cs)) * 1000, stuck
}

func staff(b *testing.B, s *store.Store, c *models.Campaign, phones map[string]models.PhoneState) {
	b.Helper()
	ctx := b.Context()
	q := models.Queue{OrganizationID: c.OrganizationID, Name: "bench", Strategy: models.StrategyLongestIdle, RingSeconds: 10, MaxWaitSeconds: 60,
		Overflow: models.Overflow{Kind: models.OverflowHangUp}}
	must(b, s.CreateQueue(ctx, &q))
	var members []models.QueueMember
	for i := range agents {
		ext := models.Extension{OrganizationID: c.OrganizationID, Number: fmt.Sprint(1000 + i), Password: "secret"}
		must(b, s.CreateExtension(ctx, &ext))
		a := models.Agent{OrganizationID: c.OrganizationID, StaffNumber: fmt.Sprint(8000 + i), Name: "agent", ExtensionID: ext.ID, Reach: models.ReachNailedUp}
		must(b, s.CreateAgent(ctx, &a, &models.User{OrganizationID: c.OrganizationID, Login: a.StaffNumber, Role: models.RoleAgent, PasswordHash: "-"}))
		members = append(members, models.QueueMember{QueueID: q.ID, AgentID: a.ID, Active: true, Priority: 1})
		phones[ext.Number] = models.PhoneState{Registered: true}
	}
	must(b, s.SetQueueMembers(ctx, q.ID, members))
	c.Mode, c.QueueID, c.VoiceFileID = models.ModeDirectAgent, q.ID, 0
}

func signIn(b *testing.B, ctl *controller.Controller, queue int64) {
	b.Helper()
	ctx := b.Context()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		now, err := ctl.DeskNow(ctx)
		must(b, err)
		up := 0
		for _, a := range now.Agents {
			if a.State == models.AgentOffline {
				must(b, ctl.SignIn(ctx, a.AgentID, []int64{queue}))
			}
			if a.State == models.AgentIdle && a.Leg {
				up++
			}
		}
		if up == agents {
			return
		}
		if time.Now().After(deadline) {
			b.Fatalf("%d of %d agents are ready", up, agents)
		}
	}
}

// cpuTime is the processor time of this process so far.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
