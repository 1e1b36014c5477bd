package dumptext

import "time"

// stampForm is one of tcpdump's ways to print the time of a packet.
type stampForm uint8

const (
	untimed   stampForm = iota // -t
	timeOfDay                  // "10:32:44.573033"; -ttt and -ttttt print a duration in the same form
	epochal                    // -tt: seconds since the Unix epoch
	dated                      // -tttt: "2026-11-20 10:32:44.573033"
)

// stamp is a time as it was printed.
type stamp struct {
	form stampForm
	ns   int64 // since midnight, or since the Unix epoch
}

// stamp takes a time, which a space must follow.
func (s *scanner) stamp() (stamp, bool) {
	for _, form := range [...]func(*scanner) (stamp, bool){(*scanner).dated, (*scanner).timeOfDay, (*scanner).epochal} {
		rest := *s
		if st, ok := form(&rest); ok && rest.take(" ") {
			*s = rest
			return st, true
		}
	}
	return stamp{}, false
}

func (s *scanner) dated() (stamp, bool) {
	const layout = "2006-01-02"
	if len(*s) <= len(layout) {
		return stamp{}, false
	}
	day, err := time.Parse(layout, string((*s)[:len(layout)]))
	*s = (*s)[len(layout):]
	if err != nil || !s.take(" ") {
		return stamp{}, false
	}
	st, ok := s.timeOfDay()
	return stamp{dated, day.UnixNano() + st.ns}, ok
}

func (s *scanner) timeOfDay() (stamp, bool) {
	sign := int64(1)
	if s.take("-") { // a packet that was captured late, by -ttt and -ttttt
		sign = -1
	}
	var ns int64
	for _, limit := range [...]uint64{24, 60, 61} { // a leap second may be printed
		n, digits := s.number()
		if digits != 2 || n >= limit {
			return stamp{}, false
		}
		ns = ns*60 + int64(n)
		if limit != 61 && !s.take(":") {
			return stamp{}, false
		}
	}
	frac, ok := s.fraction()
	return stamp{timeOfDay, sign * (ns*int64(time.Second) + frac)}, ok
}

func (s *scanner) epochal() (stamp, bool) {
	sec, digits := s.number()
	if digits < 9 { // before 1973: hardly a time
		return stamp{}, false
	}
	frac, ok := s.fraction()
	return stamp{epochal, int64(sec)*int64(time.Second) + frac}, ok
}

// fraction takes a point and milli-, micro- or nanoseconds; in nanoseconds.
func (s *scanner) fraction() (int64, bool) {
	if !s.take(".") {
		return 0, false
	}
	n, digits := s.number()
	switch digits {
	case 3:
		return int64(n) * int64(time.Millisecond), true
	case 6:
		return int64(n) * int64(time.Microsecond), true
	case 9:
		return int64(n), true
	}
	return 0, false
}
