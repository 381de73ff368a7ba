package eval

// node is one compiled expression: one of the types below.
type node any

// eval evaluates an expression. It names every type, rather than to call a
// method of an interface, so that the compiler sees that nothing keeps e: an
// evaluation lives on its caller's stack.
func eval(n node, e *env) Value {
	switch n := n.(type) {
	case *literal:
		return n.value
	case *condition:
		return n.eval(e)
	case *oneOf:
		return Bool(n.test(e))
	case *varNode:
		return n.eval(e)
	case *ifNode:
		return n.eval(e)
	case *equalNode:
		return n.eval(e)
	case *affixNode:
		return n.eval(e)
	case *inSetNode:
		return n.eval(e)
	case *orderNode:
		return n.eval(e)
	case *andNode:
		return n.eval(e)
	case *orNode:
		return n.eval(e)
	case *notNode:
		return n.eval(e)
	case *fractionalNode:
		return n.eval(e)
	case *semVerNode:
		return n.eval(e)
	case *inNode:
		return n.eval(e)
	case *arithNode:
		return n.eval(e)
	case *catNode:
		return n.eval(e)
	case *substrNode:
		return n.eval(e)
	case *flagdNode:
		return n.eval(e)
	case *varExprNode:
		return n.eval(e)
	case *listNode:
		return n.eval(e)
	case *eachNode:
		return n.eval(e)
	case *reduceNode:
		return n.eval(e)
	case *mergeNode:
		return n.eval(e)
	case *missingNode:
		return n.eval(e)
	case *missingSomeNode:
		return n.eval(e)
	case *failNode:
		return e.fail(n.reason)
	}
	return e.fail("an expression of an unknown kind") // cannot be
}
