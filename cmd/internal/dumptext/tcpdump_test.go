package dumptext

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// style is a way to call tcpdump, and what its output says.
type style struct {
	flags string
	seqs  bool // of bare ACKs too
	ip    bool // identification and TTL
	times bool
}

var styles = []style{
	{flags: "-nvv -tttt", seqs: true, ip: true, times: true},
	{flags: "-nvv -tttt -S", seqs: true, ip: true, times: true},
	{flags: "-nvv -tt -e -#", seqs: true, ip: true, times: true},
	{flags: "-nv -tt", ip: true, times: true},
	{flags: "-n -tt", times: true},
	{flags: "-nS -tt", times: true},
	{flags: "-n"},
	{flags: "-ne"},
	{flags: "-nt"},
	{flags: "-nttt"},
	{flags: "-nttttt"},
	{flags: "-nX"},
	{flags: "-nvA"},
}

// unanchored tells captures of which nothing says what the numbers count from, unless
// all are printed: they hold nothing but bare ACKs of a connection that had been there
// before, two SYN,ACKs with different numbers, or an ICMP error about a bare ACK or
// about a SYN that comes only later.
func unanchored(name string) bool {
	for _, part := range [...]string{
		"midstream_keepalive", "midstream_idle_pickup", "not_fin_midstream", "synack_forged",
		"keepalive_unanswered_unreachable", "capture_reordered_syn_last",
	} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// TestSegmentsOfTcpdump compares the segments of captures with those of what tcpdump
// prints of them: of scenarios in every style, of real captures in one style each.
func TestSegmentsOfTcpdump(t *testing.T) {
	for i, s := range samples(t) {
		tried := styles
		if s.real {
			tried = styles[i%len(styles):][:1]
		}
		for _, st := range tried {
			if unanchored(s.name) && !st.seqs {
				continue
			}
			want := st.blur(decode(t, &memory{s.frames}))
			got := st.blur(decode(t, reader(t, tcpdump(t, st.flags, s.pcap(t)))))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, tcpdump %s (-capture +text):\n%s", s.name, st.flags, diff)
				break
			}
		}
	}
}

func tcpdump(t *testing.T, flags, pcap string) string {
	t.Helper()
	cmd := exec.Command("tcpdump", append(strings.Fields(flags), "-r", pcap)...)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tcpdump %s: %v", flags, err)
	}
	return string(out)
}

func reader(t *testing.T, text string) *Reader {
	t.Helper()
	r, err := NewReader("text", strings.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sample is a capture to print.
type sample struct {
	name   string
	real   bool // recorded between real sockets
	frames []reassembly.Frame
}

// pcap writes the capture to a file.
func (s *sample) pcap(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sample.pcap")
	if err := os.WriteFile(path, flowtest.Pcap(s.frames), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// samples returns the scenarios and the captures of the project and, if present, more
// captures of real sockets.
func samples(t *testing.T) (all []sample) {
	t.Helper()
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Skip("tcpdump is not installed: nothing prints the captures")
	}
	flows, _ := filepath.Glob("../../../testdata/flows/*.txtar")
	for _, path := range flows {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		scenario, err := flowtest.ParseScenario(path, data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sample{name: path, frames: scenario.Script.Frames()})
	}
	if len(all) == 0 {
		t.Fatal("there are no scenarios")
	}
	captures, _ := filepath.Glob("../../../testdata/pcap/*.pcap")
	more, _ := filepath.Glob("../../../../shared/truth/*/*.pcap")
	if len(more) == 0 {
		t.Log("../shared/truth is not there: the captures of the project only")
	}
	captures = append(captures, more...)
	for _, path := range captures {
		if frames := load(t, path); len(frames) > 0 && len(frames) < 5000 {
			all = append(all, sample{path, true, frames})
		}
	}
	return all
}

// source is what all sources of frames have in common.
type source interface {
	Next(*reassembly.Frame) error
}

// memory is a source of frames that are there already.
type memory struct{ frames []reassembly.Frame }

func (m *memory) Next(f *reassembly.Frame) error {
	if len(m.frames) == 0 {
		return io.EOF
	}
	*f, m.frames = m.frames[0], m.frames[1:]
	return nil
}

func load(t *testing.T, path string) (frames []reassembly.Frame) {
	t.Helper()
	source, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	for {
		var f reassembly.Frame
		if err := source.Next(&f); err != nil {
			if err != io.EOF {
				t.Fatal(err)
			}
			return frames
		}
		f.Data = bytes.Clone(f.Data)
		frames = append(frames, f)
	}
}

// decode returns the segments, and the ICMP errors about segments, of a source.
func decode(t *testing.T, source source) (all []any) {
	t.Helper()
	var decoder reassembly.Decoder
	for {
		var f reassembly.Frame
		if err := source.Next(&f); err != nil {
			if err != io.EOF {
				t.Fatal(err)
			}
			return all
		}
		var seg reassembly.Segment
		var icmp reassembly.ICMPError
		switch decoder.Decode(&f, &seg, &icmp) {
		case reassembly.IsTCP:
			all = append(all, seg)
		case reassembly.IsICMPError:
			all = append(all, icmp)
		}
	}
}

// blur leaves what a style shows.
func (st style) blur(all []any) []any {
	for i := range all {
		switch v := all[i].(type) {
		case reassembly.Segment:
			all[i] = st.shown(v)
		case reassembly.ICMPError:
			v.View, v.Time = 0, st.time(v.Time)
			if !st.ip {
				v.Seq = 0 // the last segment that was sent there need not be the one quoted
			}
			all[i] = v
		}
	}
	return all
}

// shown returns the fields of a segment that are printed in a style.
func (st style) shown(v reassembly.Segment) reassembly.Segment {
	s := reassembly.Segment{
		Frame: v.Frame, Time: st.time(v.Time), Src: v.Src, Dst: v.Dst, Flags: v.Flags,
		Window: v.Window, Len: v.Len, Options: v.Options, HasIPID: v.HasIPID, HeaderCut: v.HeaderCut,
	}
	if st.seqs || v.Len > 0 || v.Flags.Any(reassembly.SYN|reassembly.FIN|reassembly.RST) {
		s.Seq = v.Seq
	}
	if v.Flags.Has(reassembly.ACK) {
		s.Ack = v.Ack
	}
	if v.Flags.Has(reassembly.URG) {
		s.Urgent = v.Urgent
	}
	if st.ip {
		s.TTL, s.IPID = v.TTL, v.IPID
	}
	return s
}

func (st style) time(ns int64) int64 {
	if !st.times {
		return 0
	}
	return ns / 1000
}
