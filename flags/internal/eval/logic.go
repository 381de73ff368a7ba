package eval

type literal struct{ value Value }

// listNode is a list with expressions in it.
type listNode struct{ items []node }

func (n *listNode) eval(e *env) Value {
	items := make([]Value, len(n.items))
	for i, item := range n.items {
		items[i] = eval(item, e)
	}
	e.charge(len(items))
	return list(items)
}

// failNode is an expression that always fails.
type failNode struct{ reason string }

// ifNode is if: condition, result, condition, result, …, otherwise.
type ifNode struct{ args []node }

func (n *ifNode) eval(e *env) Value {
	if chosen := n.choose(e); chosen != nil {
		return eval(chosen, e)
	}
	return Value{}
}

// choose returns the branch to take; nil for null.
func (n *ifNode) choose(e *env) node {
	i := 0
	for ; i+1 < len(n.args); i += 2 {
		if test(n.args[i], e) {
			return n.args[i+1]
		}
	}
	if i < len(n.args) {
		return n.args[i]
	}
	return nil
}

// andNode is and: the first value that is false, or the last one.
type andNode struct{ args []node }

func (n *andNode) eval(e *env) (v Value) {
	for _, arg := range n.args {
		if v = eval(arg, e); !v.truthy() {
			return v
		}
	}
	return v
}

// orNode is or: the first value that is true, or the last one.
type orNode struct{ args []node }

func (n *orNode) eval(e *env) (v Value) {
	for _, arg := range n.args {
		if v = eval(arg, e); v.truthy() {
			return v
		}
	}
	return v
}

// notNode is ! and, with want true, !!.
type notNode struct {
	arg  node
	want bool
}

func (n *notNode) eval(e *env) Value { return Bool(test(n.arg, e) == n.want) }

// varNode is var with a literal path.
type varNode struct {
	path     []string
	fallback node // nil: null
}

func (n *varNode) eval(e *env) Value {
	v := e.lookup(n.path)
	if v.kind == kindNull && n.fallback != nil {
		return eval(n.fallback, e)
	}
	return v
}

// flagdNode is var of one member of $flagd, outside of list operators.
type flagdNode struct{ timestamp bool }

func (n *flagdNode) eval(e *env) Value {
	if n.timestamp {
		return e.timestamp()
	}
	return String(e.flag)
}

// varExprNode is var whose path is an expression.
type varExprNode struct {
	path     node
	fallback node
}

func (n *varExprNode) eval(e *env) Value {
	var v Value
	if path := eval(n.path, e); path.kind == kindString {
		e.charge(len(path.str))
		v = e.lookup(splitPath(path.str))
	}
	if v.kind == kindNull && n.fallback != nil {
		return eval(n.fallback, e)
	}
	return v
}
