package eval

import (
	"strings"
	"unicode/utf8"
)

// affixNode is starts_with and ends_with.
type affixNode struct {
	text, affix node
	end         bool
}

func (n *affixNode) eval(e *env) Value {
	text, affix := eval(n.text, e), eval(n.affix, e)
	if text.kind != kindString || affix.kind != kindString {
		return Value{}
	}
	if n.end {
		return Bool(strings.HasSuffix(text.str, affix.str))
	}
	return Bool(strings.HasPrefix(text.str, affix.str))
}

// catNode is cat: its arguments' texts, joined.
type catNode struct{ args []node }

func (n *catNode) eval(e *env) Value {
	var b strings.Builder
	for _, arg := range n.args {
		if !writeText(e, &b, eval(arg, e)) {
			return Value{}
		}
	}
	return String(b.String())
}

// writeText writes a value as jsonlogic.com's cat does: null as nothing, a
// list as its elements with commas between.
func writeText(e *env, b *strings.Builder, v Value) bool {
	switch v.kind {
	case kindObject:
		e.fail("cat of an object")
		return false
	case kindList:
		for i, item := range v.ref.items {
			if i > 0 {
				b.WriteByte(',')
			}
			if !e.charge(1) || !writeText(e, b, item) {
				return false
			}
		}
		return true
	}
	text := scalarText(v)
	if !e.charge(1 + len(text)/16) {
		return false
	}
	b.WriteString(text)
	return true
}

// scalarText is the text of anything but a list or an object.
func scalarText(v Value) string {
	switch v.kind {
	case kindBool:
		if v.num != 0 {
			return "true"
		}
		return "false"
	case kindNumber:
		return plainNumber(v.num)
	case kindString:
		return v.str
	default:
		return ""
	}
}

// substrNode is substr: text, start, length. It counts characters, not bytes.
type substrNode struct{ args []node }

func (n *substrNode) eval(e *env) Value {
	if len(n.args) == 0 {
		return String("")
	}
	v := eval(n.args[0], e)
	if v.kind == kindList || v.kind == kindObject {
		return e.fail("substr of a list or an object")
	}
	text := scalarText(v)
	if !e.charge(len(text) / 16) {
		return Value{}
	}
	size := utf8.RuneCountInString(text)
	start := 0
	if len(n.args) > 1 {
		start = index(eval(n.args[1], e), size)
	}
	var length Value
	if len(n.args) > 2 {
		length = eval(n.args[2], e)
	}
	if start > size || start < -size {
		return String(text) // flagd's: beyond either end it is the whole text
	}
	if start < 0 {
		start += size
	}
	end := size
	if len(n.args) > 2 {
		if n := index(length, size); n < 0 {
			end = max(start, size+n)
		} else {
			end = min(size, start+n)
		}
	}
	return String(text[runeOffset(text, start):runeOffset(text, end)])
}

// index is a position in a text, bounded to just beyond its ends.
func index(v Value, size int) int {
	f, ok := orderNumber(v)
	if !ok {
		return 0
	}
	limit := float64(size + 1)
	if f != f { // NaN
		return 0
	}
	return int(max(-limit, min(limit, f)))
}

func runeOffset(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}
