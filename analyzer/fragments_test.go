package analyzer_test

import (
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// TestFragmentsAreCountedOnce cuts one segment and one datagram of another
// protocol into three pieces each, and lets go of one of a third packet.
func TestFragmentsAreCountedOnce(t *testing.T) {
	const ipHeader, udp = 34, 17
	a := analyzer.New(analyzer.Config{}, &discard{})
	whole := script(t, open)[3]
	feed := func(id uint16, protocol byte, from, to int) {
		piece := whole
		piece.Data = append(append([]byte(nil), whole.Data[:ipHeader]...), whole.Data[ipHeader+from:ipHeader+to]...)
		place := uint16(from / 8)
		if to < len(whole.Data)-ipHeader {
			place |= 0x2000
		}
		binary.BigEndian.PutUint16(piece.Data[16:], uint16(20+to-from))
		binary.BigEndian.PutUint16(piece.Data[18:], id)
		binary.BigEndian.PutUint16(piece.Data[20:], place)
		piece.Data[23], piece.Length = protocol, len(piece.Data)
		if err := a.Feed(&piece); err != nil {
			t.Fatal(err)
		}
	}
	end := len(whole.Data) - ipHeader
	for id, protocol := range []byte{whole.Data[23], udp} {
		feed(uint16(id), protocol, 0, 8)
		feed(uint16(id), protocol, 64, end)
		feed(uint16(id), protocol, 8, 64)
	}
	feed(3, udp, 8, 16)
	sum, err := a.Close()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{reassembly.NotTCP.String(): 3, reassembly.Fragment.String(): 1}
	if diff := cmp.Diff(want, sum.Skipped); sum.Segments != 1 || diff != "" {
		t.Errorf("%d segments\n%s", sum.Segments, diff)
	}
}
