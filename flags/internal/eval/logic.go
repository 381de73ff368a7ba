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

// ifNode is if: condition, result, otherwise, which is another ifNode where
// there are more conditions.
type ifNode struct{ condition, then, otherwise node }

// newIf compiles the arguments of if; one alone is the result.
func newIf(args []node) node {
	switch len(args) {
	case 0:
		return &literal{}
	case 1:
		return args[0]
	}
	return &ifNode{args[0], args[1], newIf(args[2:])}
}

func (n *ifNode) eval(e *env) Value { return e.decide(n.choose(e)) }

// choose returns the branch to take.
func (n *ifNode) choose(e *env) node {
	if test(n.condition, e) {
		return n.then
	}
	return n.otherwise
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
