package capture

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// input is a file to read, as its name came about.
type input struct {
	path  string
	found bool // in a directory: not everything there needs to be a capture
}

// resolve replaces directories by the files in them, and patterns that name no file by
// what they match. Files keep the order in which they were named, each once.
func resolve(args []string) ([]input, error) {
	var all []input
	for _, arg := range args {
		more, err := resolveOne(arg)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return distinct(all), nil
}

// Files returns the files that OpenAll would read, as far as their names tell.
func Files(args []string) []string {
	inputs, _ := resolve(args) // OpenAll has the error
	paths := make([]string, len(inputs))
	for i, in := range inputs {
		paths[i] = in.path
	}
	return paths
}

func resolveOne(arg string) ([]input, error) {
	info, err := os.Stat(arg)
	switch {
	case arg == "-":
		return []input{{path: arg}}, nil
	case err == nil && info.IsDir():
		return inDirectory(arg)
	case err == nil || !strings.ContainsAny(arg, `*?[`):
		return []input{{path: arg}}, nil // opening it words the error
	}
	matches, err := filepath.Glob(arg)
	if err != nil {
		return nil, fmt.Errorf("%s is no file, and no pattern either: %w", arg, err)
	}
	if len(matches) == 0 {
		return nil, fmt.Errorf("no file matches %s", arg)
	}
	var inputs []input
	for _, path := range matches {
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			inputs = append(inputs, input{path: path})
		}
	}
	return inputs, nil
}

// inDirectory returns the regular files of a directory, but for hidden ones and those
// of directories below.
func inDirectory(dir string) ([]input, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &FileError{dir, withoutPath(err)}
	}
	var inputs []input
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
			inputs = append(inputs, input{path: path, found: true})
		}
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("there is no file in the directory %s", dir)
	}
	return inputs, nil
}

// distinct drops files that are named again, by whatever path.
func distinct(inputs []input) []input {
	var infos []os.FileInfo
	return slices.DeleteFunc(inputs, func(in input) bool {
		info, err := os.Stat(in.path)
		if in.path == "-" {
			info, err = os.Stdin.Stat()
		}
		if err != nil {
			return false
		}
		again := slices.ContainsFunc(infos, func(known os.FileInfo) bool { return os.SameFile(known, info) })
		infos = append(infos, info)
		return again
	})
}

// shortNames returns for each path the shortest end of it that names no other: the
// base name as a rule. Paths are distinct.
func shortNames(paths []string) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = filepath.Base(path)
		for rest := filepath.Dir(path); clashes(names[i], i, paths) && len(names[i]) < len(path); rest = filepath.Dir(rest) {
			names[i] = filepath.Join(filepath.Base(rest), names[i])
		}
	}
	return names
}

func clashes(name string, own int, paths []string) bool {
	for i, path := range paths {
		if i != own && (path == name || strings.HasSuffix(path, string(filepath.Separator)+name)) {
			return true
		}
	}
	return false
}
