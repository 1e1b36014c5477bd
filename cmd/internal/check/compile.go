package check

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// scope is what the names of an expression stand for.
type scope struct {
	env    any
	fields map[string][]string
	fixed  []expr.Option
}

// connectionEnv holds the connection one level down, where its field "duration"
// does not hide the function of that name: member puts the level in.
type connectionEnv struct {
	It *Connection `expr:"it"`
}

func connectionScope() *scope {
	names := fields(reflect.TypeFor[Connection]())
	return &scope{connectionEnv{}, names, []expr.Option{expr.Env(connectionEnv{}), expr.Patch(member(names[""]))}}
}

func captureScope() *scope {
	return &scope{Capture{}, fields(reflect.TypeFor[Capture]()), []expr.Option{expr.Env(Capture{})}}
}

// member makes each name of a field a field of "it".
type member []string

// Visit implements ast.Visitor.
func (m member) Visit(node *ast.Node) {
	if id, ok := (*node).(*ast.IdentifierNode); ok && slices.Contains(m, id.Value) {
		ast.Patch(node, &ast.MemberNode{Node: &ast.IdentifierNode{Value: "it"}, Property: &ast.StringNode{Value: id.Value}})
	}
}

// fault is what is wrong with an expression, and where.
type fault struct {
	line, column int // of the expression, from 1
	message      string
}

func (f *fault) Error() string { return f.message }

// condition compiles an expression that is true or false.
func (s *scope) condition(text string) (*vm.Program, error) {
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, s.word(err)
	}
	c := critic{text: text}
	ast.Walk(&tree.Node, &c)
	program, err := expr.Compile(text, append(s.fixed, expr.AsBool())...)
	if err != nil {
		return nil, s.word(err)
	}
	if c.found != nil {
		return nil, c.found
	}
	return program, nil
}

// value compiles a part of an expression that condition has taken.
func (s *scope) value(text string) (*vm.Program, error) { return expr.Compile(text, s.fixed...) }

var (
	unknownName  = regexp.MustCompile(`^unknown name (\S+)$`)
	unknownField = regexp.MustCompile(`^type (\S+) has no field (\S+)$`)
	mismatch     = regexp.MustCompile(`mismatched types time\.Duration and (int|float64|string)\)`)
)

// word makes a fault of an error of the expression language: in the words of the
// report instead of Go's, and with the nearest field.
func (s *scope) word(err error) *fault {
	var at *file.Error
	if !errors.As(err, &at) {
		return &fault{1, 1, strings.Replace(err.Error(), "expected bool, but got", "this must be true or false, but is of type", 1)}
	}
	message := at.Message
	if m := unknownName.FindStringSubmatch(message); m != nil {
		message = s.unknown(m[1])
	} else if m := unknownField.FindStringSubmatch(message); m != nil {
		names := s.fields[strings.TrimLeft(m[1], "*[]")]
		message = fmt.Sprintf("there is no field %s here: %s", m[2], didYouMean(m[2], names))
	} else if mismatch.MatchString(message) {
		message = `a duration is compared with a duration: duration("50ms")`
	}
	return &fault{at.Line, at.Column + 1, message}
}

// unknown words an unknown name, which may be a field of the other scope.
func (s *scope) unknown(name string) string {
	_, whole := s.env.(Capture)
	if of := reflect.TypeFor[Connection](); whole && slices.Contains(fields(of)[""], name) {
		return fmt.Sprintf("%s is a field of a connection: add a line such as \"for: server.port == 9000\", or ask all(connections, .%[1]s …)", name)
	}
	if of := reflect.TypeFor[Capture](); !whole && slices.Contains(fields(of)[""], name) {
		return fmt.Sprintf("%s is about the whole capture: leave out the line \"for\"", name)
	}
	return fmt.Sprintf("there is no field %s: %s", name, didYouMean(name, s.fields[""]))
}

// critic finds constants that make an expression true or false for ever.
type critic struct {
	text  string
	found error
}

// Visit implements ast.Visitor.
func (c *critic) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BuiltinNode:
		c.duration(n)
	case *ast.BinaryNode:
		switch n.Operator {
		case "==", "!=", "in":
			c.compare(n.Left, n.Right)
			c.compare(n.Right, n.Left)
		}
	case *ast.MemberNode:
		c.compare(n.Node, n.Property) // findings["code"] of the capture
	}
}

// duration tries the constant of duration("50ms").
func (c *critic) duration(n *ast.BuiltinNode) {
	if n.Name != "duration" || len(n.Arguments) != 1 {
		return
	}
	if text, ok := n.Arguments[0].(*ast.StringNode); ok {
		if _, err := time.ParseDuration(text.Value); err != nil {
			c.refuse(text, fmt.Sprintf("%q is no duration: write 50ms, 1.5s or 2m", text.Value))
		}
	}
}

// compare checks the constants that a field is compared with against what the
// field can be: a word that no connection ever has would be a check that never fails.
func (c *critic) compare(field, constant ast.Node) {
	name := lastName(field)
	allowed := words(name)
	if allowed == nil {
		return
	}
	list := []ast.Node{constant}
	if array, ok := constant.(*ast.ArrayNode); ok {
		list = array.Nodes
	}
	for _, n := range list {
		if text, ok := n.(*ast.StringNode); ok && !slices.Contains(allowed, text.Value) {
			c.refuse(text, fmt.Sprintf("%s is never %q: %s", name, text.Value, didYouMean(text.Value, allowed)))
		}
	}
}

// lastName is "last" of states.client.last, "" of anything but a field.
func lastName(n ast.Node) string {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value
	case *ast.ChainNode:
		return lastName(n.Node)
	case *ast.MemberNode:
		if _, inner := n.Node.(*ast.IdentifierNode); inner || lastName(n.Node) != "" || isPointer(n.Node) {
			if text, ok := n.Property.(*ast.StringNode); ok {
				return text.Value
			}
		}
	}
	return ""
}

func isPointer(n ast.Node) bool {
	_, ok := n.(*ast.PointerNode)
	return ok
}

// refuse keeps the first fault.
func (c *critic) refuse(n ast.Node, message string) {
	if c.found == nil {
		at := (&file.Error{Location: n.Location()}).Bind(file.NewSource(c.text))
		c.found = &fault{at.Line, at.Column + 1, message}
	}
}
