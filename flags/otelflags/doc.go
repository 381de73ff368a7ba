// Package otelflags writes flag evaluations onto OpenTelemetry spans, so that
// a trace says which variants its request was served.
//
// For callers of the OpenFeature client, a hook:
//
//	openfeature.AddHooks(otelflags.NewHook())
//
// For callers of the typed API, once at the end of a request:
//
//	ctx = flags.WithExposures(ctx)
//	…
//	otelflags.Record(ctx)
//
// Both add span events named feature_flag.evaluation with the attributes of
// the semantic conventions for feature flags
// (https://opentelemetry.io/docs/specs/semconv/feature-flags/feature-flags-logs/),
// as the OpenFeature specification's appendix D asks for.
//
// # Cost
//
// On a span that does not record, which is most of them when traces are
// sampled, the hook returns at once and allocates nothing; the OpenFeature
// client itself allocates 16 bytes for having a hook. On one that records,
// each (key, variant, reason) costs one event, once, and at most 32 are added.
//
// # Privacy
//
// The targeting key is personal data in most services. It is not written
// unless [WithTargetingKey] asks for it; attributes never are.
package otelflags
