package flagstest

import (
	"encoding/json"
	"fmt"
)

// Value is what a test says of a flag; see [New] and [Flags.Set].
type Value func(f *Flags) error

// Bool makes a flag true or false for everyone, as variant "on" or "off".
func Bool(key string, value bool) Value {
	variant := "off"
	if value {
		variant = "on"
	}
	return define(key, map[string]any{
		"state": "ENABLED", "defaultVariant": variant,
		"variants": map[string]bool{"on": true, "off": false},
	})
}

// String makes a flag a text for everyone, as variant "value".
func String(key, value string) Value { return single(key, value) }

// Int makes a flag a whole number for everyone, as variant "value".
func Int(key string, value int64) Value { return single(key, value) }

// Float makes a flag a number for everyone, as variant "value".
func Float(key string, value float64) Value { return single(key, value) }

// Object makes a flag an object for everyone, as variant "value": a map or a
// struct that encodes as a JSON object.
func Object(key string, value any) Value { return single(key, value) }

// Off switches a flag off: everyone gets the caller's default value.
func Off(key string) Value {
	return define(key, map[string]any{
		"state": "DISABLED", "variants": map[string]bool{"on": true, "off": false}, "defaultVariant": "off",
	})
}

// Unset takes a flag away: everyone gets the caller's default value, and
// FLAG_NOT_FOUND.
func Unset(key string) Value {
	return func(f *Flags) error {
		delete(f.definitions, key)
		return nil
	}
}

// Flag gives a flag a whole definition in flagd's format, with its rule.
func Flag(key, definition string) Value {
	return func(f *Flags) error {
		if !json.Valid([]byte(definition)) {
			return fmt.Errorf("flag %q: the definition is not JSON", key)
		}
		f.definitions[key] = json.RawMessage(definition)
		return nil
	}
}

// Document takes all flags, rules and metadata of a document, such as the one
// that is in production.
func Document(text string) Value {
	return func(f *Flags) error {
		var rest, definitions map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &rest); err != nil {
			return fmt.Errorf("the document: %w", err)
		}
		if err := json.Unmarshal(rest["flags"], &definitions); err != nil {
			return fmt.Errorf("the document's flags: %w", err)
		}
		delete(rest, "flags")
		f.definitions, f.rest = definitions, rest
		return nil
	}
}

func single(key string, value any) Value {
	return define(key, map[string]any{
		"state": "ENABLED", "defaultVariant": "value", "variants": map[string]any{"value": value},
	})
}

func define(key string, definition map[string]any) Value {
	return func(f *Flags) error {
		text, err := json.Marshal(definition)
		if err != nil {
			return fmt.Errorf("flag %q: %w", key, err)
		}
		f.definitions[key] = text
		return nil
	}
}
