package eval

import "math"

// Type is a type that callers ask flags for.
type Type uint8

// The types; TypeAny is for tools.
const (
	TypeBool Type = iota
	TypeString
	TypeInt
	TypeFloat
	TypeObject
	TypeAny
)

// wanted is what an error says of a type.
func (t Type) wanted() string {
	return [...]string{"a boolean", "a text", "a whole number within ±(2^53 − 1)", "a number", "an object", "anything"}[t]
}

// fits says whether a variant's value can be served as a t.
func (v *Value) fits(t Type) bool {
	switch t {
	case TypeBool:
		return v.kind == kindBool
	case TypeString:
		return v.kind == kindString
	case TypeInt:
		return v.kind == kindNumber && v.num == math.Trunc(v.num) && math.Abs(v.num) <= maxInteger
	case TypeFloat:
		return v.kind == kindNumber && !math.IsInf(v.num, 0)
	case TypeObject:
		return v.kind == kindObject
	}
	return true
}

// Fits says whether all variants of a flag can be served as a t; true for a
// flag that is not there or quarantined, of which nothing is known.
func (d *Document) Fits(key string, t Type) bool {
	f := d.flags[key]
	if f == nil {
		return true
	}
	for i := range f.variants {
		if !f.variants[i].value.fits(t) {
			return false
		}
	}
	return true
}
