package flags

import (
	"context"
	"sync/atomic"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
)

// Handle is a flag that a service declares: its key, its type and its default
// value in one place. Make it with [Bool], [String], [Int], [Float] or
// [Object], as a package variable:
//
//	var newCart = flags.Bool("new-cart", false)
//
// and read it where it counts:
//
//	if newCart.Value(ctx) { … }
//
// It reads the set that ctx carries ([WithSet]) or else the one that is bound
// ([Bind]), for the Context that ctx carries ([WithContext]). Without a set it
// gives its default value. Safe for concurrent use; it does not block, and
// allocates no more than the method of [Set] it stands for.
type Handle[T any] struct {
	key string
	def T
	t   eval.Type
	as  func(*eval.Value) T
}

// Bool declares a flag that is true or false.
func Bool(key string, def bool) *Handle[bool] {
	return declare(&Handle[bool]{key, def, eval.TypeBool, (*eval.Value).Bool})
}

// String declares a flag that is a text.
func String(key, def string) *Handle[string] {
	return declare(&Handle[string]{key, def, eval.TypeString, (*eval.Value).Text})
}

// Int declares a flag that is a whole number.
func Int(key string, def int64) *Handle[int64] {
	return declare(&Handle[int64]{key, def, eval.TypeInt, (*eval.Value).Int})
}

// Float declares a flag that is a number.
func Float(key string, def float64) *Handle[float64] {
	return declare(&Handle[float64]{key, def, eval.TypeFloat, (*eval.Value).Float})
}

// Object declares a flag that is a JSON object, given as map[string]any. The
// default value is handed out as it is, so nobody should change it.
func Object(key string, def any) *Handle[any] {
	return declare(&Handle[any]{key, def, eval.TypeObject, (*eval.Value).Copy})
}

// Key returns the flag's key.
func (h *Handle[T]) Key() string { return h.key }

// Default returns the flag's default value.
func (h *Handle[T]) Default() T { return h.def }

// Value returns the flag's value under ctx, or the default value.
func (h *Handle[T]) Value(ctx context.Context) T { return h.For(ctx, Context{}) }

// For is Value for a given Context instead of the one that ctx carries.
func (h *Handle[T]) For(ctx context.Context, ec Context) T {
	set := setFor(ctx)
	if set == nil {
		return h.def
	}
	value, _ := evaluate(ctx, set, h.key, h.def, ec, nil, h.t, h.as)
	return value
}

// Details is Value with the reason, the variant and the error.
func (h *Handle[T]) Details(ctx context.Context) Details[T] {
	set := setFor(ctx)
	if set == nil {
		return Details[T]{
			Value: h.def, Reason: ReasonError, ErrorCode: CodeNotReady,
			ErrorMessage: "flag " + h.key + ": no set to read it from: call flags.Bind once, or flags.WithSet for this context",
		}
	}
	value, r := evaluate(ctx, set, h.key, h.def, Context{}, nil, h.t, h.as)
	return details(h.key, value, r)
}

var bound atomic.Pointer[Set]

// Bind makes set the one that handles read where ctx carries none: once, at
// the start of a service. It returns the one that was bound before. nil
// unbinds. A library never calls it.
func Bind(set *Set) *Set { return bound.Swap(set) }

// setFor returns the set that handles read under ctx; nil if there is none.
func setFor(ctx context.Context) *Set {
	if c := carried(ctx); c != nil && c.set != nil {
		return c.set
	}
	return bound.Load()
}
