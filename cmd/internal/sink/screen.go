package sink

import (
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// glyphs are the signs that text is drawn with. All are one cell wide, and none
// has a second face as an emoji; terminals of East Asian locales may draw "─" and
// "→" two cells wide, and are better served with the ASCII set.
type glyphs struct {
	line, right, left, lost, ignored, to, from string
}

var (
	unicodeGlyphs = glyphs{line: "─", right: "►", left: "◄", lost: "✗", ignored: "⊘", to: "→", from: "←"}
	asciiGlyphs   = glyphs{line: "-", right: ">", left: "<", lost: "x", ignored: "|", to: "->", from: "<-"}
)

// asciiTexts replaces what our own texts use beyond ASCII.
var asciiTexts = strings.NewReplacer("→", "->", "←", "<-", "—", "--", "–", "-", "§", "sec. ", "µ", "u", "…", "...",
	"“", `"`, "”", `"`, "’", "'", "×", "x", "≥", ">=", "≤", "<=", "±", "+/-")

// screen writes lines of painted text. Whatever passes through put or wrap is
// cleaned first, so that no byte of a packet or a file name acts on a terminal.
type screen struct {
	glyphs
	w       io.Writer
	palette Palette
	frames  Frames
	ascii   bool
	live    bool // see TextOptions
	width   int  // columns that prose is wrapped at
	b       []byte
	at      int // column that the line has reached
	want    int // column that the next piece starts at, at least
	err     error
}

// Widths in columns: without a known one, and the most that is still easy to read.
const (
	defaultWidth = 80
	proseWidth   = 100
)

func newScreen(w io.Writer, o *TextOptions) *screen {
	s := &screen{glyphs: unicodeGlyphs, w: w, palette: o.Palette, frames: orOneFile(o.Frames), ascii: o.ASCII, live: o.Live, width: o.Width}
	if o.ASCII {
		s.glyphs = asciiGlyphs
	}
	if s.width <= 0 {
		s.width = defaultWidth
	}
	return s
}

// put adds text to the line.
func (s *screen) put(style Style, text string) {
	text = s.clean(text)
	if text == "" {
		return
	}
	for ; s.at < s.want; s.at++ {
		s.b = append(s.b, ' ')
	}
	s.b = append(s.b, s.palette.Paint(style, text)...)
	s.at += utf8.RuneCountInString(text)
}

// pad moves to a column, if the line is not there yet. Blanks are written only
// before more text, so no line ends in any.
func (s *screen) pad(column int) { s.want = max(s.want, column) }

// gap leaves n blanks.
func (s *screen) gap(n int) { s.want = max(s.want, s.at) + n }

// end ends the line.
func (s *screen) end() {
	s.b = append(s.b, '\n')
	s.at, s.want = 0, 0
	if len(s.b) >= gather {
		s.flush()
	}
}

// flush writes what is gathered and returns the first error of the writer.
func (s *screen) flush() error {
	if s.err == nil && len(s.b) > 0 {
		_, s.err = s.w.Write(s.b)
	}
	s.b = s.b[:0]
	return s.err
}

// wrap adds text word by word, going on in lines that begin at indent, and ends
// the last line.
func (s *screen) wrap(indent int, style Style, text string) {
	limit := min(s.width, proseWidth)
	s.pad(indent)
	line, at := "", max(s.at, s.want)
	for _, word := range strings.Fields(text) {
		word = s.clean(word)
		n := utf8.RuneCountInString(word)
		switch {
		case at > indent && at+1+n > limit:
			s.put(style, line)
			s.end()
			s.pad(indent)
			line, at = word, indent+n
		case line == "":
			line, at = word, at+n
		default:
			line, at = line+" "+word, at+1+n
		}
	}
	s.put(style, line)
	s.end()
}

// clean returns text as the screen can show it.
func (s *screen) clean(text string) string {
	if s.ascii {
		text = asciiTexts.Replace(text)
	}
	return printable(text, s.ascii)
}

// printable returns text with everything that does not print escaped as in Go's
// strings, in ASCII throughout where that is asked for.
func printable(text string, ascii bool) string {
	if plainASCII(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[i]), 16))
		case unicode.IsPrint(r) && (r < utf8.RuneSelf || !ascii):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
		i += size
	}
	return b.String()
}

func plainASCII(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
