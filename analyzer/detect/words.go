package detect

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Span writes a length of time with the two or three digits that a person reads:
// "35 ms", "0.22 s", "12 min", "2 h 11 min".
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < time.Millisecond:
		return strconv.FormatInt(d.Microseconds(), 10) + " µs"
	case d < 100*time.Millisecond:
		return strconv.FormatFloat(float64(d)/1e6, 'g', 2, 64) + " ms"
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'g', 2, 64) + " s"
	case d < 2*time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 0, 64) + " s"
	case d < time.Hour:
		return twoUnits(d, time.Minute, "min", time.Second, "s")
	}
	return twoUnits(d, time.Hour, "h", time.Minute, "min")
}

// twoUnits writes d in a unit and the smaller one, which is left out when it is 0.
func twoUnits(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	d = d.Round(small)
	text := fmt.Sprintf("%d %s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		text += fmt.Sprintf(" %d %s", rest, smallName)
	}
	return text
}

// since returns how much later b is than a, in words.
func since(a, b int64) string { return Span(time.Duration(b - a)) }

// count writes a number with its noun: "1 segment", "3 segments".
func count[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// bytes writes a number of bytes exactly.
func bytes(n int64) string { return count(n, "byte") }

// frames writes frame numbers: "frame 13", "frames 13 and 14", "frames 3, 5, 7 and 4 more".
func frames(numbers []int) string {
	const most = 6
	var parts []string
	for i, n := range numbers {
		if i == most && len(numbers) > most+1 {
			parts = append(parts, fmt.Sprintf("%d more", len(numbers)-most))
			break
		}
		parts = append(parts, strconv.Itoa(n))
	}
	switch len(parts) {
	case 0:
		return "no frame"
	case 1:
		return "frame " + parts[0]
	}
	return "frames " + strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
