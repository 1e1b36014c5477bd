package detect

import (
	"strconv"
	"time"
)

// Span writes a length of time with the two or three digits that a person reads:
// "35 ms", "0.22 s", "12 min", "2 h 11 min".
func Span(d time.Duration) string { return string(appendSpan(nil, d)) }

func appendSpan(b []byte, d time.Duration) []byte {
	switch {
	case d < 0:
		return append(b, "0 s"...)
	case d < time.Millisecond:
		return append(strconv.AppendInt(b, d.Microseconds(), 10), " µs"...)
	case d < 99_500*time.Microsecond: // from there on two digits make 0.1 s of it
		return append(strconv.AppendFloat(b, float64(d)/1e6, 'g', 2, 64), " ms"...)
	case d < 10*time.Second:
		return append(strconv.AppendFloat(b, d.Seconds(), 'g', 2, 64), " s"...)
	case d < 2*time.Minute:
		return append(strconv.AppendFloat(b, d.Seconds(), 'f', 0, 64), " s"...)
	case d < time.Hour:
		return appendTwoUnits(b, d, time.Minute, "min", time.Second, "s")
	}
	return appendTwoUnits(b, d, time.Hour, "h", time.Minute, "min")
}

// appendTwoUnits writes d in a unit and the smaller one, which is left out when it is 0.
func appendTwoUnits(b []byte, d, large time.Duration, largeName string, small time.Duration, smallName string) []byte {
	d = d.Round(small)
	b = appendUnit(b, int64(d/large), largeName)
	if rest := d % large / small; rest > 0 {
		b = appendUnit(append(b, ' '), int64(rest), smallName)
	}
	return b
}

func appendUnit(b []byte, n int64, unit string) []byte {
	return append(append(strconv.AppendInt(b, n, 10), ' '), unit...)
}

// since returns how much later b is than a, in words.
func since(a, b int64) string { return Span(time.Duration(b - a)) }

// count writes a number with its noun: "1 segment", "3 segments".
func count[N int | int64](n N, noun string) string { return string(appendCount(nil, int64(n), noun)) }

func appendCount(b []byte, n int64, noun string) []byte {
	b = appendUnit(b, n, noun)
	if n == 1 {
		return b
	}
	return append(b, 's')
}

// bytes writes a number of bytes exactly.
func bytes(n int64) string { return count(n, "byte") }

// frames writes frame numbers: "frame 13", "frames 13 and 14", "frames 3, 5, 7 and 4 more".
func frames(numbers []int) string { return string(appendFrames(nil, numbers)) }

func appendFrames(b []byte, numbers []int) []byte {
	const most = 6
	switch len(numbers) {
	case 0:
		return append(b, "no frame"...)
	case 1:
		return strconv.AppendInt(append(b, "frame "...), int64(numbers[0]), 10)
	}
	b = append(b, "frames "...)
	for i, n := range numbers {
		last := i == len(numbers)-1
		if i == most && !last {
			return append(strconv.AppendInt(append(b, " and "...), int64(len(numbers)-most), 10), " more"...)
		}
		switch {
		case last:
			b = append(b, " and "...)
		case i > 0:
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return b
}
