package sink

import "github.com/fatih/color"

// Style is what a piece of text means; Palette says which colour that is.
type Style uint8

// The meanings that are coloured. Each has a word or sign of its own too, for
// logs and for eyes that do not tell these colours apart.
const (
	Plain Style = iota
	Good
	Warn
	Bad
	Dim
	Strong   // headings, codes
	State    // a state that the capture proves
	Presumed // a state that nothing proves or contradicts
	Client   // what the client sent
	Server   // what the server sent
	numStyles
)

// Palette paints text. The zero value leaves it as it is.
type Palette struct {
	colors [numStyles]*color.Color
}

// NewPalette returns the colours, or the zero Palette when on is false. It does
// not look at standard output: who writes to which stream is the caller's to know.
func NewPalette(on bool) Palette {
	if !on {
		return Palette{}
	}
	p := Palette{[numStyles]*color.Color{
		Good:     color.New(color.FgGreen),
		Warn:     color.New(color.FgYellow, color.Bold),
		Bad:      color.New(color.FgRed, color.Bold),
		Dim:      color.New(color.Faint),
		Strong:   color.New(color.Bold),
		State:    color.New(color.FgGreen, color.Bold),
		Presumed: color.New(color.FgGreen, color.Faint),
		Client:   color.New(color.FgCyan),
		Server:   color.New(color.FgMagenta),
	}}
	for _, c := range p.colors {
		if c != nil {
			c.EnableColor() // else the library asks the environment by its own rule
		}
	}
	return p
}

// Paint returns text in the colour of style.
func (p *Palette) Paint(style Style, text string) string {
	if c := p.colors[style]; c != nil && text != "" {
		return c.Sprint(text)
	}
	return text
}

// UseColor decides about colour for one stream. The first that speaks wins: mode
// ("always" or "never"; anything else leaves it open), NO_COLOR, CLICOLOR_FORCE
// and FORCE_COLOR, CLICOLOR=0, TERM=dumb, and at last whether the stream is a
// terminal. getenv is os.Getenv, or a stand-in.
func UseColor(mode string, getenv func(string) string, isTerminal bool) bool {
	switch {
	case mode == "always":
		return true
	case mode == "never", getenv("NO_COLOR") != "":
		return false
	case forced(getenv("CLICOLOR_FORCE")), forced(getenv("FORCE_COLOR")):
		return true
	case getenv("CLICOLOR") == "0", getenv("TERM") == "dumb":
		return false
	}
	return isTerminal
}

func forced(v string) bool { return v != "" && v != "0" && v != "false" }
