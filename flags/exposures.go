package flags

import (
	"context"
	"slices"
	"sync"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
)

// Exposure is one flag that a request has seen, and what it got.
type Exposure struct {
	Set     string `json:"set"`
	Key     string `json:"key"`
	Variant string `json:"variant,omitempty"` // "" if the caller's own value was served
	Reason  Reason `json:"reason"`
}

// maxExposures bounds what one request records.
const maxExposures = 32

// WithExposures returns a ctx that records which variants the evaluations
// under it serve, through the typed API, handles and the OpenFeature provider
// alike, for logs, spans and SLO evidence. Each (set, key, variant, reason) is
// recorded once, in the order of the first evaluation, 32 of them at most.
// Recording takes some ten nanoseconds and allocates nothing; the recorder
// itself is one allocation of 2 KiB a request. Safe for concurrent use.
func WithExposures(ctx context.Context) context.Context {
	return carry(ctx, func(c *carrier) { c.exposures = new(recorder) })
}

// Exposures returns what has been recorded under ctx so far, in a slice of the
// caller's own; nil if nothing was, or without [WithExposures].
func Exposures(ctx context.Context) []Exposure {
	c := carried(ctx)
	if c == nil || c.exposures == nil {
		return nil
	}
	c.exposures.mu.Lock()
	defer c.exposures.mu.Unlock()
	return slices.Clone(c.exposures.seen[:c.exposures.n])
}

// recorder keeps the exposures of one request in place.
type recorder struct {
	mu   sync.Mutex
	n    int                    // protected by mu
	seen [maxExposures]Exposure // protected by mu; the first n are used
}

func (r *recorder) add(set, key string, result *eval.Result) {
	variant, reason := result.Variant(), Reason(result.Reason())
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.n {
		if e := &r.seen[i]; e.Key == key && e.Variant == variant && e.Set == set && e.Reason == reason {
			return
		}
	}
	if r.n < maxExposures {
		r.seen[r.n] = Exposure{Set: set, Key: key, Variant: variant, Reason: reason}
		r.n++
	}
}
