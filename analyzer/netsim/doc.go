// Package netsim plays one TCP connection in a simulated network, so that what
// an observer infers can be compared with what the endpoints really went through.
//
//	Plan ─ Run ─┬─ Host 0, Host 1: endpoint (RFC 9293 §3.10, Linux where it differs)
//	            ├─ network: delay, loss, duplication, reordering
//	            └─ tap: a point of the path ─ []reassembly.Frame
//
// A Plan is drawn from a seed and plays the same way each time. The endpoints
// share the transition table with the analyzer, through tcpstate.Step. What they
// received, and whether it was acceptable, they decide by themselves.
//
// Not simulated: window scaling, closed windows, Fast Open, ICMP errors,
// SYN cookies, PAWS, and a second incarnation of the 4-tuple.
package netsim
