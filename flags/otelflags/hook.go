package otelflags

import (
	"context"

	"github.com/open-feature/go-sdk/openfeature"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Hook is an OpenFeature hook for any provider; make it with [NewHook]. Safe
// for concurrent use; it does not block.
type Hook struct {
	openfeature.UnimplementedHook
	config config
	seen   seen
}

var _ openfeature.Hook = (*Hook)(nil)

// NewHook returns a hook that adds an event to the span of the evaluation's
// context, once for each variant that the span sees.
func NewHook(opts ...Option) *Hook {
	h := &Hook{}
	for _, opt := range opts {
		opt.apply(&h.config)
	}
	return h
}

// Finally adds the event; the client calls it after every evaluation, failed
// ones too.
func (h *Hook) Finally(ctx context.Context, hc openfeature.HookContext, details openfeature.InterfaceEvaluationDetails, _ openfeature.HookHints) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() || !h.seen.first(span.SpanContext(), details.FlagKey, details.Variant, string(details.Reason)) {
		return
	}
	attributes := make([]attribute.KeyValue, 0, 9)
	attributes = append(attributes,
		keyFlag.String(details.FlagKey),
		keyReason.String(reason(string(details.Reason))),
		keyProvider.String(hc.ProviderMetadata().Name),
	)
	if details.Variant != "" {
		attributes = append(attributes, keyVariant.String(details.Variant))
	} else if value, ok := valueAttribute(details.Value); ok {
		attributes = append(attributes, value)
	}
	if id, ok := details.FlagMetadata["flagSetId"].(string); ok {
		attributes = append(attributes, keySet.String(id))
	}
	if version, ok := details.FlagMetadata["version"].(string); ok {
		attributes = append(attributes, keyVersion.String(version))
	}
	if h.config.targetingKey != nil {
		if key := hc.EvaluationContext().TargetingKey(); key != "" {
			attributes = append(attributes, keyContext.String(h.config.targetingKey(key)))
		}
	}
	if details.ErrorCode != "" {
		attributes = append(attributes, keyErrorType.String(errorType(string(details.ErrorCode))))
		if details.ErrorMessage != "" {
			attributes = append(attributes, keyErrorMessage.String(cut(details.ErrorMessage)))
		}
	}
	span.AddEvent(eventName, trace.WithAttributes(attributes...))
}
