package flagstest_test

import (
	"context"
	"reflect"
	"strconv"
	"testing"

	"github.com/open-feature/go-sdk/openfeature"

	"github.com/evenkeel-go/evenkeel/flags"
	"github.com/evenkeel-go/evenkeel/flags/flagstest"
)

var newCart = flags.Bool("new-cart", false)

func TestNew_servesAllTypesToTheTypedAPIAndHandles(t *testing.T) {
	t.Parallel()
	f := flagstest.New(t,
		flagstest.Bool("new-cart", true), flagstest.String("banner", "Hello"), flagstest.Int("limit", 1<<53-1),
		flagstest.Float("ratio", 0.5), flagstest.Object("theme", map[string]string{"colour": "blue"}))
	ctx, set := f.Context(), f.Flags()
	if !newCart.Value(ctx) || set.String(ctx, "banner", "", flags.Context{}) != "Hello" ||
		set.Int(ctx, "limit", 0, flags.Context{}) != 1<<53-1 || set.Float(ctx, "ratio", 0, flags.Context{}) != 0.5 {
		t.Error("not the values that were set")
	}
	if got := set.Object(ctx, "theme", nil, flags.Context{}); !reflect.DeepEqual(got, map[string]any{"colour": "blue"}) {
		t.Errorf("got %v", got)
	}
	f.AssertExposed("new-cart", "on")
	f.AssertExposed("banner", "value")
	f.AssertNotExposed("other")
}

func TestSet_changesOneFlagDuringATest(t *testing.T) {
	t.Parallel()
	f := flagstest.New(t, flagstest.Bool("new-cart", true), flagstest.Int("limit", 1))
	steps := []struct {
		value flagstest.Value
		want  bool
	}{
		{flagstest.Bool("new-cart", false), false},
		{flagstest.Bool("new-cart", true), true},
		{flagstest.Off("new-cart"), false},
		{flagstest.Flag("new-cart", `{"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}`), true},
		{flagstest.Unset("new-cart"), false},
	}
	for i, step := range steps {
		f.Set(step.value)
		if got := newCart.Value(f.Context()); got != step.want {
			t.Errorf("step %d: got %t, want %t", i, got, step.want)
		}
		if f.Flags().Int(f.Context(), "limit", 0, flags.Context{}) != 1 {
			t.Errorf("step %d: the other flag has changed", i)
		}
	}
}

func TestNew_isolatesTestsThatRunInParallel(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			f := flagstest.New(t, flagstest.Bool("new-cart", i%2 == 0))
			for range 1000 {
				if newCart.Value(f.Context()) != (i%2 == 0) {
					t.Fatal("another test's value")
				}
			}
		})
	}
}

func TestFlags_workWithOpenFeature(t *testing.T) {
	t.Parallel()
	f := flagstest.New(t, flagstest.Document(`{"$evaluators": {"pro": {"==": [{"var": "plan"}, "pro"]}}, "flags": {
		"new-cart": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
			"targeting": {"if": [{"$ref": "pro"}, "on"]}}}}`))
	if err := openfeature.SetNamedProviderAndWait(t.Name(), flags.NewProvider(f.Flags())); err != nil {
		t.Fatal(err)
	}
	client := openfeature.NewClient(t.Name())
	pro := openfeature.NewEvaluationContext("u1", map[string]any{"plan": "pro"})
	if got := client.Boolean(f.Context(), "new-cart", false, pro); !got {
		t.Error("the rule is not served through OpenFeature")
	}
	f.AssertExposed("new-cart", "on")
	f.Set(flagstest.Bool("new-cart", false))
	if got := client.Boolean(f.Context(), "new-cart", true, pro); got {
		t.Error("the change is not served through OpenFeature")
	}
}

func TestAssertions_fail(t *testing.T) {
	t.Parallel()
	recorder := &failures{TB: t}
	f := flagstest.New(recorder, flagstest.Bool("new-cart", true))
	newCart.Value(f.Context())
	f.AssertExposed("new-cart", "off")
	f.AssertNotExposed("new-cart")
	if recorder.count != 2 {
		t.Errorf("%d failures, want 2", recorder.count)
	}
}

// failures counts what a test would have failed for.
type failures struct {
	testing.TB
	count int
}

func (f *failures) Errorf(string, ...any)    { f.count++ }
func (f *failures) Context() context.Context { return f.TB.Context() }
