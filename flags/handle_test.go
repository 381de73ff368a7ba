package flags_test

import (
	"context"
	"reflect"
	"sync"
	"testing"

	"github.com/evenkeel-go/evenkeel/flags"
)

var (
	newCart = flags.Bool("new-cart", false)
	banner  = flags.String("banner", "none")
	limit   = flags.Int("limit", 7)
	ratio   = flags.Float("ratio", 0.25)
	theme   = flags.Object("theme", map[string]any{})
)

const declaredDocument = `{"flags": {
	"new-cart": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
		"targeting": {"if": [{"==": [{"var": "plan"}, "pro"]}, "on", "off"]}},
	"banner": {"state": "ENABLED", "variants": {"en": "Hello"}, "defaultVariant": "en"},
	"limit": {"state": "ENABLED", "variants": {"x": 1, "y": 1.5}, "defaultVariant": "x"},
	"ratio": {"state": "ENABLED", "variants": {"x": 0.5}, "defaultVariant": "x"},
	"forgotten": {"state": "ENABLED", "variants": {"x": 0.5}, "defaultVariant": "x"}
}}`

func static(t *testing.T, document string) *flags.Set {
	t.Helper()
	set, err := flags.Static([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestHandle_readsTheSetAndTheContextOfItsCtx(t *testing.T) {
	ctx := t.Context()
	if newCart.Value(ctx) || limit.Value(ctx) != 7 {
		t.Error("without a set: not the default values")
	}
	if got := banner.Details(ctx); got.Value != "none" || got.ErrorCode != flags.CodeNotReady {
		t.Errorf("without a set: %+v", got)
	}
	ctx = flags.WithSet(ctx, static(t, declaredDocument))
	pro := flags.NewContext("u1", flags.StringAttr("plan", "pro"))
	if newCart.Value(ctx) || !newCart.For(ctx, pro) || !newCart.Value(flags.WithContext(ctx, pro)) {
		t.Error("new-cart is not what its rule says")
	}
	if banner.Value(ctx) != "Hello" || limit.Value(ctx) != 1 || ratio.Value(ctx) != 0.5 {
		t.Error("values of the set are not served")
	}
	if got := newCart.Details(flags.WithContext(ctx, pro)); got.Variant != "on" || got.Reason != flags.ReasonTargetingMatch {
		t.Errorf("got %+v", got)
	}
	if got := theme.Value(ctx); !reflect.DeepEqual(got, map[string]any{}) {
		t.Errorf("a flag that is not there: got %v, want the default value", got)
	}
}

func TestBind_servesHandlesWhoseCtxCarriesNoSet(t *testing.T) {
	before := flags.Bind(static(t, declaredDocument))
	defer flags.Bind(before)
	if banner.Value(t.Context()) != "Hello" {
		t.Error("the bound set is not read")
	}
	other := static(t, `{"flags": {"banner": {"state": "ENABLED", "variants": {"x": "other"}, "defaultVariant": "x"}}}`)
	if banner.Value(flags.WithSet(t.Context(), other)) != "other" {
		t.Error("the set of the ctx does not come first")
	}
}

func TestSet_prefersTheContextItIsGiven(t *testing.T) {
	set := static(t, declaredDocument)
	ctx := flags.WithContext(t.Context(), flags.NewContext("u1", flags.StringAttr("plan", "pro")))
	if !set.Bool(ctx, "new-cart", false, flags.Context{}) {
		t.Error("the zero Context does not stand for the one that ctx carries")
	}
	if set.Bool(ctx, "new-cart", false, flags.NewContext("u2")) {
		t.Error("a given Context is not used as it is")
	}
}

func TestCheckDeclared_namesWhatDoesNotFit(t *testing.T) {
	got := static(t, declaredDocument).CheckDeclared(flags.Declared())
	want := flags.DeclarationReport{Missing: []string{"theme"}, Undeclared: []string{"forgotten"}, Mistyped: []string{"limit"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	twice := []flags.Declaration{{Key: "ratio", Type: flags.TypeFloat}, {Key: "ratio", Type: flags.TypeString}}
	if got := static(t, declaredDocument).CheckDeclared(twice).Mistyped; !reflect.DeepEqual(got, []string{"ratio"}) {
		t.Errorf("two handles that disagree: got %v", got)
	}
}

func TestExposures_recordsEachVariantOnceInOrder(t *testing.T) {
	set := static(t, declaredDocument)
	ctx := flags.WithExposures(flags.WithSet(t.Context(), set))
	pro := flags.NewContext("u1", flags.StringAttr("plan", "pro"))
	for range 3 {
		newCart.For(ctx, pro)
		newCart.Value(ctx)
		set.String(ctx, "nothing", "", pro)
		_ = flags.NewProvider(set).FloatEvaluation(ctx, "ratio", 0, nil)
	}
	want := []flags.Exposure{
		{Set: "static", Key: "new-cart", Variant: "on", Reason: flags.ReasonTargetingMatch},
		{Set: "static", Key: "new-cart", Variant: "off", Reason: flags.ReasonTargetingMatch},
		{Set: "static", Key: "nothing", Reason: flags.ReasonError},
		{Set: "static", Key: "ratio", Variant: "x", Reason: flags.ReasonStatic},
	}
	if got := flags.Exposures(ctx); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := flags.Exposures(t.Context()); got != nil {
		t.Errorf("without WithExposures: %v", got)
	}
}

func TestExposures_areBoundedAndSafeForConcurrentUse(t *testing.T) {
	set := static(t, declaredDocument)
	ctx := flags.WithExposures(t.Context())
	keys := make([]string, 100)
	for i := range keys {
		keys[i] = string(rune('a'+i%26)) + string(rune('a'+i/26))
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for _, key := range keys {
				set.Bool(ctx, key, false, flags.Context{})
			}
		})
	}
	group.Wait()
	if got := len(flags.Exposures(ctx)); got != 32 {
		t.Errorf("%d exposures, want 32", got)
	}
}

func TestHandle_doesNotAllocate(t *testing.T) {
	ctx := flags.WithExposures(flags.WithSet(flags.WithContext(context.Background(), flags.NewContext("u1", flags.StringAttr("plan", "pro"))), static(t, declaredDocument)))
	for name, read := range map[string]func(){
		"bool":   func() { newCart.Value(ctx) },
		"string": func() { banner.Value(ctx) },
		"int":    func() { limit.Value(ctx) },
		"float":  func() { ratio.Value(ctx) },
	} {
		if got := testing.AllocsPerRun(100, read); got != 0 {
			t.Errorf("%s: %v allocations, want 0", name, got)
		}
	}
}
