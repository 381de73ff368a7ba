package eval

import (
	"maps"
	"slices"
	"strings"
)

// inNode is in: a text in a text, or a value in a list.
type inNode struct{ needle, haystack node }

func (n *inNode) eval(e *env) Value {
	return Bool(isIn(e, eval(n.needle, e), eval(n.haystack, e)))
}

func isIn(e *env, needle, haystack Value) bool {
	switch haystack.kind {
	case kindString:
		return inText(e, needle, haystack.str)
	case kindList:
		if !e.charge(len(haystack.ref.items) / 16) {
			return false
		}
		for _, item := range haystack.ref.items {
			if memberEqual(needle, item) {
				return true
			}
		}
	}
	return false
}

// inText looks for a needle taken as text; null is the text "null", as on
// jsonlogic.com.
func inText(e *env, needle Value, haystack string) bool {
	if needle.kind == kindString {
		return strings.Contains(haystack, needle.str)
	}
	if needle.kind == kindNull {
		return strings.Contains(haystack, "null")
	}
	var b strings.Builder
	if needle.kind == kindObject || !writeText(e, &b, needle) {
		return false
	}
	return strings.Contains(haystack, b.String())
}

// memberEqual is strict, but a number also equals a text that spells one.
func memberEqual(needle, item Value) bool {
	if needle.kind == kindNumber && item.kind == kindString {
		f, ok := number(item.str)
		return ok && f == needle.num
	}
	return strictEqual(needle, item)
}

// inSetNode is in with a literal list of scalars, looked up at once.
type inSetNode struct {
	needle  node
	few     []string // instead of texts, if there are not many
	texts   map[string]struct{}
	numbers map[float64]struct{} // numbers, and texts that spell one
	others  []Value
}

// fewTexts is up to where comparing with each is faster than hashing.
const fewTexts = 6

func newInSet(needle node, items []Value) *inSetNode {
	n := &inSetNode{needle: needle, texts: map[string]struct{}{}, numbers: map[float64]struct{}{}}
	for _, item := range items {
		switch item.kind {
		case kindString:
			n.texts[item.str] = struct{}{}
			if f, ok := number(item.str); ok {
				n.numbers[f] = struct{}{}
			}
		case kindNumber:
			n.numbers[item.num] = struct{}{}
		default:
			n.others = append(n.others, item)
		}
	}
	if len(n.texts) <= fewTexts {
		n.few = slices.Sorted(maps.Keys(n.texts))
	}
	return n
}

func (n *inSetNode) eval(e *env) Value {
	needle := eval(n.needle, e)
	return Bool(n.has(&needle))
}

func (n *inSetNode) has(needle *Value) bool {
	found := false
	switch needle.kind {
	case kindString:
		if len(n.few) > 0 {
			return slices.Contains(n.few, needle.str)
		}
		_, found = n.texts[needle.str]
	case kindNumber:
		_, found = n.numbers[needle.num]
	default:
		for _, item := range n.others {
			found = found || strictEqual(*needle, item)
		}
	}
	return found
}

// mergeNode is merge: lists joined, scalars wrapped, one level deep.
type mergeNode struct{ args []node }

func (n *mergeNode) eval(e *env) Value {
	var merged []Value
	for _, arg := range n.args {
		v := eval(arg, e)
		added := []Value{v}
		if v.kind == kindList {
			added = v.ref.items
		}
		if !e.charge(1 + len(added)) {
			return Value{}
		}
		merged = append(merged, added...)
	}
	return list(merged)
}

type iteration uint8

const (
	mapList iteration = iota
	filterList
	allOf
	someOf
	noneOf
)

// eachNode is map, filter, all, some and none.
type eachNode struct {
	list, body node
	op         iteration
}

func (n *eachNode) eval(e *env) Value {
	items := eval(n.list, e).items()
	inner := scope{outer: e.scope, open: n.op >= allOf}
	defer func(outer *scope) { e.scope = outer }(e.scope)
	var kept []Value
	for _, item := range items {
		if !e.charge(1) {
			return Value{}
		}
		inner.value, e.scope = item, &inner
		v := eval(n.body, e)
		switch n.op {
		case mapList:
			kept = append(kept, v)
		case filterList:
			if v.truthy() {
				kept = append(kept, item)
			}
		case allOf:
			if !v.truthy() {
				return Bool(false)
			}
		case someOf, noneOf:
			if v.truthy() {
				return Bool(n.op == someOf)
			}
		}
	}
	switch n.op {
	case mapList, filterList:
		return list(kept)
	case allOf:
		return Bool(len(items) > 0)
	default:
		return Bool(n.op == noneOf)
	}
}

// reduceNode is reduce: body sees current and accumulator only.
type reduceNode struct{ list, body, initial node }

func (n *reduceNode) eval(e *env) Value {
	items := eval(n.list, e).items()
	accumulator := eval(n.initial, e)
	inner := scope{outer: e.scope}
	defer func(outer *scope) { e.scope = outer }(e.scope)
	for _, item := range items {
		if !e.charge(1) {
			return Value{}
		}
		inner.value = Value{kind: kindObject, ref: &composite{
			keys: []string{"accumulator", "current"}, items: []Value{accumulator, item},
		}}
		e.scope = &inner
		accumulator = eval(n.body, e)
	}
	return accumulator
}

// missingNode is missing: the names that the context lacks.
type missingNode struct{ args []node }

func (n *missingNode) eval(e *env) Value {
	var absent []Value
	for _, arg := range n.args {
		v := eval(arg, e)
		if v.kind == kindList {
			absent = append(absent, e.missing(v.ref.items)...)
		} else {
			absent = append(absent, e.missing([]Value{v})...)
		}
	}
	return list(absent)
}

// missingSomeNode is missing_some: nothing if enough of the names are there,
// else those that are not.
type missingSomeNode struct{ need, names node }

func (n *missingSomeNode) eval(e *env) Value {
	need, _ := orderNumber(eval(n.need, e))
	names := eval(n.names, e).items()
	absent := e.missing(names)
	if float64(len(names)-len(absent)) >= need {
		return list(nil)
	}
	return list(absent)
}

// missing returns those of the names that lead to nothing, or to null.
func (e *env) missing(names []Value) (absent []Value) {
	for _, name := range names {
		if !e.charge(1) {
			return nil
		}
		text := scalarText(name)
		if e.lookup(splitPath(text)).kind == kindNull {
			absent = append(absent, name)
		}
	}
	return absent
}
