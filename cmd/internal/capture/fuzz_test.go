package capture

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// FuzzRead feeds anything to the readers: they never panic, number frames in order,
// keep times in range, end, and take no memory that the input does not justify.
func FuzzRead(f *testing.F) {
	for _, capture := range frames(3) {
		f.Add(capture)
		f.Add(capture[:len(capture)-5])
		f.Add(gzipped(f, capture))
		f.Add(zstandard(f, capture))
	}
	f.Add(join(pcapHeader(big, 0xa1b2cd34, 3, 0, 1), pcapRecord(big, 1, 0xffffffff, 9<<20, 0xffffffff, "abc"))) // claims 9 MiB
	f.Add(ng(enhanced(little, 0, 1<<63, "abc", 3), section(big), interfaceOf(big, 1, 2, option(big, ifTimeUnit, []byte{0xbf}))))
	f.Add(ng(block(little, simpleBlock, words(little, 5), []byte("defgh")), words(little, enhancedBlock, 9<<20)))
	f.Fuzz(func(t *testing.T, capture []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := NewReader("fuzz", bytes.NewReader(capture))
		if err != nil {
			return
		}
		checkSource(t, s)
		runtime.ReadMemStats(&after)
		const fixed = 4 << 20 // buffers, and the tables of the decompressors
		if isCompressed(capture) {
			return // how much comes out is up to the input
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > uint64(fixed+10*len(capture)) {
			t.Errorf("reading %d bytes took %d bytes of memory", len(capture), took)
		}
	})
}

func checkSource(t *testing.T, s Source) {
	var f reassembly.Frame
	number := 0
	for {
		err := s.Next(&f)
		if err != nil {
			var damage *DamageError
			if err != io.EOF && !errors.As(err, &damage) {
				t.Fatalf("ended with %v, neither the end nor damage", err)
			}
			return
		}
		if f.Number <= number || f.Time < 0 || f.Length < len(f.Data) {
			t.Fatalf("after frame %d came %+v", number, f)
		}
		number = f.Number
	}
}
