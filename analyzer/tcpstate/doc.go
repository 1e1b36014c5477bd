// Package tcpstate is the transition table of RFC 9293, one endpoint at a time:
//
//	State + Input + Guard → Rule → State
//
// The table in rules.go is data. It says what one endpoint does, seen from the
// endpoint: what it sends is an input as well as what reaches it. Who proves
// that something reached it is not this package's business; package timeline
// decides that and then walks the table.
package tcpstate
