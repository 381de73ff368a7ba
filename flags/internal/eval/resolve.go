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
	CodeFlagNotFound Code = "FLAG_NOT_FOUND"
	CodeParseError   Code = "PARSE_ERROR"
	CodeTypeMismatch Code = "TYPE_MISMATCH"
	CodeGeneral      Code = "GENERAL"
)

// Result is how an evaluation came about.
type Result struct {
	Variant string // "" if the caller's value was served
	Reason  Reason
	Code    Code   // "" if all went well
	Message string // for a Code
	doc     *Document
	flag    *flag
}

// Metadata returns the set's metadata overlaid by the flag's, in a new map;
// nil if there is none.
func (r Result) Metadata() map[string]any {
	if r.flag == nil || len(r.doc.metadata)+len(r.flag.metadata) == 0 {
		return nil
	}
	merged := make(map[string]any, len(r.doc.metadata)+len(r.flag.metadata))
	maps.Copy(merged, r.doc.metadata)
	maps.Copy(merged, r.flag.metadata)
	return merged
}

// resolve chooses the variant; nil means the caller's value.
func (d *Document) resolve(key string, c *Context) (*variant, Result) {
	f := d.flags[key]
	if f == nil {
		return nil, Result{Reason: ReasonError, Code: CodeFlagNotFound, Message: "there is no flag " + strconv.Quote(key)}
	}
	r := Result{doc: d, flag: f}
	switch {
	case f.disabled:
		r.Reason = ReasonDisabled
		return nil, r
	case f.bad != "":
		return nil, r.failed(CodeParseError, key, "it is quarantined: "+f.bad)
	case f.targeting == nil:
		return f.fallback, r.served(ReasonStatic, f.fallback)
	}
	e := env{context: c, flag: key, steps: d.maxSteps}
	v := eval(f.targeting, &e)
	if e.failure != "" {
		return nil, r.failed(CodeParseError, key, "its targeting failed: "+e.failure)
	}
	var name string
	switch v.kind {
	case kindNull:
		return f.fallback, r.served(ReasonDefault, f.fallback)
	case kindList, kindObject:
		return nil, r.failed(CodeGeneral, key, "its targeting gave a list or an object, not the name of a variant")
	case kindNumber:
		if math.IsInf(v.num, 0) || math.IsNaN(v.num) {
			return nil, r.failed(CodeParseError, key, "its targeting gave "+plainNumber(v.num))
		}
		name = jsonNumber(v.num)
	default:
		name = scalarText(v)
	}
	chosen := f.variant(name)
	if chosen == nil {
		return nil, r.failed(CodeGeneral, key, "its targeting gave "+strconv.Quote(name)+", which is none of its variants")
	}
	return chosen, r.served(ReasonTargetingMatch, chosen)
}

// served is the result of a variant; without one the caller's value is the
// default.
func (r Result) served(reason Reason, v *variant) Result {
	if v == nil {
		r.Reason = ReasonDefault
		return r
	}
	r.Reason, r.Variant = reason, v.name
	return r
}

func (r Result) failed(code Code, key, why string) Result {
	r.Reason, r.Code = ReasonError, code
	r.Message = "flag " + strconv.Quote(key) + ": " + why
	return r
}

// mismatch is the result of a variant whose value is not of the type wanted.
func (r Result) mismatch(key, wanted string) Result {
	return r.failed(CodeTypeMismatch, key, "variant "+strconv.Quote(r.Variant)+" is not "+wanted)
}
