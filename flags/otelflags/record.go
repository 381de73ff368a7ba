package otelflags

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/evenkeel-go/evenkeel/flags"
)

// Record adds an event to the span of ctx for each of [flags.Exposures] of
// ctx: call it once, at the end of a request, under a ctx of
// [flags.WithExposures]. Without one, or on a span that does not record, it
// does nothing. With the [Hook] on top an evaluation through the OpenFeature
// client would show twice, so use one of the two.
func Record(ctx context.Context) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	for _, e := range flags.Exposures(ctx) {
		attributes := make([]attribute.KeyValue, 0, 5)
		attributes = append(attributes,
			keyFlag.String(e.Key), keyReason.String(reason(string(e.Reason))),
			keyProvider.String("evenkeel"), keySet.String(e.Set))
		if e.Variant != "" {
			attributes = append(attributes, keyVariant.String(e.Variant))
		}
		span.AddEvent(eventName, trace.WithAttributes(attributes...))
	}
}
