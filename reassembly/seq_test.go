package reassembly_test

import (
	"fmt"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

func ExampleSeq_Diff() {
	last, next := reassembly.Seq(0xffffff00), reassembly.Seq(0x100)
	fmt.Println(next.Diff(last), last.Diff(next))
	// Output: 512 -512
}

func ExampleSeq_Before() {
	beforeWrap, afterWrap := reassembly.Seq(0xfffffff0), reassembly.Seq(5)
	fmt.Println(beforeWrap.Before(afterWrap), afterWrap.After(beforeWrap))
	// Output: true true
}

func ExampleSeq_Unwrap() {
	isn := reassembly.Seq(4_000_000_000)
	const soFar = 5_000_000_000 // offset of the last byte: it has wrapped once
	fmt.Println((isn + reassembly.Seq(5_000_001_460&0xffffffff)).Unwrap(isn, soFar))
	// Output: 5000001460
}

// FuzzSeq compares wrapping arithmetic with integers that never wrap.
func FuzzSeq(f *testing.F) {
	f.Add(uint32(0), uint64(0), int32(1))
	f.Add(uint32(0xffffffff), uint64(1), int32(-1))
	f.Add(uint32(0x80000000), uint64(1<<32), int32(0x7fffffff))
	f.Add(uint32(1), uint64(1<<40), int32(-0x80000000))
	f.Fuzz(func(t *testing.T, base uint32, near uint64, step int32) {
		from := int64(near % (1 << 48))
		to := from + int64(step)
		seq := func(offset int64) reassembly.Seq { return reassembly.Seq(uint32(int64(base) + offset)) }
		if got := seq(to).Diff(seq(from)); got != step {
			t.Errorf("Diff is %d, want %d", got, step)
		}
		if got := seq(to).Unwrap(seq(0), from); got != to {
			t.Errorf("Unwrap is %d, want %d", got, to)
		}
		if step != -step { // at 2^31 both ways are as far
			if seq(to).After(seq(from)) != (to > from) || seq(to).Before(seq(from)) != (to < from) {
				t.Errorf("order of %d and %d is lost", from, to)
			}
		}
	})
}
