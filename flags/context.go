package flags

import (
	"time"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
)

// Context says whom or what a flag is evaluated for: a targeting key, which
// percentage rollouts hash, and attributes, which rules compare. Build it once
// per request and use it for every flag. The zero Context has neither.
// Immutable; safe for concurrent use.
type Context struct{ c *eval.Context }

// Attr is one attribute of a [Context].
type Attr struct{ a eval.Attr }

// NewContext returns a Context for targetingKey, usually a user, account or
// session id; "" means none, and rollouts then serve the default variant. Of
// attributes with the same name the last one counts. The names $flagd and
// targetingKey are taken by the rule language.
func NewContext(targetingKey string, attrs ...Attr) Context {
	c := &eval.Context{Attrs: make([]eval.Attr, len(attrs))}
	if targetingKey != "" {
		c.TargetingKey = eval.String(targetingKey)
	}
	for i, attr := range attrs {
		c.Attrs[i] = attr.a
	}
	return Context{c}
}

// Attribute returns an attribute of any value: booleans, strings, every kind
// of number, [time.Time] (as RFC 3339 text), and slices, maps and structs of
// these. What JSON cannot say becomes null. The typed constructors beside it
// do the same without boxing the value.
func Attribute(key string, value any) Attr {
	return Attr{eval.Attr{Key: key, Value: eval.FromAny(value)}}
}

// StringAttr returns an attribute that is a text.
func StringAttr(key, value string) Attr { return Attr{eval.Attr{Key: key, Value: eval.String(value)}} }

// BoolAttr returns an attribute that is true or false.
func BoolAttr(key string, value bool) Attr {
	return Attr{eval.Attr{Key: key, Value: eval.Bool(value)}}
}

// IntAttr returns an attribute that is a whole number. Rules compute with
// float64, so integers beyond ±2^53 lose their last digits there.
func IntAttr(key string, value int64) Attr {
	return Attr{eval.Attr{Key: key, Value: eval.Number(float64(value))}}
}

// FloatAttr returns an attribute that is a number.
func FloatAttr(key string, value float64) Attr {
	return Attr{eval.Attr{Key: key, Value: eval.Number(value)}}
}

// TimeAttr returns an attribute that is a time, as RFC 3339 text.
func TimeAttr(key string, value time.Time) Attr { return Attribute(key, value) }
