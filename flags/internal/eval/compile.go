package eval

import (
	"fmt"
	"strings"

	"github.com/evenkeel-go/evenkeel/flags/internal/jsontree"
)

// compiler compiles the targeting of a document's flags.
type compiler struct {
	src        []byte
	limits     Limits
	evaluators *jsontree.Node // nil: none
	version    int            // of bucketing
	refs       map[refKey]*ref
	shared     shared

	// Of the flag that is being compiled:
	flag     string
	nodes    int
	scoped   int // how many list operators surround the place
	problems []Problem
}

// refKey: inside a list operator var means something else, so an evaluator is
// compiled once for each.
type refKey struct {
	name   string
	scoped bool
}

// ref is a compiled evaluator, shared by all flags that refer to it.
type ref struct {
	rule
	nodes    int
	problems []Problem
	busy     bool // it is being compiled: another reference to it is a circle
}

// rule is a compiled expression and what is known about it.
type rule struct {
	node   node
	cost   int
	length int // of the list that it gives; contextListLength if unknown
}

// constant returns the value of a literal.
func (r rule) constant() (Value, bool) {
	l, ok := r.node.(*literal)
	if !ok {
		return Value{}, false
	}
	return l.value, true
}

func (c *compiler) report(at *place, n *jsontree.Node, format string, args ...any) rule {
	reason := fmt.Sprintf(format, args...)
	c.problems = append(c.problems, problem(c.src, c.flag, at, n, reason))
	return rule{node: &failNode{reason}, cost: 1}
}

// targeting compiles a flag's whole rule.
func (c *compiler) targeting(flag string, at *place, n *jsontree.Node) (node, []Problem) {
	c.flag, c.nodes, c.scoped, c.problems = flag, 0, 0, nil
	r := c.expression(at, n)
	if len(c.problems) == 0 && c.nodes > c.limits.MaxRuleNodes {
		c.report(at, n, "the rule has %d expressions, more than %d: split the flag or move lists of values into literals of \"in\"", c.nodes, c.limits.MaxRuleNodes)
	}
	if len(c.problems) == 0 && r.cost > c.limits.MaxRuleCost {
		c.report(at, n, "one evaluation may reach %d expressions, more than %d (a list from the context counts as %d elements): nest fewer list operators", r.cost, c.limits.MaxRuleCost, contextListLength)
	}
	return r.node, c.problems
}

func (c *compiler) expression(at *place, n *jsontree.Node) rule {
	switch {
	case n.Kind == jsontree.Array:
		return c.listOf(at, n)
	case n.Kind == jsontree.Object && len(n.Keys) == 1:
		c.nodes++
		return c.operator(at.member(n.Keys[0].Name), n, n.Keys[0].Name, &n.Items[0])
	default:
		return c.literal(n)
	}
}

// literal compiles a value that is written out; equal texts share one node.
func (c *compiler) literal(n *jsontree.Node) rule {
	if n.Kind != jsontree.String {
		return constantRule(FromNode(n))
	}
	l := c.shared.literals[n.Str]
	if l == nil {
		l = &literal{String(n.Str)}
		c.shared.literals[n.Str] = l
	}
	return rule{node: l, cost: 1, length: 1}
}

func constantRule(v Value) rule {
	return rule{node: &literal{v}, cost: 1, length: max(len(v.items()), 1)}
}

// listOf compiles a list; one of literals is a literal.
func (c *compiler) listOf(at *place, n *jsontree.Node) rule {
	return listRule(c.all(at, n.Items))
}

func listRule(items []rule) rule {
	if values, ok := constants(items); ok {
		return rule{node: &literal{list(values)}, cost: 1, length: len(values)}
	}
	return rule{node: &listNode{nodes(items)}, cost: 1 + cost(items), length: len(items)}
}

func (c *compiler) all(at *place, items []jsontree.Node) []rule {
	rules := make([]rule, len(items))
	for i := range items {
		rules[i] = c.expression(at.element(i), &items[i])
	}
	return rules
}

func constants(rules []rule) ([]Value, bool) {
	values := make([]Value, len(rules))
	for i, r := range rules {
		v, ok := r.constant()
		if !ok {
			return nil, false
		}
		values[i] = v
	}
	return values, true
}

func nodes(rules []rule) []node {
	out := make([]node, len(rules))
	for i, r := range rules {
		out[i] = r.node
	}
	return out
}

func cost(rules []rule) int {
	total := 0
	for _, r := range rules {
		total = saturate(total + r.cost)
	}
	return total
}

// saturate keeps products of costs from overflowing.
func saturate(n int) int { return min(n, 1<<30) }

// reference compiles {"$ref": name}.
func (c *compiler) reference(at *place, n, arg *jsontree.Node) rule {
	if arg.Kind != jsontree.String {
		return c.report(at, n, "$ref wants the name of one of $evaluators as a text, not %s", arg.Kind)
	}
	target := c.evaluators.Get(arg.Str)
	if target == nil {
		return c.report(at, n, "there is no %q among $evaluators", arg.Str)
	}
	key := refKey{arg.Str, c.scoped > 0}
	r := c.refs[key]
	if r == nil {
		r = c.evaluator(key, target)
	}
	if r.busy {
		return c.report(at, n, "$evaluators.%s refers to itself in a circle", arg.Str)
	}
	c.nodes += r.nodes
	for _, p := range r.problems {
		p.Flag = c.flag
		c.problems = append(c.problems, p)
	}
	return r.rule
}

// evaluator compiles one of $evaluators, once.
func (c *compiler) evaluator(key refKey, target *jsontree.Node) *ref {
	r := &ref{busy: true}
	c.refs[key] = r
	outer := *c
	c.nodes, c.problems = 0, nil
	at := (&place{name: "$evaluators", index: -1}).member(key.name)
	if target.Kind == jsontree.Object && len(target.Items) == 0 {
		r.rule = c.report(at, target, "an evaluator cannot be empty")
	} else {
		r.rule = c.expression(at, target)
	}
	r.nodes, r.problems, r.busy = c.nodes, c.problems, false
	*c = outer
	return r
}

// splitPath splits a var's path at its dots. "" is all there is.
func splitPath(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, ".")
}
