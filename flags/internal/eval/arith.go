package eval

import "math"

type operation uint8

const (
	add operation = iota
	subtract
	multiply
	divide
	modulo
	minimum
	maximum
)

// arithNode is + - * / %, min and max. A text that is no number counts as 0;
// null, booleans, lists and objects fail.
type arithNode struct {
	args []node
	op   operation
}

func (n *arithNode) eval(e *env) Value {
	if len(n.args) == 0 {
		if n.op == add {
			return Number(0)
		}
		return Value{}
	}
	total, ok := operand(e, eval(n.args[0], e))
	if len(n.args) == 1 && n.op == subtract {
		total = -total
	}
	for _, arg := range n.args[1:] {
		x, fine := operand(e, eval(arg, e))
		ok = ok && fine
		total = n.op.apply(total, x)
	}
	if !ok {
		return Value{}
	}
	return Number(total)
}

func (op operation) apply(a, b float64) float64 {
	switch op {
	case add:
		return a + b
	case subtract:
		return a - b
	case multiply:
		return a * b
	case divide:
		return a / b
	case modulo:
		return math.Mod(a, b)
	case minimum:
		return math.Min(a, b)
	default:
		return math.Max(a, b)
	}
}

func operand(e *env, v Value) (float64, bool) {
	switch v.kind {
	case kindNumber:
		return v.num, true
	case kindString:
		f, _ := number(v.str)
		return f, true
	default:
		e.fail("arithmetic on null, a boolean, a list or an object; give var a default for a missing attribute")
		return 0, false
	}
}
