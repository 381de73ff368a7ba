package eval

import "strings"

// test says whether an expression is true, without making a Value of it where
// that can be spared.
func test(n node, e *env) bool {
	switch n := n.(type) {
	case *condition:
		return n.test(e)
	case *oneOf:
		return n.test(e)
	case *andNode:
		for _, arg := range n.args {
			if !test(arg, e) {
				return false
			}
		}
		return len(n.args) > 0
	case *orNode:
		for _, arg := range n.args {
			if test(arg, e) {
				return true
			}
		}
		return false
	case *notNode:
		return test(n.arg, e) == n.want
	}
	return eval(n, e).truthy()
}

// condition is what most rules consist of: an attribute compared with literals.
// It means what the general nodes mean, and saves their steps.
type condition struct {
	attribute string
	op        conditionOp
	negate    bool
	order     order
	literal   Value
}

// oneOf is in with an attribute and a literal list.
type oneOf struct {
	attribute string
	set       *inSetNode
}

func (n *oneOf) test(e *env) bool { return n.set.has(e.top(n.attribute)) }

type conditionOp uint8

const (
	isEqual conditionOp = iota
	isStrictlyEqual
	isOrdered
	startsWith
	endsWith
	contains
)

func (n *condition) eval(e *env) Value {
	if n.op == startsWith || n.op == endsWith {
		if e.top(n.attribute).kind != kindString {
			return Value{} // null, which as a whole rule is not "false"
		}
	}
	return Bool(n.test(e))
}

func (n *condition) test(e *env) bool {
	v := e.top(n.attribute)
	texts := v.kind == kindString && n.literal.kind == kindString
	switch n.op {
	case isEqual, isStrictlyEqual:
		if texts {
			return (v.str == n.literal.str) != n.negate
		}
		if n.op == isStrictlyEqual {
			return strictEqual(*v, n.literal) != n.negate
		}
		return looseEqual(*v, n.literal) != n.negate
	case isOrdered:
		return n.order.holds(*v, n.literal)
	case startsWith:
		return texts && strings.HasPrefix(v.str, n.literal.str)
	case endsWith:
		return texts && strings.HasSuffix(v.str, n.literal.str)
	default: // contains
		if texts {
			return strings.Contains(v.str, n.literal.str)
		}
		return isIn(e, n.literal, *v)
	}
}

// attributeOf returns the name of the context's attribute that an expression
// stands for, if it is no more than that.
func (c *compiler) attributeOf(r rule) (string, bool) {
	v, ok := r.node.(*varNode)
	if !ok || c.scoped > 0 || len(v.path) != 1 || v.fallback != nil || v.path[0] == nameFlagd || v.path[0] == nameTargetingKey {
		return "", false
	}
	return v.path[0], true
}

// condition compiles an operator of an attribute and a literal; nil if it is
// something else.
func (c *compiler) condition(name string, args []rule) node {
	if len(args) != 2 {
		return nil
	}
	attribute, ok := c.attributeOf(args[0])
	literal, isLiteral := args[1].constant()
	if name == "in" && !ok { // a literal text in an attribute
		attribute, ok = c.attributeOf(args[1])
		literal, isLiteral = args[0].constant()
		if !ok || !isLiteral || literal.kind != kindString {
			return nil
		}
		return &condition{attribute: attribute, op: contains, literal: literal}
	}
	if !ok || !isLiteral {
		return nil
	}
	n := &condition{attribute: attribute, literal: literal}
	switch name {
	case "==", "!=":
		n.op, n.negate = isEqual, name == "!="
	case "===", "!==":
		n.op, n.negate = isStrictlyEqual, name == "!=="
	case "<", "<=", ">", ">=":
		n.op, n.order = isOrdered, orders[name]
	case "starts_with", "ends_with":
		if literal.kind != kindString {
			return nil
		}
		n.op = startsWith
		if name == "ends_with" {
			n.op = endsWith
		}
	case "in":
		if set := setOf(nil, literal); set != nil {
			return &oneOf{attribute, set}
		}
		return nil
	default:
		return nil
	}
	return n
}
