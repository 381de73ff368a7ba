package eval

import "strings"

// equalNode is ==, ===, != and !==.
type equalNode struct {
	left, right    node
	strict, negate bool
}

func (n *equalNode) eval(e *env) Value {
	a, b := eval(n.left, e), eval(n.right, e)
	if n.strict {
		return Bool(strictEqual(a, b) != n.negate)
	}
	return Bool(looseEqual(a, b) != n.negate)
}

// strictEqual compares without conversion. Lists and objects equal nothing.
func strictEqual(a, b Value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case kindNull:
		return true
	case kindBool, kindNumber:
		return a.num == b.num
	case kindString:
		return a.str == b.str
	default:
		return false
	}
}

// looseEqual compares numbers with texts and booleans by their number, but
// null with nothing else.
func looseEqual(a, b Value) bool {
	if a.kind == b.kind {
		return strictEqual(a, b)
	}
	if a.kind == kindNull || b.kind == kindNull {
		return false
	}
	x, ok := looseNumber(a)
	y, ok2 := looseNumber(b)
	return ok && ok2 && x == y
}

// looseNumber is the number that a value compares as; "" counts as 0.
func looseNumber(v Value) (float64, bool) {
	switch v.kind {
	case kindBool, kindNumber:
		return v.num, true
	case kindString:
		if v.str == "" {
			return 0, true
		}
		return number(v.str)
	default:
		return 0, false
	}
}

type order uint8

const (
	less order = iota
	lessOrEqual
	greater
	greaterOrEqual
)

var orders = map[string]order{"<": less, "<=": lessOrEqual, ">": greater, ">=": greaterOrEqual}

// orderNode is <, <=, > and >=; with three arguments, between.
type orderNode struct {
	args  []node
	order order
}

func (n *orderNode) eval(e *env) Value {
	if len(n.args) < 2 {
		return Bool(false)
	}
	a, b := eval(n.args[0], e), eval(n.args[1], e)
	holds := n.order.holds(a, b)
	if holds && len(n.args) > 2 {
		holds = n.order.holds(b, eval(n.args[2], e))
	}
	return Bool(holds)
}

func (o order) holds(a, b Value) bool {
	if a.kind == kindString && b.kind == kindString {
		return o.of(strings.Compare(a.str, b.str))
	}
	orEqual := o == lessOrEqual || o == greaterOrEqual
	if orEqual && (a.kind == kindNull || b.kind == kindNull) {
		return false // flagd's: null < 1, but not null <= 0
	}
	x, ok := orderNumber(a)
	y, ok2 := orderNumber(b)
	if !ok || !ok2 {
		return false
	}
	switch o {
	case less:
		return x < y
	case lessOrEqual:
		return x <= y
	case greater:
		return x > y
	default:
		return x >= y
	}
}

func (o order) of(comparison int) bool {
	switch o {
	case less:
		return comparison < 0
	case lessOrEqual:
		return comparison <= 0
	case greater:
		return comparison > 0
	default:
		return comparison >= 0
	}
}

// orderNumber is the number that a value is ordered by; null is 0.
func orderNumber(v Value) (float64, bool) {
	switch v.kind {
	case kindNull, kindBool, kindNumber:
		return v.num, true
	case kindString:
		return number(v.str)
	default:
		return 0, false
	}
}
