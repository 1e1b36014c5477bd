package main

import (
	"os"
	"testing"
)

// pipe is a console whose standard output is no terminal.
func pipe(t *testing.T, env map[string]string) console {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return console{stdout: w, getenv: func(name string) string { return env[name] }}
}

func TestUnicode(t *testing.T) {
	for _, tc := range []struct {
		all, ctype, lang string
		want             bool
	}{
		{"", "", "", false}, // POSIX: the locale is "C"
		{"", "", "en_US.UTF-8", true},
		{"", "", "de_DE.utf8", true},
		{"", "", "de_DE.ISO-8859-1", false},
		{"C", "", "en_US.UTF-8", false},
		{"", "C.UTF-8", "C", true},
		{"C.UTF-8", "C", "C", true},
	} {
		c := pipe(t, map[string]string{"LC_ALL": tc.all, "LC_CTYPE": tc.ctype, "LANG": tc.lang})
		if got := c.unicode(); got != tc.want {
			t.Errorf("LC_ALL=%s LC_CTYPE=%s LANG=%s: %v", tc.all, tc.ctype, tc.lang, got)
		}
	}
}

func TestColumns(t *testing.T) {
	for _, tc := range []struct {
		asked   int
		columns string
		want    int
	}{
		{0, "", pipeColumns},
		{0, "132", 132},
		{80, "132", 80},
		{0, "wide", pipeColumns},
		{0, "-1", pipeColumns},
	} {
		c := pipe(t, map[string]string{"COLUMNS": tc.columns})
		if got := c.columns(tc.asked); got != tc.want {
			t.Errorf("--width %d, COLUMNS=%s: %d, want %d", tc.asked, tc.columns, got, tc.want)
		}
	}
}
