package flags

import (
	"context"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
)

// Reason says why an evaluation gave the value it gave, in OpenFeature's words.
type Reason string

// The reasons that evaluations give.
const (
	ReasonStatic         Reason = "STATIC"          // no targeting: the default variant
	ReasonDefault        Reason = "DEFAULT"         // targeting chose nothing: the default variant or the caller's value
	ReasonTargetingMatch Reason = "TARGETING_MATCH" // targeting chose the variant
	ReasonDisabled       Reason = "DISABLED"        // the flag is switched off: the caller's value
	ReasonError          Reason = "ERROR"           // see ErrorCode: the caller's value
)

// ErrorCode says why an evaluation failed, in OpenFeature's words.
type ErrorCode string

// The error codes that evaluations give.
const (
	CodeNotReady     ErrorCode = "PROVIDER_NOT_READY" // no document has arrived yet
	CodeFlagNotFound ErrorCode = "FLAG_NOT_FOUND"
	CodeParseError   ErrorCode = "PARSE_ERROR"   // the flag is quarantined, or its rule failed on this context
	CodeTypeMismatch ErrorCode = "TYPE_MISMATCH" // the variant's value is not of the type asked for
	CodeGeneral      ErrorCode = "GENERAL"       // targeting named a variant that is not there
)

// Details is a flag's value and how it came about.
type Details[T any] struct {
	Value        T
	Variant      string // "" if the caller's value was served
	Reason       Reason
	ErrorCode    ErrorCode // "" if all went well
	ErrorMessage string
	result       eval.Result
}

// Metadata returns the set's metadata overlaid by the flag's, in a map of the
// caller's own; nil if there is none.
func (d Details[T]) Metadata() map[string]any { return d.result.Metadata() }

func details[T any](key string, value T, r eval.Result) Details[T] {
	return Details[T]{
		Value: value, Variant: r.Variant(), Reason: Reason(r.Reason()),
		ErrorCode: ErrorCode(r.Code()), ErrorMessage: r.Message(key), result: r,
	}
}

// Bool returns the value of the flag called key for ec, or def when the flag
// is off, unknown, of another type or broken, or no document has arrived yet;
// use BoolDetails to know which. The zero Context stands for the one that ctx
// carries ([WithContext]). It reads memory only, does not block and does not
// allocate. Safe for concurrent use. The other typed methods are alike.
func (s *Set) Bool(ctx context.Context, key string, def bool, ec Context) bool {
	value, _ := evaluate(ctx, s, key, def, ec, nil, eval.TypeBool, (*eval.Value).Bool)
	return value
}

// String is [Set.Bool] for texts.
func (s *Set) String(ctx context.Context, key, def string, ec Context) string {
	value, _ := evaluate(ctx, s, key, def, ec, nil, eval.TypeString, (*eval.Value).Text)
	return value
}

// Int is [Set.Bool] for whole numbers. A value that is not whole, or is beyond
// ±(2^53 − 1), is a type mismatch: nothing is ever rounded in silence.
func (s *Set) Int(ctx context.Context, key string, def int64, ec Context) int64 {
	value, _ := evaluate(ctx, s, key, def, ec, nil, eval.TypeInt, (*eval.Value).Int)
	return value
}

// Float is [Set.Bool] for numbers.
func (s *Set) Float(ctx context.Context, key string, def float64, ec Context) float64 {
	value, _ := evaluate(ctx, s, key, def, ec, nil, eval.TypeFloat, (*eval.Value).Float)
	return value
}

// Object is [Set.Bool] for JSON objects, given as map[string]any. The map is
// the caller's own: changing it changes nothing else, so this one allocates.
func (s *Set) Object(ctx context.Context, key string, def any, ec Context) any {
	value, _ := evaluate(ctx, s, key, def, ec, nil, eval.TypeObject, (*eval.Value).Copy)
	return value
}

// BoolDetails is [Set.Bool] with the reason, the variant and the error.
func (s *Set) BoolDetails(ctx context.Context, key string, def bool, ec Context) Details[bool] {
	value, r := evaluate(ctx, s, key, def, ec, nil, eval.TypeBool, (*eval.Value).Bool)
	return details(key, value, r)
}

// StringDetails is [Set.String] with the reason, the variant and the error.
func (s *Set) StringDetails(ctx context.Context, key, def string, ec Context) Details[string] {
	value, r := evaluate(ctx, s, key, def, ec, nil, eval.TypeString, (*eval.Value).Text)
	return details(key, value, r)
}

// IntDetails is [Set.Int] with the reason, the variant and the error.
func (s *Set) IntDetails(ctx context.Context, key string, def int64, ec Context) Details[int64] {
	value, r := evaluate(ctx, s, key, def, ec, nil, eval.TypeInt, (*eval.Value).Int)
	return details(key, value, r)
}

// FloatDetails is [Set.Float] with the reason, the variant and the error.
func (s *Set) FloatDetails(ctx context.Context, key string, def float64, ec Context) Details[float64] {
	value, r := evaluate(ctx, s, key, def, ec, nil, eval.TypeFloat, (*eval.Value).Float)
	return details(key, value, r)
}

// ObjectDetails is [Set.Object] with the reason, the variant and the error.
func (s *Set) ObjectDetails(ctx context.Context, key string, def any, ec Context) Details[any] {
	value, r := evaluate(ctx, s, key, def, ec, nil, eval.TypeObject, (*eval.Value).Copy)
	return details(key, value, r)
}

// evaluate is what all typed methods have in common.
func evaluate[T any](ctx context.Context, s *Set, key string, def T, ec Context, flat map[string]any, t eval.Type, as func(*eval.Value) T) (T, eval.Result) {
	var r eval.Result
	doc := s.current.Load()
	if doc == nil {
		return def, r
	}
	c := carried(ctx)
	value := doc.compiled.Evaluate(key, c.evalContext(ec), flat, t, &r)
	c.expose(s.name, key, &r)
	if value == nil {
		return def, r
	}
	return as(value), r
}
