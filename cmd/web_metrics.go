package cmd

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"waihu/api"
)

// scrapePatience is how long the floor may take to say what it does, when measurements are collected.
const scrapePatience = time.Second

// measured makes the plant's measurements: names begin with waihu_, units stand in the names.
func (p *plant) measured() {
	requests := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "waihu_http_request_seconds", Help: "How long requests took, by route and status.",
		Buckets: []float64{.005, .02, .05, .1, .2, .5, 1, 5, 30},
	}, []string{"method", "route", "status"})
	p.measures = prometheus.NewRegistry()
	p.measures.MustRegister(requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	p.measure = func(method, route string, status int, took time.Duration) {
		if !slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, method) {
			method = "other" // strangers must not be able to make labels
		}
		requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
	}
	gauge := func(name, help string, read func() float64) {
		p.measures.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
	}
	counter := func(name, help string, read func() float64) {
		p.measures.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
	}
	gauge("waihu_calls", "Calls in progress.", p.callsNow)
	gauge("waihu_floor_held", "1 while this process holds the floor.", func() float64 { return one(p.floor.Holds() == nil) })
	gauge("waihu_switch_connected", "1 while the event socket is connected.", func() float64 { return one(p.client.Connected()) })
	gauge("waihu_switch_event_lag_seconds", "From reading to handling, of the last event.", func() float64 { return p.client.Metrics().Lag.Seconds() })
	gauge("waihu_switch_event_queue", "Events read and not handled.", func() float64 { return float64(p.client.Metrics().Queue) })
	counter("waihu_switch_events_total", "Events read.", func() float64 { return float64(p.client.Metrics().Events) })
	counter("waihu_switch_reconnects_total", "Sessions after the first.", func() float64 { return float64(p.client.Metrics().Reconnects) })
	counter("waihu_switch_command_errors_total", "Commands refused, timed out or lost.", func() float64 { return float64(p.client.Metrics().CommandErrors) })
	counter("waihu_database_retries_total", "Transactions that were repeated.", func() float64 { return float64(p.store.Retried()) })
}

// callsNow asks the floor; without one there are none.
func (p *plant) callsNow() float64 {
	if p.floor.Holds() != nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapePatience)
	defer cancel()
	v, err := p.floor.View(ctx)
	if err != nil {
		p.log.Debug("floor not measured", "err", err)
		return 0
	}
	return float64(v.Calls)
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// withMetrics adds the listener for measurements, if one is configured.
func (a *app) withMetrics(ctx context.Context, web *api.Server, p *plant) ([]*api.Server, error) {
	if p.l.Metrics.Addr == "" {
		return []*api.Server{web}, nil
	}
	var collect http.Handler = promhttp.HandlerFor(p.measures, promhttp.HandlerOpts{})
	m, err := api.NewMetrics(ctx, api.Config{Addr: p.l.Metrics.Addr, Logger: p.log}, collect)
	if err != nil {
		return nil, err
	}
	a.note("measurements: http://%s/metrics", "监控指标：http://%s/metrics", m.Addr())
	return []*api.Server{web, m}, nil
}
