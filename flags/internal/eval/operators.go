package eval

import (
	"slices"
	"strings"

	"github.com/evenkeel-go/evenkeel/flags/internal/jsontree"
)

// operatorNames is what a rule may use: flagd's targeting schema.
const operatorNames = "var missing missing_some if == === != !== > >= < <= % / * + - max min or and ! !! in cat substr merge map filter reduce all none some starts_with ends_with sem_ver fractional $ref"

var operatorList = strings.Fields(operatorNames)

// operator compiles {name: arg}. A bare argument counts as a list of one,
// except for if.
func (c *compiler) operator(at *place, n *jsontree.Node, name string, arg *jsontree.Node) rule {
	switch name {
	case "$ref":
		return c.reference(at, n, arg)
	case "if":
		if arg.Kind != jsontree.Array {
			return c.report(at, n, "if wants its arguments in a list: [condition, then, else]")
		}
	case "fractional":
		return c.fractional(at, arg)
	case "map", "filter", "reduce", "all", "some", "none":
		return c.iteration(at, n, name, arg)
	}
	var args []rule
	if arg.Kind == jsontree.Array {
		args = c.all(at, arg.Items)
	} else {
		args = []rule{c.expression(at, arg)}
	}
	r := rule{cost: 1 + cost(args), length: contextListLength}
	switch name {
	case "merge":
		r.node, r.length = &mergeNode{nodes(args)}, 0
		for _, a := range args {
			r.length = saturate(r.length + a.length)
		}
	case "missing":
		r.node, r.length = &missingNode{nodes(args)}, 0
		for _, a := range args {
			r.length = saturate(r.length + a.length)
		}
	case "missing_some":
		names := argument(args, 1)
		r.node, r.length = &missingSomeNode{argument(args, 0).node, names.node}, names.length
	default:
		r.node = c.plain(name, args)
	}
	if r.node == nil {
		return c.report(at, n, "unknown operator %q: %s", name, suggest(name))
	}
	return r
}

// plain compiles the operators that take their arguments as they come; nil for
// an unknown one.
func (c *compiler) plain(name string, args []rule) node {
	if n := c.condition(name, args); n != nil {
		return n
	}
	first, second := argument(args, 0).node, argument(args, 1).node
	switch name {
	case "if":
		return newIf(nodes(args))
	case "and":
		return &andNode{nodes(args)}
	case "or":
		return &orNode{nodes(args)}
	case "!":
		return &notNode{first, false}
	case "!!":
		return &notNode{first, true}
	case "var":
		return c.variable(args)
	case "==", "===", "!=", "!==":
		negate := name[0] == '!'
		if len(args) < 2 {
			return &literal{Bool(negate)}
		}
		return &equalNode{first, second, len(name) == 3, negate}
	case "<", "<=", ">", ">=":
		return &orderNode{nodes(args), orders[name]}
	case "+", "-", "*", "/", "%", "min", "max":
		return &arithNode{nodes(args), map[string]operation{
			"+": add, "-": subtract, "*": multiply, "/": divide, "%": modulo, "min": minimum, "max": maximum,
		}[name]}
	case "cat":
		return &catNode{nodes(args)}
	case "substr":
		return &substrNode{nodes(args)}
	case "in":
		return membership(argument(args, 0), argument(args, 1))
	case "starts_with", "ends_with":
		if len(args) != 2 {
			return &literal{}
		}
		return &affixNode{first, second, name == "ends_with"}
	case "sem_ver":
		return semVer(args)
	default:
		return nil
	}
}

// argument is the i-th argument, null if there are fewer.
func argument(args []rule, i int) rule {
	if i < len(args) {
		return args[i]
	}
	return constantRule(Value{})
}

// variable compiles var: a path and what to use where it leads to nothing.
func (c *compiler) variable(args []rule) node {
	var fallback node
	if len(args) > 1 {
		fallback = args[1].node
	}
	path, ok := argument(args, 0).constant()
	switch {
	case !ok:
		return &varExprNode{args[0].node, fallback}
	case len(args) == 0:
		return &varNode{nil, nil}
	case path.kind != kindString: // null or a number leads to nothing
		if fallback == nil {
			return &literal{}
		}
		return fallback
	case c.scoped == 0 && path.str == "$flagd.flagKey":
		return &flagdNode{}
	case c.scoped == 0 && path.str == "$flagd.timestamp":
		return &flagdNode{timestamp: true}
	}
	names := splitPath(path.str)
	for i := range names {
		names[i] = c.shared.text(names[i])
	}
	return &varNode{names, fallback}
}

// membership compiles in; a literal list of scalars becomes a set.
func membership(needle, haystack rule) node {
	if v, ok := haystack.constant(); ok {
		if set := setOf(needle.node, v); set != nil {
			return set
		}
	}
	return &inNode{needle.node, haystack.node}
}

// setOf is a literal list of scalars as a set; nil for anything else.
func setOf(needle node, haystack Value) *inSetNode {
	if haystack.kind != kindList {
		return nil
	}
	for _, item := range haystack.items() {
		if item.kind == kindList || item.kind == kindObject {
			return nil
		}
	}
	return newInSet(needle, haystack.items())
}

func semVer(args []rule) node {
	if len(args) != 3 {
		return &literal{}
	}
	n := &semVerNode{left: args[0].node, op: args[1].node, right: args[2].node}
	if v, ok := args[2].constant(); ok {
		parsed, valid := versionOf(v)
		if !valid {
			return &literal{}
		}
		n.literal = &parsed
	}
	return n
}

// subject compiles the list that an iteration runs over. Written out, it may
// hold objects of one member that are no operators, but data.
func (c *compiler) subject(at *place, n *jsontree.Node) rule {
	if n.Kind != jsontree.Array {
		return c.expression(at, n)
	}
	items := make([]rule, len(n.Items))
	for i := range n.Items {
		item := &n.Items[i]
		if item.Kind == jsontree.Object && len(item.Keys) == 1 && !slices.Contains(operatorList, item.Keys[0].Name) {
			items[i] = constantRule(FromNode(item))
		} else {
			items[i] = c.expression(at.element(i), item)
		}
	}
	return listRule(items)
}

// iteration compiles the operators that run an expression for each element.
func (c *compiler) iteration(at *place, n *jsontree.Node, name string, arg *jsontree.Node) rule {
	if arg.Kind != jsontree.Array || len(arg.Items) < 2 {
		return c.report(at, n, "%s wants [list, expression]", name)
	}
	over := c.subject(at.element(0), &arg.Items[0])
	c.scoped++
	body := c.expression(at.element(1), &arg.Items[1])
	c.scoped--
	r := rule{cost: saturate(1 + over.cost + over.length*body.cost), length: over.length}
	if name == "reduce" {
		initial := constantRule(Value{})
		if len(arg.Items) > 2 {
			initial = c.expression(at.element(2), &arg.Items[2])
		}
		r.node, r.cost, r.length = &reduceNode{over.node, body.node, initial.node}, r.cost+initial.cost, contextListLength
		return r
	}
	r.node = &eachNode{over.node, body.node, map[string]iteration{
		"map": mapList, "filter": filterList, "all": allOf, "some": someOf, "none": noneOf,
	}[name]}
	return r
}

// fractional compiles a rollout. What can never be one gives null, as in flagd.
func (c *compiler) fractional(at *place, arg *jsontree.Node) rule {
	if arg.Kind != jsontree.Array {
		return rule{node: &literal{}, cost: 1, length: 1}
	}
	n := &fractionalNode{version: c.version}
	r := rule{node: n, cost: 1, length: 1}
	for i := range arg.Items {
		item, here := &arg.Items[i], at.element(i)
		if item.Kind == jsontree.Array && len(item.Items) > 0 {
			parts := c.all(here, item.Items)
			b := bucket{variant: parts[0].node}
			if len(parts) > 1 {
				b.weight = parts[1].node
			}
			n.buckets = append(n.buckets, b)
			r.cost = saturate(r.cost + cost(parts))
			continue
		}
		part := c.expression(here, item)
		r.cost = saturate(r.cost + part.cost)
		if i == 0 && item.Kind != jsontree.Array {
			n.key = part.node
		} else {
			n.buckets = append(n.buckets, bucket{list: part.node})
		}
	}
	if n.prepare(); c.version == bucketingUnknown {
		return c.report(at, arg, "the document's metadata asks for a bucketing that this version does not know; it knows 2 (the default) and 3")
	}
	return r
}

// suggest names the operators a mistyped one may have meant.
func suggest(name string) string {
	var near []string
	for _, known := range operatorList {
		if len(known) > 1 && (strings.EqualFold(known, name) || strings.HasPrefix(name, known) || strings.HasPrefix(known, name) ||
			strings.ReplaceAll(strings.ToLower(name), "_", "") == strings.ReplaceAll(known, "_", "")) {
			near = append(near, known)
		}
	}
	if len(near) > 0 {
		return "did you mean " + strings.Join(near, " or ") + "?"
	}
	return "there are " + operatorNames
}
