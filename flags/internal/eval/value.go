package eval

import (
	"math"
	"strconv"
	"strings"
)

type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindList
	kindObject
)

// Value is one JSON value as rules see it. All numbers are float64. Immutable;
// the zero Value is null.
type Value struct {
	kind kind
	num  float64 // a number; 1 or 0 for a boolean
	str  string
	ref  *composite // a list or an object
}

// composite is what does not fit into a Value; keys[i] names items[i] in an
// object, and is sorted.
type composite struct {
	items []Value
	keys  []string
}

// Null returns null, which is also what a missing attribute evaluates to.
func Null() Value { return Value{} }

// Bool returns a boolean.
func Bool(b bool) Value {
	if b {
		return Value{kind: kindBool, num: 1}
	}
	return Value{kind: kindBool}
}

// Number returns a number.
func Number(f float64) Value { return Value{kind: kindNumber, num: f} }

// String returns a text.
func String(s string) Value { return Value{kind: kindString, str: s} }

func list(items []Value) Value { return Value{kind: kindList, ref: &composite{items: items}} }

// items returns a list's elements; nil for anything else.
func (v Value) items() []Value {
	if v.kind != kindList {
		return nil
	}
	return v.ref.items
}

// truthy is JsonLogic's idea of true, as flagd has it: {} is false, NaN true.
func (v Value) truthy() bool {
	switch v.kind {
	case kindBool, kindNumber:
		return v.num != 0
	case kindString:
		return v.str != ""
	case kindList, kindObject:
		return len(v.ref.items) > 0
	default:
		return false
	}
}

// member returns what name leads to: a member of an object, or an element of a
// list by its index.
func (v Value) member(name string) (Value, bool) {
	switch v.kind {
	case kindObject:
		for i, key := range v.ref.keys {
			if key == name {
				return v.ref.items[i], true
			}
		}
	case kindList:
		i, err := strconv.Atoi(name)
		if err == nil && i >= 0 && i < len(v.ref.items) {
			return v.ref.items[i], true
		}
	}
	return Value{}, false
}

// walk follows a path of names.
func (v Value) walk(path []string) (Value, bool) {
	for _, name := range path {
		next, ok := v.member(name)
		if !ok {
			return Value{}, false
		}
		v = next
	}
	return v, true
}

// plainNumber writes a number as cat does: in plain decimal, however long.
func plainNumber(f float64) string {
	if math.IsInf(f, 1) {
		return "+Inf"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// jsonNumber writes a number as JSON, in the form of encoding/json, which is
// how a number that targeting returns names a variant.
func jsonNumber(f float64) string {
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		text := strconv.FormatFloat(f, 'e', -1, 64)
		if n := len(text); n >= 4 && text[n-4] == 'e' && text[n-3] == '-' && text[n-2] == '0' {
			text = text[:n-2] + text[n-1:] // e-09 is written e-9
		}
		return text
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// number reads a text as a number. There is no trimming: " 5" is none.
func number(text string) (float64, bool) {
	if text == "" || strings.ContainsAny(text, "_xXpPnN") { // Go's own spellings, and Inf and NaN
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}
