package eval

import (
	"maps"
	"math"
	"strconv"
)

// Reason says why a flag has its value, in OpenFeature's words.
type Reason string

// The reasons.
const (
	ReasonStatic         Reason = "STATIC"
	ReasonDefault        Reason = "DEFAULT"
	ReasonTargetingMatch Reason = "TARGETING_MATCH"
	ReasonDisabled       Reason = "DISABLED"
	ReasonError          Reason = "ERROR"
)

// Code says why an evaluation failed, in OpenFeature's words.
type Code string

// The codes.
const (
	CodeNotReady     Code = "PROVIDER_NOT_READY"
	CodeFlagNotFound Code = "FLAG_NOT_FOUND"
	CodeParseError   Code = "PARSE_ERROR"
	CodeTypeMismatch Code = "TYPE_MISMATCH"
	CodeGeneral      Code = "GENERAL"
)

// Result is how an evaluation came about. It is small, and says things in
// words only when it is asked.
type Result struct {
	doc     *Document
	flag    *flag
	variant *variant // nil: the caller's value
	outcome outcome
	detail  string // what made it fail
}

type outcome uint8

const (
	notReady outcome = iota // the zero Result
	static
	byDefault
	matched
	disabled
	notFound
	quarantined
	failed
	notAName
	notANumber
	unknownVariant
	mistyped
)

// Variant is the name of the variant that was chosen; "" for the caller's value.
func (r *Result) Variant() string {
	if r.variant == nil {
		return ""
	}
	return r.variant.name
}

// Reason says why the value is what it is.
func (r *Result) Reason() Reason {
	switch r.outcome {
	case static:
		return ReasonStatic
	case byDefault:
		return ReasonDefault
	case matched:
		return ReasonTargetingMatch
	case disabled:
		return ReasonDisabled
	}
	return ReasonError
}

// Code says why an evaluation failed; "" if it did not.
func (r *Result) Code() Code {
	switch r.outcome {
	case static, byDefault, matched, disabled:
		return ""
	case notReady:
		return CodeNotReady
	case notFound:
		return CodeFlagNotFound
	case quarantined, failed, notANumber:
		return CodeParseError
	case mistyped:
		return CodeTypeMismatch
	}
	return CodeGeneral
}

// Message says in words why the evaluation of the flag called key failed.
func (r *Result) Message(key string) string {
	flag := "flag " + strconv.Quote(key) + ": "
	switch r.outcome {
	case static, byDefault, matched, disabled:
		return ""
	case notReady:
		return flag + "no document of the flag set has arrived yet; Set.Status says why"
	case notFound:
		return "there is no flag " + strconv.Quote(key)
	case quarantined:
		return flag + "it is quarantined: " + r.flag.about.bad
	case failed:
		return flag + "its targeting failed: " + r.detail
	case notAName:
		return flag + "its targeting gave a list or an object, not the name of a variant"
	case notANumber:
		return flag + "its targeting gave " + r.detail
	case unknownVariant:
		return flag + "its targeting gave " + strconv.Quote(r.detail) + ", which is none of its variants"
	case mistyped:
		return flag + "variant " + strconv.Quote(r.Variant()) + " is not " + r.detail
	}
	return ""
}

// Metadata returns the set's metadata overlaid by the flag's, in a new map;
// nil if there is none.
func (r Result) Metadata() map[string]any {
	if r.flag == nil || len(r.doc.metadata)+len(r.flag.about.metadata) == 0 {
		return nil
	}
	merged := make(map[string]any, len(r.doc.metadata)+len(r.flag.about.metadata))
	maps.Copy(merged, r.doc.metadata)
	maps.Copy(merged, r.flag.about.metadata)
	return merged
}

// resolve chooses the variant; nil means the caller's value.
func (d *Document) resolve(key string, c *Context, flat map[string]any, r *Result) *variant {
	f := d.flags[key]
	r.doc, r.flag = d, f
	switch {
	case f == nil:
		r.outcome = notFound
		return nil
	case f.disabled:
		r.outcome = disabled
		return nil
	case f.isBad:
		r.outcome = quarantined
		return nil
	case f.targeting == nil:
		return r.serve(static, f.fallback)
	}
	e := env{context: c, flat: flat, flag: key, steps: d.maxSteps}
	v := e.decide(f.targeting)
	if e.failure != "" {
		r.outcome, r.detail = failed, e.failure
		return nil
	}
	return r.choose(f, v)
}

// decide evaluates a whole rule: it follows its choices down to what they give.
func (e *env) decide(n node) Value {
	for {
		switch choice := n.(type) {
		case *ifNode:
			n = choice.choose(e)
		case *literal:
			return choice.value
		default:
			return eval(n, e)
		}
	}
}

// choose finds the variant that a rule's value names.
func (r *Result) choose(f *flag, v Value) *variant {
	var name string
	switch v.kind {
	case kindString:
		name = v.str
	case kindNull:
		return r.serve(byDefault, f.fallback)
	case kindList, kindObject:
		r.outcome = notAName
		return nil
	case kindNumber:
		if math.IsInf(v.num, 0) || math.IsNaN(v.num) {
			r.outcome, r.detail = notANumber, plainNumber(v.num)
			return nil
		}
		name = jsonNumber(v.num)
	default:
		name = scalarText(v)
	}
	chosen := f.variant(name)
	if chosen == nil {
		r.outcome, r.detail = unknownVariant, name
		return nil
	}
	return r.serve(matched, chosen)
}

// serve notes a variant; without one the caller's value is the default.
func (r *Result) serve(o outcome, v *variant) *variant {
	r.outcome, r.variant = o, v
	if v == nil {
		r.outcome = byDefault
	}
	return v
}
