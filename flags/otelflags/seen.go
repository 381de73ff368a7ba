package otelflags

import (
	"hash/maphash"
	"slices"
	"sync"

	"go.opentelemetry.io/otel/trace"
)

// maxEvents bounds the events on one span, slots the memory for telling which
// spans have which: 70 KiB.
const (
	maxEvents = 32
	slots     = 256
)

// seen remembers which evaluations a span has an event for already. It is a
// table of fixed size: a span that meets another one in its slot takes it
// over, and the other may then get an event twice, which does no harm. The
// zero value is ready. Safe for concurrent use.
type seen struct {
	once sync.Once
	seed maphash.Seed
	slot [slots]struct {
		mu     sync.Mutex
		trace  trace.TraceID     // protected by mu
		span   trace.SpanID      // protected by mu
		n      int               // protected by mu
		hashes [maxEvents]uint64 // protected by mu; the first n are used
	}
}

// first says whether this is the first such evaluation on a span, as long as
// the span has room for more.
func (s *seen) first(span trace.SpanContext, key, variant, reason string) bool {
	s.once.Do(func() { s.seed = maphash.MakeSeed() })
	hash := maphash.String(s.seed, key)*31*31 + maphash.String(s.seed, variant)*31 + maphash.String(s.seed, reason)
	traceID, spanID := span.TraceID(), span.SpanID()
	slot := &s.slot[spanID[7]]
	slot.mu.Lock()
	defer slot.mu.Unlock()
	if slot.span != spanID || slot.trace != traceID {
		slot.trace, slot.span, slot.n = traceID, spanID, 0
	}
	if slot.n == maxEvents || slices.Contains(slot.hashes[:slot.n], hash) {
		return false
	}
	slot.hashes[slot.n] = hash
	slot.n++
	return true
}
