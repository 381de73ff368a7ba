// Package flagstest gives the tests of a service flags that they set
// themselves, without a bus:
//
//	func TestCheckout_newCart(t *testing.T) {
//		t.Parallel()
//		f := flagstest.New(t, flagstest.Bool("new-cart", true))
//		checkout(f.Context(), f.Flags())
//		f.AssertExposed("new-cart", "on")
//	}
//
// Values are served by the real evaluator, so rules work too (see [Flag] and
// [Document]). Every [Flags] is alone: tests that run in parallel do not see
// each other's values. It needs neither testify nor a mock.
package flagstest

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/evenkeel-go/evenkeel/flags"
)

// Flags are the flags of one test. Safe for concurrent use by code under
// test; Set and the assertions belong to the test's goroutine.
type Flags struct {
	t           testing.TB
	ctx         context.Context //nolint:containedctx // it is the test's, as t.Context is
	set         *flags.Set
	definitions map[string]json.RawMessage
	rest        map[string]json.RawMessage // other members of the document
}

// New returns flags that have the given values; others answer as flags that
// are not there, with the caller's default. They are closed with the test.
func New(t testing.TB, values ...Value) *Flags {
	t.Helper()
	set, err := flags.Static([]byte(`{"flags": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = set.Close(context.Background()) }) // nothing runs that could hold it up
	f := &Flags{
		t: t, set: set,
		ctx:         flags.WithExposures(flags.WithSet(t.Context(), set)),
		definitions: map[string]json.RawMessage{},
		rest:        map[string]json.RawMessage{},
	}
	f.Set(values...)
	return f
}

// Flags returns the set, for code that takes one. For code that uses
// OpenFeature: flags.NewProvider(f.Flags()), under a domain of the test's own.
func (f *Flags) Flags() *flags.Set { return f.set }

// Context returns a ctx, ending with the test, under which handles read these
// flags and evaluations are recorded for the assertions.
func (f *Flags) Context() context.Context { return f.ctx }

// Set changes values at once, for all who read them; the others stay.
func (f *Flags) Set(values ...Value) {
	f.t.Helper()
	for _, value := range values {
		if err := value(f); err != nil {
			f.t.Fatalf("flagstest: %v", err)
		}
	}
	document := maps.Clone(f.rest)
	definitions, err := json.Marshal(f.definitions)
	if err != nil {
		f.t.Fatalf("flagstest: %v", err)
	}
	document["flags"] = definitions
	text, err := json.Marshal(document)
	if err != nil {
		f.t.Fatalf("flagstest: %v", err)
	}
	if err := flags.Validate(text); err != nil {
		f.t.Fatalf("flagstest: %v", err)
	}
	if err := f.set.Replace(text); err != nil {
		f.t.Fatalf("flagstest: %v", err)
	}
}

// AssertExposed fails the test unless the flag called key has been evaluated
// under Context and served the variant: "on" or "off" for [Bool], "value" for
// the other constructors, "" for the caller's default value.
func (f *Flags) AssertExposed(key, variant string) {
	f.t.Helper()
	seen := f.variants(key)
	if !slices.Contains(seen, variant) {
		f.t.Errorf("flagstest: flag %q was not seen with variant %q; seen: %s", key, variant, list(seen))
	}
}

// AssertNotExposed fails the test if the flag called key has been evaluated
// under Context.
func (f *Flags) AssertNotExposed(key string) {
	f.t.Helper()
	if seen := f.variants(key); len(seen) > 0 {
		f.t.Errorf("flagstest: flag %q was seen, with %s", key, list(seen))
	}
}

func (f *Flags) variants(key string) []string {
	var seen []string
	for _, e := range flags.Exposures(f.ctx) {
		if e.Key == key {
			seen = append(seen, e.Variant)
		}
	}
	return seen
}

func list(variants []string) string {
	if len(variants) == 0 {
		return "nothing"
	}
	return `variant "` + strings.Join(variants, `", "`) + `"`
}
