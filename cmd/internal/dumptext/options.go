package dumptext

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// option is a TCP option as it goes on the wire: kind, length, value. Padding is left
// out, so that all that was printed fits.
type option []byte

// Kinds of options (https://www.iana.org/assignments/tcp-parameters).
const (
	optMSS           = 2
	optWindowScale   = 3
	optSACKPermitted = 4
	optSACK          = 5
	optTimestamps    = 8
	optMD5           = 19
	optAO            = 29
	optMPTCP         = 30
	optFastOpen      = 34
)

// parseOptions reads "mss 1460,sackOK,TS val 653974273 ecr 0,nop,wscale 10". What is
// not known is left out.
func parseOptions(list string) []option {
	var opts []option
	for _, item := range strings.Split(list, ",") {
		s := scanner(strings.TrimSpace(item))
		if o := s.option(); o != nil {
			opts = append(opts, o)
		}
	}
	return opts
}

func (s *scanner) option() option {
	switch name := s.word(); name {
	case "mss":
		n, ok := s.uint32()
		return known(ok, binary.BigEndian.AppendUint16(option{optMSS, 4}, uint16(n)))
	case "wscale":
		n, ok := s.uint32()
		return known(ok, option{optWindowScale, 3, byte(n)})
	case "sackOK":
		return option{optSACKPermitted, 2}
	case "sack":
		return s.sack()
	case "TS", "timestamp":
		return s.timestamps()
	case "tfo", "exp-tfo":
		return s.fastOpen()
	case "mptcp":
		return option{optMPTCP, 4, 0, 0}
	case "md5", "md5valid", "md5invalid", "md5:valid", "md5:invalid":
		return append(option{optMD5, 18}, make([]byte, 16)...)
	case "tcp-ao":
		return option{optAO, 4, 0, 0}
	}
	return nil
}

func known(ok bool, o option) option {
	if !ok {
		return nil
	}
	return o
}

// timestamps reads "val 653974343 ecr 913998091" and, before version 4, two numbers.
func (s *scanner) timestamps() option {
	s.take("val ")
	val, ok1 := s.uint32()
	s.skip(" ")
	s.take("ecr ")
	ecr, ok2 := s.uint32()
	o := binary.BigEndian.AppendUint32(option{optTimestamps, 10}, val)
	return known(ok1 && ok2, binary.BigEndian.AppendUint32(o, ecr))
}

// sack reads "2 {1449:2897}{4345:5793}", which older versions begin by another "sack".
func (s *scanner) sack() option {
	s.skip(" ")
	s.take("sack ")
	_, ok := s.uint32()
	o := option{optSACK, 2}
	for s.skip(" "); s.take("{"); {
		left, ok1 := s.uint32()
		ok2 := s.take(":")
		right, ok3 := s.uint32()
		if ok = ok && ok1 && ok2 && ok3 && s.take("}"); !ok || len(o) > 32 {
			return nil
		}
		o = binary.BigEndian.AppendUint32(o, left)
		o = binary.BigEndian.AppendUint32(o, right)
		o[1] = byte(len(o))
	}
	return known(ok, o)
}

// shift moves the blocks of a SACK option by what their numbers count from.
func (o option) shift(base uint32) {
	if o[0] != optSACK {
		return
	}
	for b := o[2:]; len(b) >= 4; b = b[4:] {
		binary.BigEndian.PutUint32(b, binary.BigEndian.Uint32(b)+base)
	}
}

// fastOpen reads "cookiereq" and "cookie 2c839cc26bc319df".
func (s *scanner) fastOpen() option {
	s.take("cookie ")
	cookie, err := hex.DecodeString(string(*s))
	if err != nil || len(cookie) > 16 {
		cookie = nil // a request has none
	}
	return append(option{optFastOpen, byte(2 + len(cookie))}, cookie...)
}
