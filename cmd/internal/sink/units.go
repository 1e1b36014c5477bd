package sink

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// span words a duration with two or three digits that matter: "41 µs", "20.9 ms",
// "0.22 s", "63 s", "15 min", "3.2 h".
func span(d time.Duration) string {
	switch s := d.Seconds(); {
	case d < 0:
		return "-" + span(-d)
	case d == 0:
		return "0 s"
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d.Nanoseconds())
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%.1f ms", s*1e3)
	case s < 10:
		return fmt.Sprintf("%.2f s", s)
	case s < 60:
		return fmt.Sprintf("%.1f s", s)
	case s < 600:
		return fmt.Sprintf("%.0f s", s)
	case s < 7200:
		return fmt.Sprintf("%.0f min", s/60)
	default:
		return fmt.Sprintf("%.1f h", s/3600)
	}
}

// size words a number of bytes in powers of ten: "939 B", "14 kB", "1.2 MB".
func size(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	v := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB"} {
		v /= 1000
		switch {
		case v < 9.95:
			return fmt.Sprintf("%.1f %s", v, unit)
		case v < 999.5:
			return fmt.Sprintf("%.0f %s", v, unit)
		}
	}
	return fmt.Sprintf("%.0f PB", v/1000)
}

// number writes n with a comma after each three digits.
func number(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// count words "1 frame", "15 frames".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return number(n) + " " + what + "s"
}

// shown is how many frames of one finding are named.
const shown = 6

// frameList words "frame 13", "frames 13 and 14", "frames 1, 2, 3, 4, 5, 6 and 9 more".
func frameList(frames []int) string {
	switch n := len(frames); {
	case n == 0:
		return "no frame"
	case n == 1:
		return "frame " + strconv.Itoa(frames[0])
	case n > shown+1:
		return fmt.Sprintf("frames %s and %s more", numbers(frames[:shown]), number(n-shown))
	default:
		return fmt.Sprintf("frames %s and %d", numbers(frames[:n-1]), frames[n-1])
	}
}

func numbers(ns []int) string {
	texts := make([]string, len(ns))
	for i, n := range ns {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}
