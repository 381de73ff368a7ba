package otelflags

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// The names of the semantic conventions, v1.40 and later. The keys are spelled
// here, since a semconv package would tie the release of every service that
// uses this one to one version of the conventions.
const (
	eventName = "feature_flag.evaluation"

	keyFlag         = attribute.Key("feature_flag.key")
	keyVariant      = attribute.Key("feature_flag.result.variant")
	keyValue        = attribute.Key("feature_flag.result.value")
	keyReason       = attribute.Key("feature_flag.result.reason")
	keyProvider     = attribute.Key("feature_flag.provider.name")
	keySet          = attribute.Key("feature_flag.set.id")
	keyVersion      = attribute.Key("feature_flag.version")
	keyContext      = attribute.Key("feature_flag.context.id")
	keyErrorType    = attribute.Key("error.type")
	keyErrorMessage = attribute.Key("feature_flag.error.message")
)

// maxText bounds values and messages, in bytes.
const maxText = 256

// reason is an OpenFeature reason as the conventions spell it.
func reason(r string) string {
	switch r {
	case "STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "CACHED", "DISABLED", "STALE", "ERROR":
		return strings.ToLower(r)
	}
	return "unknown"
}

// errorType is an OpenFeature error code as the conventions spell it.
func errorType(code string) string {
	switch code {
	case "PROVIDER_NOT_READY", "PROVIDER_FATAL", "FLAG_NOT_FOUND", "PARSE_ERROR", "TYPE_MISMATCH", "TARGETING_KEY_MISSING", "INVALID_CONTEXT":
		return strings.ToLower(code)
	}
	return "general"
}

// valueAttribute is the value that was served; objects are left out.
func valueAttribute(value any) (attribute.KeyValue, bool) {
	switch v := value.(type) {
	case bool:
		return keyValue.Bool(v), true
	case string:
		return keyValue.String(cut(v)), true
	case int64:
		return keyValue.Int64(v), true
	case float64:
		return keyValue.Float64(v), true
	}
	return attribute.KeyValue{}, false
}

func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}
