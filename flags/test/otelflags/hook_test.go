// Package otelflags tests the module of that name with a real trace SDK.
package otelflags

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/open-feature/go-sdk/openfeature"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/evenkeel-go/evenkeel/flags"
	"github.com/evenkeel-go/evenkeel/flags/otelflags"
)

const document = `{"flags": {
	"new-cart": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
		"targeting": {"if": [{"==": [{"var": "plan"}, "pro"]}, "on", "off"]}},
	"off": {"state": "DISABLED", "variants": {"on": true}, "defaultVariant": "on"}
}}`

// tracer gives a tracer whose ended spans can be looked at.
func tracer(t *testing.T, sampler sdk.Sampler) (trace.Tracer, *tracetest.SpanRecorder) {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	provider := sdk.NewTracerProvider(sdk.WithSampler(sampler), sdk.WithSpanProcessor(recorder))
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	return provider.Tracer("test"), recorder
}

// client is an OpenFeature client of the document, with the hook.
func client(t *testing.T, hook openfeature.Hook, opts ...flags.ProviderOption) *openfeature.Client {
	t.Helper()
	set, err := flags.Static([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := openfeature.SetNamedProviderAndWait(t.Name(), flags.NewProvider(set, opts...)); err != nil {
		t.Fatal(err)
	}
	c := openfeature.NewClient(t.Name())
	c.AddHooks(hook)
	return c
}

// events are the events of the only span that has ended, as sorted text.
func events(t *testing.T, recorder *tracetest.SpanRecorder) []string {
	t.Helper()
	spans := recorder.Ended()
	if len(spans) != 1 {
		t.Fatalf("%d spans have ended, want 1", len(spans))
	}
	var all []string
	for _, event := range spans[0].Events() {
		var attributes []string
		for _, a := range event.Attributes {
			attributes = append(attributes, fmt.Sprintf("%s=%s", a.Key, a.Value.String()))
		}
		slices.Sort(attributes)
		all = append(all, event.Name+" "+strings.Join(attributes, " "))
	}
	return all
}

func pro(key string) openfeature.EvaluationContext {
	return openfeature.NewEvaluationContext(key, map[string]any{"plan": "pro", "email": "ada@example.com"})
}

func TestHook_writesEachVariantOnce(t *testing.T) {
	t.Parallel()
	tracer, recorder := tracer(t, sdk.AlwaysSample())
	c := client(t, otelflags.NewHook())
	ctx, span := tracer.Start(t.Context(), "request")
	for range 3 {
		c.Boolean(ctx, "new-cart", false, pro("ada"))
		c.Boolean(ctx, "new-cart", false, openfeature.EvaluationContext{})
		c.Boolean(ctx, "off", true, pro("ada"))
		c.String(ctx, "nothing", "mine", pro("ada"))
	}
	span.End()
	want := []string{
		"feature_flag.evaluation feature_flag.key=new-cart feature_flag.provider.name=evenkeel feature_flag.result.reason=targeting_match feature_flag.result.variant=on",
		"feature_flag.evaluation feature_flag.key=new-cart feature_flag.provider.name=evenkeel feature_flag.result.reason=targeting_match feature_flag.result.variant=off",
		"feature_flag.evaluation feature_flag.key=off feature_flag.provider.name=evenkeel feature_flag.result.reason=disabled feature_flag.result.value=true",
		`feature_flag.evaluation error.type=flag_not_found feature_flag.error.message=there is no flag "nothing" feature_flag.key=nothing feature_flag.provider.name=evenkeel feature_flag.result.reason=error feature_flag.result.value=mine`,
	}
	if got := events(t, recorder); !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestHook_writesTheTargetingKeyOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	tracer, recorder := tracer(t, sdk.AlwaysSample())
	hook := otelflags.NewHook(otelflags.WithTargetingKey(func(key string) string { return "masked-" + key[:1] }))
	c := client(t, hook, flags.WithProvenance())
	ctx, span := tracer.Start(t.Context(), "request")
	c.Boolean(ctx, "new-cart", false, pro("ada"))
	span.End()
	got := strings.Join(events(t, recorder), "\n")
	for _, want := range []string{"feature_flag.context.id=masked-a", "feature_flag.set.id=static", "feature_flag.version=1"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %s", want, got)
		}
	}
	if strings.Contains(got, "ada") {
		t.Errorf("personal data is written: %s", got)
	}
}

func TestHook_boundsTheEventsOfASpan(t *testing.T) {
	t.Parallel()
	tracer, recorder := tracer(t, sdk.AlwaysSample())
	c := client(t, otelflags.NewHook())
	ctx, span := tracer.Start(t.Context(), "request")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range 100 {
				c.Boolean(ctx, fmt.Sprintf("flag-%d", i), false, openfeature.EvaluationContext{})
			}
		})
	}
	group.Wait()
	span.End()
	if got := len(events(t, recorder)); got != 32 {
		t.Errorf("%d events, want 32", got)
	}
}

func TestHook_doesNothingOnASpanThatDoesNotRecord(t *testing.T) { // alone, since it counts allocations
	tracer, _ := tracer(t, sdk.NeverSample())
	unsampled, span := tracer.Start(t.Context(), "request")
	defer span.End()
	hook := otelflags.NewHook()
	details := openfeature.InterfaceEvaluationDetails{}
	for name, ctx := range map[string]context.Context{"without a span": t.Context(), "unsampled": unsampled} {
		if got := testing.AllocsPerRun(100, func() {
			hook.Finally(ctx, openfeature.HookContext{}, details, openfeature.HookHints{})
		}); got != 0 {
			t.Errorf("%s: %v allocations, want 0", name, got)
		}
	}
}

func TestRecord_writesTheExposuresOfARequest(t *testing.T) {
	t.Parallel()
	tracer, recorder := tracer(t, sdk.AlwaysSample())
	set, err := flags.Static([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := tracer.Start(flags.WithExposures(t.Context()), "request")
	set.Bool(ctx, "new-cart", false, flags.NewContext("ada", flags.StringAttr("plan", "pro")))
	set.Bool(ctx, "off", false, flags.Context{})
	otelflags.Record(ctx)
	span.End()
	want := []string{
		"feature_flag.evaluation feature_flag.key=new-cart feature_flag.provider.name=evenkeel feature_flag.result.reason=targeting_match feature_flag.result.variant=on feature_flag.set.id=static",
		"feature_flag.evaluation feature_flag.key=off feature_flag.provider.name=evenkeel feature_flag.result.reason=disabled feature_flag.set.id=static",
	}
	if got := events(t, recorder); !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
