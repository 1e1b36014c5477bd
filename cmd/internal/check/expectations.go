package check

import (
	_ "embed"
	"errors"
	"fmt"

	"github.com/expr-lang/expr/vm"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
)

// Schema is the JSON Schema of a file of expectations, for editors.
//
//go:embed schema.json
var Schema []byte

// formatVersion is that of files of expectations and of baselines.
const formatVersion = 1

// Expectations are the rules of a file, compiled.
type Expectations struct {
	Name  string // of the file
	rules []*rule
}

// rule is one expectation.
type rule struct {
	spec
	severity  detect.Severity
	line      int         // in the file, from 1
	whose     *vm.Program // which connections; nil when it is about the whole capture
	condition *vm.Program
	operands  []operand // what the condition compares, to be shown when it fails
	culprits  *vm.Program
}

// document is a file of expectations as it is written.
type document struct {
	Version int    `yaml:"version"`
	Rules   []spec `yaml:"rules"`
}

type spec struct {
	Name     string `yaml:"name"`
	For      string `yaml:"for"`
	Expect   string `yaml:"expect"`
	Severity string `yaml:"severity"`
	Optional bool   `yaml:"optional"` // it may be that no connection matches For
}

// Load reads a file of expectations. An error names the file, the line and the
// column, and shows the place.
func Load(name string, data []byte) (*Expectations, error) {
	src := newSource(name, data)
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, src.yamlFault(err, src.hint)
	}
	var doc document
	if err := yaml.UnmarshalWithOptions(data, &doc, yaml.Strict()); err != nil {
		return nil, src.yamlFault(err, func(int) string { return "" })
	}
	l := loader{src, tree}
	if err := l.header(&doc); err != nil {
		return nil, err
	}
	out := &Expectations{Name: name}
	for i := range doc.Rules {
		r, err := l.rule(i, &doc.Rules[i])
		if err != nil {
			return nil, err
		}
		out.rules = append(out.rules, r)
	}
	return out, l.unique(doc.Rules)
}

// yamlFault words an error of the YAML library with the place it tells, and what
// hint has to say about that line.
func (s *source) yamlFault(err error, hint func(line int) string) error {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	p := at.GetToken().Position
	return s.fault(p.Line, p.Column, at.GetMessage()+hint(p.Line))
}

// loader finds the places of what it compiles.
type loader struct {
	*source
	tree *ast.File
}

func (l *loader) header(doc *document) error {
	switch {
	case doc.Version != formatVersion:
		line, column := l.place("$.version")
		return l.fault(line, column, fmt.Sprintf("this is read as version %d, write: version: %[1]d", formatVersion))
	case len(doc.Rules) == 0:
		line, column := l.place("$.rules")
		return l.fault(line, column, "there are no rules: a check without any would never fail")
	}
	return nil
}

// place is where the value of a path begins, the top of the file for one that is not there.
func (l *loader) place(path string) (line, column int) {
	p, err := yaml.PathString(path)
	if err != nil {
		return 1, 1
	}
	node, err := p.FilterFile(l.tree)
	if err != nil || node == nil || node.GetToken() == nil {
		return 1, 1
	}
	at := node.GetToken().Position
	return at.Line, at.Column
}

// rule compiles the i-th rule.
func (l *loader) rule(i int, s *spec) (*rule, error) {
	path := fmt.Sprintf("$.rules[%d]", i)
	r := &rule{spec: *s}
	r.line, _ = l.place(path + ".name")
	var err error
	switch {
	case s.Name == "":
		return nil, l.faultAt(path, "this rule has no name")
	case s.Expect == "":
		return nil, l.faultAt(path, "this rule expects nothing: add a line \"expect\"")
	}
	if r.severity, err = severity(s.Severity); err != nil {
		return nil, l.faultAt(path+".severity", err.Error())
	}
	names := captureScope()
	if s.For != "" {
		names = connectionScope()
		if r.whose, err = names.condition(s.For); err != nil {
			return nil, l.expressionFault(path+".for", s.For, err)
		}
	}
	if r.condition, err = names.condition(s.Expect); err != nil {
		return nil, l.expressionFault(path+".expect", s.Expect, err)
	}
	r.operands, r.culprits = names.parts(s.Expect)
	return r, nil
}

func (l *loader) faultAt(path, message string) error {
	line, column := l.place(path)
	return l.fault(line, column, message)
}

// expressionFault points at the place within an expression.
func (l *loader) expressionFault(path, text string, err error) error {
	line, column := l.place(path)
	var f *fault
	if !errors.As(err, &f) {
		return l.fault(line, column, err.Error())
	}
	line, column = l.find(text, *f, line, column)
	return l.fault(line, column, f.message)
}

// unique refuses two rules of one name: reports tell rules by their names.
func (l *loader) unique(rules []spec) error {
	seen := map[string]bool{}
	for i := range rules {
		if seen[rules[i].Name] {
			return l.faultAt(fmt.Sprintf("$.rules[%d].name", i), "another rule has this name")
		}
		seen[rules[i].Name] = true
	}
	return nil
}

// severity reads the severity of a rule; an error is the default.
func severity(word string) (detect.Severity, error) {
	if word == "" {
		return detect.Error, nil
	}
	for s := detect.NoteLevel; s <= detect.Error; s++ {
		if word == s.String() {
			return s, nil
		}
	}
	return 0, fmt.Errorf("severity is note, warning or error")
}
