package main

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// console is what surrounds the program: its standard streams and environment.
type console struct {
	stdin, stdout, stderr *os.File
	getenv                func(string) string
}

// pipeColumns is the width of text that no terminal shows: files and tickets
// take more than the 80 columns of a terminal.
const pipeColumns = 100

// columns is the width of the text on standard output: what was asked for, or
// COLUMNS, or what the terminal has.
func (c console) columns(asked int) int {
	if asked > 0 {
		return asked
	}
	if n, err := strconv.Atoi(c.getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if n, _, err := term.GetSize(int(c.stdout.Fd())); err == nil && n > 0 {
		return n
	}
	return pipeColumns
}

// unicode reports whether the locale has more than ASCII. The first of the three
// variables that is set decides (POSIX.1-2017 §8.2); with none set it is "C".
func (c console) unicode() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := strings.ToLower(c.getenv(name)); value != "" {
			return strings.Contains(value, "utf-8") || strings.Contains(value, "utf8")
		}
	}
	return false
}
