package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// metrics serves counts in Prometheus' text format. Labels are states and codes only,
// of which there are few; never an address or a port.
type metrics struct {
	server     http.Server
	page       atomic.Pointer[page]
	handshakes map[string]uint64
	resets     map[string]uint64 // by the code of the gravest finding
	findings   map[string]uint64
	told       map[int][]string // by connection that is open: codes that are counted already
	ended      uint64
}

// page is what is served until the next one is published.
type page struct {
	text []byte
	at   time.Time
}

// stale is the age from which a page means that the capture hangs.
const stale = 10 * time.Second

// serveMetrics begins to serve on an address. One without a host, as ":9100" or
// "9100", is on loopback: who wants to be asked from elsewhere says so.
func serveMetrics(address string) (*metrics, error) {
	address = loopback(address)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, usagef("cannot serve metrics on %s: %w: give --metrics another ADDRESS:PORT", address, err)
	}
	m := &metrics{handshakes: map[string]uint64{}, resets: map[string]uint64{}, findings: map[string]uint64{}, told: map[int][]string{}}
	m.page.Store(&page{at: time.Now()})
	paths := http.NewServeMux()
	paths.HandleFunc("GET /metrics", m.serve)
	paths.HandleFunc("GET /health", m.health)
	m.server = http.Server{Handler: paths, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second}
	go m.server.Serve(listener) // until Close
	return m, nil
}

func loopback(address string) string {
	if !strings.Contains(address, ":") {
		address = ":" + address
	}
	if strings.HasPrefix(address, ":") {
		return "127.0.0.1" + address
	}
	return address
}

func (m *metrics) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Write(m.page.Load().text)
}

func (m *metrics) health(w http.ResponseWriter, _ *http.Request) {
	if age := time.Since(m.page.Load().at); age > stale {
		http.Error(w, fmt.Sprintf("nothing was counted for %s", age.Round(time.Second)), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// close stops serving.
func (m *metrics) close() error {
	if m == nil {
		return nil
	}
	return m.server.Close()
}

// finding implements observer.
func (m *metrics) finding(c *analyzer.Connection, f *detect.Finding) error {
	if f.Severity > detect.Capture {
		m.findings[f.Code]++
		m.told[c.ID] = append(m.told[c.ID], f.Code)
	}
	return nil
}

// connection implements observer: only the end tells the rest.
func (m *metrics) connection(c *analyzer.Connection) error {
	m.ended++
	m.handshakes[c.Handshake.String()]++
	cause := ""
	for i := range c.Findings {
		if c.Findings[i].Severity > detect.Capture {
			if !slices.Contains(m.told[c.ID], c.Findings[i].Code) {
				m.findings[c.Findings[i].Code]++
			}
			cause = cmp.Or(cause, c.Findings[i].Code)
		}
	}
	delete(m.told, c.ID)
	if c.Teardown == timeline.TeardownReset {
		m.resets[cmp.Or(cause, "unknown")]++
	}
	return nil
}

// publish makes a page of what is counted by now.
func (m *metrics) publish(g analyzer.Gauges, packets int, drops uint64) {
	states := map[[2]string]uint64{}
	for pair, n := range g.States {
		states[[2]string{"client", cmp.Or(pair[timeline.Client], "unknown")}] += uint64(n)
		states[[2]string{"server", cmp.Or(pair[timeline.Server], "unknown")}] += uint64(n)
	}
	var b bytes.Buffer
	metric(&b, "open_endpoints", "gauge", "Endpoints of the connections that are being followed, by state.", nil)
	for _, k := range slices.SortedFunc(maps.Keys(states), func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) }) {
		fmt.Fprintf(&b, "tcpflow_open_endpoints{side=%q,state=%q} %d\n", k[0], k[1], states[k])
	}
	labelled(&b, "handshakes_total", "Handshakes of connections that are over, by result.", "result", m.handshakes)
	labelled(&b, "resets_total", "Connections that ended by a reset, by the gravest finding.", "cause", m.resets)
	labelled(&b, "findings_total", "Findings, by code.", "code", m.findings)
	for _, c := range []struct {
		name, help string
		value      uint64
	}{
		{"connections_ended_total", "Connections that are over.", m.ended},
		{"packets_total", "Packets captured.", uint64(packets)},
		{"segments_total", "TCP segments, copies included.", uint64(g.Segments)},
		{"dropped_packets_total", "Packets that the kernel or the interface dropped.", drops},
	} {
		metric(&b, c.name, "counter", c.help, &c.value)
	}
	m.page.Store(&page{b.Bytes(), time.Now()})
}

// metric writes the head of a metric, and its value when it has only one.
func metric(b *bytes.Buffer, name, kind, help string, value *uint64) {
	fmt.Fprintf(b, "# HELP tcpflow_%s %s\n# TYPE tcpflow_%[1]s %[3]s\n", name, help, kind)
	if value != nil {
		fmt.Fprintf(b, "tcpflow_%s %d\n", name, *value)
	}
}

// labelled writes a counter with one label.
func labelled(b *bytes.Buffer, name, help, label string, values map[string]uint64) {
	metric(b, name, "counter", help, nil)
	for _, k := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(b, "tcpflow_%s{%s=%q} %d\n", name, label, k, values[k])
	}
}
