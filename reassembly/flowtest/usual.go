package flowtest

// Shape is a connection in the notation of this package.
type Shape struct{ Name, Script string }

// Usual returns the connections that captures are full of, to measure with.
func Usual() []Shape {
	return []Shape{
		{"SYN only", `
			0.000   C> S  0:0(0)`},
		{"half open", `
			0.000   C> S  0:0(0)
			+0.020  S> S. 0:0(0) ack 1`},
		{"refused", `
			0.000   C> S  0:0(0)
			+0.001  S> R. 0:0(0) ack 1 win 0`},
		{"ordinary", usualOpening + `
			+0.0001 C> F. 101:101(0) ack 501
			+0.020  S> F. 501:501(0) ack 102
			+0.0001 C> .  102:102(0) ack 502`},
		{"keep-alive", usualOpening + `
			60.000  C> .  100:100(0) ack 501
			+0.020  S> .  501:501(0) ack 101
			120.000 C> .  100:100(0) ack 501
			+0.020  S> .  501:501(0) ack 101`},
		{"lossy", `
			0.000   C> S  0:0(0)
			+0.020  S> S. 0:0(0) ack 1
			+0.0001 C> .  1:1(0) ack 1
			+0.001  C> P. 1:101(100) ack 1 lost
			+0.221  C> P. 1:101(100) ack 1
			+0.020  S> P. 1:501(500) ack 101
			+0.0001 C> .  101:101(0) ack 501`},
	}
}

// usualOpening is a connection up to its first answer.
const usualOpening = `
			0.000   C> S  0:0(0)
			+0.020  S> S. 0:0(0) ack 1
			+0.0001 C> .  1:1(0) ack 1
			+0.001  C> P. 1:101(100) ack 1
			+0.020  S> P. 1:501(500) ack 101`
