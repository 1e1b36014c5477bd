package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// open opens what -r names.
func (o options) open() (capture.Source, error) {
	if o.text {
		return openText(o.files[0])
	}
	return capture.OpenAll(o.files)
}

// reads reports whether -r reads the file of a path.
func (o options) reads(path string) bool {
	target, err := os.Stat(path)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(capture.Files(o.files), func(file string) bool {
		source, err := os.Stat(file)
		return err == nil && os.SameFile(source, target)
	})
}

// called is how messages call what was read.
func called(files []string) string {
	const named = 3
	if len(files) > named {
		return fmt.Sprintf("the set of %d files", len(files))
	}
	return strings.Join(files, ", ")
}

// frames is what a source knows about its frames besides their packets: sink.Frames.
type frames struct {
	set        *capture.Set // nil unless several files are merged
	commenter  capture.Commenter
	namer      capture.InterfaceNamer
	noter      capture.Noter
	texts      map[int]string  // comments by frame
	interfaces map[uint32]bool // that frames came from
	names      []string        // of these, each once
}

func newFrames(source capture.Source) *frames {
	k := &frames{texts: map[int]string{}, interfaces: map[uint32]bool{}}
	k.commenter, _ = source.(capture.Commenter)
	k.namer, _ = source.(capture.InterfaceNamer)
	k.noter, _ = source.(capture.Noter)
	if set, ok := source.(*capture.Set); ok && len(set.Paths()) > 1 {
		k.set = set
	}
	return k
}

// see takes in what the source knows about the frame that it has just handed over.
func (k *frames) see(f *reassembly.Frame) {
	if k == nil {
		return
	}
	if k.commenter != nil {
		if text := k.commenter.Comment(); text != "" {
			k.texts[f.Number] = text
		}
	}
	if k.namer == nil || k.interfaces[f.Interface] {
		return
	}
	k.interfaces[f.Interface] = true
	if name := k.namer.InterfaceName(f.Interface); name != "" && !slices.Contains(k.names, name) {
		k.names = append(k.names, name)
	}
}

// Place implements sink.Frames.
func (k *frames) Place(number int) (file string, frame int) {
	if k.set == nil {
		return "", number
	}
	return k.set.Place(number)
}

// Comment implements sink.Frames.
func (k *frames) Comment(number int) string { return k.texts[number] }

// complete adds to a summary what is known about the input.
func (k *frames) complete(sum *analyzer.Summary) {
	if k == nil {
		return
	}
	sum.Interfaces = k.names
	if k.noter != nil {
		sum.Notes = k.noter.Notes()
	}
	if k.set == nil {
		return
	}
	sum.Files = k.set.Paths()
	for _, in := range k.set.Inputs() {
		sum.Inputs = append(sum.Inputs, analyzer.Input(in))
	}
}
