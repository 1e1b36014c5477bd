package sink

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUseColor(t *testing.T) {
	type env map[string]string
	for _, tt := range []struct {
		name     string
		mode     string
		env      env
		terminal bool
		want     bool
	}{
		{"a terminal", "auto", nil, true, true},
		{"a pipe", "auto", nil, false, false},
		{"no mode is auto", "", nil, true, true},
		{"always beats NO_COLOR", "always", env{"NO_COLOR": "1"}, false, true},
		{"never beats CLICOLOR_FORCE", "never", env{"CLICOLOR_FORCE": "1"}, true, false},
		{"NO_COLOR", "auto", env{"NO_COLOR": "1"}, true, false},
		{"empty NO_COLOR says nothing", "auto", env{"NO_COLOR": ""}, true, true},
		{"NO_COLOR beats FORCE_COLOR", "auto", env{"NO_COLOR": "1", "FORCE_COLOR": "1"}, true, false},
		{"CLICOLOR_FORCE in a pipe", "auto", env{"CLICOLOR_FORCE": "1"}, false, true},
		{"FORCE_COLOR in a pipe", "auto", env{"FORCE_COLOR": "3"}, false, true},
		{"CLICOLOR_FORCE=0 says nothing", "auto", env{"CLICOLOR_FORCE": "0"}, false, false},
		{"CLICOLOR_FORCE beats CLICOLOR=0", "auto", env{"CLICOLOR_FORCE": "1", "CLICOLOR": "0"}, false, true},
		{"CLICOLOR=0", "auto", env{"CLICOLOR": "0"}, true, false},
		{"CLICOLOR=1 needs a terminal", "auto", env{"CLICOLOR": "1"}, false, false},
		{"TERM=dumb", "auto", env{"TERM": "dumb"}, true, false},
		{"FORCE_COLOR beats TERM=dumb", "auto", env{"FORCE_COLOR": "1", "TERM": "dumb"}, true, true},
	} {
		getenv := func(name string) string { return tt.env[name] }
		if got := UseColor(tt.mode, getenv, tt.terminal); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Colour adds nothing that is not there in words, whatever the library thinks
// of the environment.
func TestColorOnlyPaints(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	var plain, painted bytes.Buffer
	if err := play(NewText(&plain, TextOptions{}), summaryOf(everyConnection()...), everyConnection()...); err != nil {
		t.Fatal(err)
	}
	if err := play(NewText(&painted, TextOptions{Palette: NewPalette(true)}), summaryOf(everyConnection()...), everyConnection()...); err != nil {
		t.Fatal(err)
	}
	if !escapes.Match(painted.Bytes()) {
		t.Error("nothing is painted")
	}
	if diff := cmp.Diff(plain.String(), escapes.ReplaceAllString(painted.String(), "")); diff != "" {
		t.Error(diff)
	}
}
