package cmd

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"waihu/api"
	"waihu/models"
)

func TestMetrics(t *testing.T) {
	w := newWebsite(t)
	w.as("enterprise").want(200, "GET", "/caller-numbers", nil)
	w.as("enterprise").want(403, "GET", "/users", nil)
	p := w.plant
	p.l.Metrics.Addr = "127.0.0.1:0"
	var said bytes.Buffer
	servers, err := (&app{err: &said}).withMetrics(t.Context(), nil, p)
	if err != nil || len(servers) != 2 {
		t.Fatalf("%d servers, %v", len(servers), err)
	}
	url := "http://" + servers[1].Addr()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- servers[1].Run(ctx) }()
	defer func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	resp, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%d %v", resp.StatusCode, err)
	}
	for _, want := range []string{
		`waihu_http_request_seconds_count{method="GET",route="/api/v1/caller-numbers",status="200"} 1`,
		`waihu_http_request_seconds_count{method="GET",route="/api/v1/users",status="403"} 1`,
		"\nwaihu_calls 0", "\nwaihu_switch_connected ", "\nwaihu_floor_held ", "\nwaihu_switch_events_total ", "\ngo_goroutines ",
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("%s is not in\n%.3000s", want, body)
		}
	}
	if !strings.Contains(said.String(), url+"/metrics") {
		t.Errorf("said %q", said.String())
	}
	if resp, err := http.Get(url + "/api/v1/session"); err != nil || resp.StatusCode != 404 {
		t.Errorf("the API is on the metrics' listener: %v %v", resp, err)
	} else {
		resp.Body.Close()
	}
	if resp, err := http.Get(w.url + "/metrics"); err != nil || strings.Contains(resp.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("measurements are on the public listener: %v %v", resp, err)
	} else {
		resp.Body.Close()
	}
}

func TestMetricsPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = api.NewMetrics(t.Context(), api.Config{Addr: l.Addr().String()}, http.NotFoundHandler())
	if !models.IsKind(err, models.Conflict) || !strings.Contains(err.Error(), "metrics.addr") {
		t.Errorf("got %v", err)
	}
}
