package flowtest_test

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// A template and its differences make a capture without any text.
func ExampleSegment() {
	refusal := flowtest.Segment{
		Src: flowtest.DefaultServer(), Dst: flowtest.DefaultClient(),
		Ack: 1001, Flags: reassembly.RST | reassembly.ACK,
	}
	fmt.Println(len(refusal.IP()), len(refusal.Ethernet()))
	// Output: 40 54
}

func ExampleParse() {
	script, err := flowtest.Parse("refused", `
0     C> S  0:0(0)
+0.01 S> R. 0:0(0) ack 1
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range script.Frames() {
		fmt.Println(f.Number, f.LinkType, f.Length)
	}
	// Output:
	// 1 1 74
	// 2 1 54
}
