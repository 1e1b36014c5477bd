package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// operand is a part of a condition whose value tells why it failed.
type operand struct {
	text    string
	program *vm.Program
}

// parts returns the operands of a condition that has compiled, and a program for
// the connections that it is about, nil when it does not single out any.
func (s *scope) parts(text string) ([]operand, *vm.Program) {
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, nil
	}
	var all []operand
	for _, n := range operandsOf(tree.Node) {
		part := n.String()
		program, err := s.value(part)
		if err == nil && !slices.ContainsFunc(all, func(o operand) bool { return o.text == part }) {
			all = append(all, operand{part, program})
		}
	}
	search := culpritSearch{}
	ast.Walk(&tree.Node, &search)
	if search.text == "" {
		return all, nil
	}
	culprits, err := s.value(search.text)
	if err != nil {
		return all, nil
	}
	return all, culprits
}

// operandsOf takes a condition apart down to what is compared.
func operandsOf(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return operandsOf(n.Node)
	case *ast.BinaryNode:
		return append(operandsOf(n.Left), operandsOf(n.Right)...)
	case *ast.ConditionalNode:
		return append(operandsOf(n.Cond), append(operandsOf(n.Exp1), operandsOf(n.Exp2)...)...)
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode, *ast.CallNode:
		return []ast.Node{n}
	case *ast.BuiltinNode:
		if n.Name != "duration" {
			return []ast.Node{n}
		}
	}
	return nil // a constant
}

// culpritSearch looks for the first condition on all connections, and turns it
// into the search for those that it is about.
type culpritSearch struct{ text string }

// Visit implements ast.Visitor.
func (c *culpritSearch) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BuiltinNode)
	if !ok || c.text != "" || len(n.Arguments) != 2 || n.Arguments[0].String() != "connections" {
		return
	}
	switch predicate := n.Arguments[1].String(); n.Name {
	case "count", "filter", "none":
		c.text = fmt.Sprintf("filter(connections, %s)", predicate)
	case "all":
		c.text = fmt.Sprintf("filter(connections, not (%s))", predicate)
	}
}

// values words what the operands are: `teardown is "reset"`.
func values(operands []operand, env any) string {
	var said []string
	for _, o := range operands {
		v, err := expr.Run(o.program, env)
		if err != nil {
			continue // what failed is told by itself
		}
		said = append(said, o.text+" is "+valueText(v))
	}
	return strings.Join(said, ", ")
}

// valueText writes a value as an expression would.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case *string:
		if v == nil {
			return "nil"
		}
		return fmt.Sprintf("%q", *v)
	case *time.Duration:
		if v == nil {
			return "nil"
		}
		return v.String()
	case string:
		return fmt.Sprintf("%q", v)
	case []string:
		return "[" + strings.Join(quoteAll(v), ", ") + "]"
	case []*Connection:
		return fmt.Sprintf("a list of %d", len(v))
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	case bool, int, float64, time.Duration, map[string]int: // fmt sorts the keys
		return fmt.Sprint(v)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	}
	return "something else"
}

func quoteAll(words []string) []string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = fmt.Sprintf("%q", w)
	}
	return quoted
}
