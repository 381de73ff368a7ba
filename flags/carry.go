package flags

import (
	"context"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
)

// carrier is all that a context.Context carries for this package, under one
// key, so that an evaluation looks it up once. Immutable but for its recorder,
// which is shared on purpose.
type carrier struct {
	set       *Set
	context   *eval.Context
	exposures *recorder
}

type carrierKey struct{}

// carried returns what ctx carries, or nil.
func carried(ctx context.Context) *carrier {
	if ctx == nil { // a caller's mistake, but not one to end a request for
		return nil
	}
	c, _ := ctx.Value(carrierKey{}).(*carrier)
	return c
}

// carry returns ctx with what it carries changed.
func carry(ctx context.Context, change func(*carrier)) context.Context {
	var next carrier
	if c := carried(ctx); c != nil {
		next = *c
	}
	change(&next)
	return context.WithValue(ctx, carrierKey{}, &next)
}

// WithContext returns a ctx that carries ec: evaluations under it that are
// given the zero Context, and handles such as [Bool], use ec. Middleware calls
// it once a request. It replaces one that ctx carries already.
func WithContext(ctx context.Context, ec Context) context.Context {
	return carry(ctx, func(c *carrier) { c.context = ec.c })
}

// WithSet returns a ctx under which handles such as [Bool] read set, whatever
// was bound by [Bind].
func WithSet(ctx context.Context, set *Set) context.Context {
	return carry(ctx, func(c *carrier) { c.set = set })
}

// evalContext is ec, or the carried one where ec is the zero Context.
func (c *carrier) evalContext(ec Context) *eval.Context {
	if ec.c == nil && c != nil {
		return c.context
	}
	return ec.c
}

// expose records an evaluation if the request wants it.
func (c *carrier) expose(set, key string, r *eval.Result) {
	if c != nil && c.exposures != nil {
		c.exposures.add(set, key, r)
	}
}
