package detect

import (
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// texts is the memory for what findings are made of, used again for each
// connection: common findings take no other. What it returns is valid until the
// next connection is looked at; Finding.Clone makes it last.
type texts struct {
	ink     []byte
	lists   []string
	numbers []int
	marks   []*timeline.Mark
	room    [2]Finding
}

func (t *texts) clear() {
	t.ink, t.lists, t.numbers, t.marks = t.ink[:0], t.lists[:0], t.numbers[:0], t.marks[:0]
}

// written returns what was written after the first n bytes. The string shares their
// memory, which is not written again before clear.
func (t *texts) written(n int) string {
	return unsafe.String(unsafe.SliceData(t.ink[n:]), len(t.ink)-n)
}

// textf is fmt.Sprintf for what findings say: %d is a number, %s a string, a state, a
// side or flags. Its arguments stay on the stack.
func (t *texts) textf(format string, args ...any) string {
	n, b := len(t.ink), t.ink
	for _, arg := range args {
		verb := strings.IndexByte(format, '%')
		if verb < 0 {
			break // more arguments than verbs
		}
		b = appendArg(append(b, format[:verb]...), arg)
		format = format[verb+len("%s"):]
	}
	t.ink = append(b, format...)
	return t.written(n)
}

func appendArg(b []byte, arg any) []byte {
	switch v := arg.(type) {
	case string:
		return append(b, v...)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case tcpstate.State:
		return append(b, v.String()...)
	case timeline.Side:
		return append(b, v.String()...)
	case reassembly.Flags:
		return v.AppendTo(b)
	}
	return append(b, '?')
}

// What follows is Span, since, count, bytes, frames and upper in this memory.

func (t *texts) span(d time.Duration) string {
	n := len(t.ink)
	t.ink = appendSpan(t.ink, d)
	return t.written(n)
}

func (t *texts) since(a, b int64) string { return t.span(time.Duration(b - a)) }

func (t *texts) count(n int, noun string) string { return t.count64(int64(n), noun) }

func (t *texts) bytes(n int64) string { return t.count64(n, "byte") }

func (t *texts) count64(many int64, noun string) string {
	n := len(t.ink)
	t.ink = appendCount(t.ink, many, noun)
	return t.written(n)
}

func (t *texts) frames(numbers []int) string {
	n := len(t.ink)
	t.ink = appendFrames(t.ink, numbers)
	return t.written(n)
}

func (t *texts) upper(s string) string {
	n := len(t.ink)
	t.ink = append(t.ink, s...)
	if c := t.ink[n]; 'a' <= c && c <= 'z' {
		t.ink[n] = c - 'a' + 'A'
	}
	return t.written(n)
}

// list returns a list of texts.
func (t *texts) list(items ...string) []string {
	n := len(t.lists)
	t.lists = append(t.lists, items...)
	return t.lists[n:len(t.lists):len(t.lists)]
}

// none returns an empty list of findings that has room for one of each side.
func (t *texts) none() []Finding { return t.room[:0] }

// at returns a finding at a mark, to be completed.
func (t *texts) at(m *timeline.Mark, endpoint timeline.Side, frames ...int) Finding {
	return Finding{Endpoint: endpoint, Time: m.Time, Frames: t.frameList(frames...)}
}

// frameList returns a list of frames.
func (t *texts) frameList(frames ...int) []int {
	n := len(t.numbers)
	t.numbers = append(t.numbers, frames...)
	return t.numbers[n:len(t.numbers):len(t.numbers)]
}

// frameNumbers returns the first frame of each mark, and the last frame of the last.
func (t *texts) frameNumbers(marks []*timeline.Mark) []int {
	n := len(t.numbers)
	t.framesOf(marks)
	if last := len(marks) - 1; last >= 0 && marks[last].Count > 1 {
		t.numbers = append(t.numbers, marks[last].LastFrame)
	}
	return t.numbers[n:len(t.numbers):len(t.numbers)]
}

// framesOf returns the first frames of marks.
func (t *texts) framesOf(marks []*timeline.Mark) []int {
	n := len(t.numbers)
	for _, m := range marks {
		t.numbers = append(t.numbers, m.Frame)
	}
	return t.numbers[n:len(t.numbers):len(t.numbers)]
}

// addressed returns an endpoint as "192.0.2.1:80" or "[2001:db8::1]:80", and the
// address in it.
func (t *texts) addressed(e reassembly.Endpoint) (addr, host string) {
	n := len(t.ink)
	ip := e.Addr()
	bracket := 0
	if ip.Is6() {
		t.ink = append(t.ink, '[')
		bracket = 1
	}
	t.ink = ip.AppendTo(t.ink)
	end := len(t.ink) - n
	if ip.Is6() {
		t.ink = append(t.ink, ']')
	}
	t.ink = strconv.AppendUint(append(t.ink, ':'), uint64(e.Port), 10)
	addr = t.written(n)
	return addr, addr[bracket:end]
}
