package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/open-feature/go-sdk/openfeature"

	"github.com/evenkeel-go/evenkeel/flags"
)

// candidate evaluates a boolean flag for the context that all share.
type candidate struct {
	name string
	eval func(key string) bool
}

// candidates loads the flags into everything that is compared.
func candidates() ([]candidate, error) {
	set, err := flags.Static(document(size, false))
	if err != nil {
		return nil, err
	}
	ld, err := launchDarkly()
	if err != nil {
		return nil, err
	}
	gb, err := growthBook()
	if err != nil {
		return nil, err
	}
	ours, err := openFeature("evenkeel", flags.NewProvider(set))
	if err != nil {
		return nil, err
	}
	constant, err := openFeature("constant", &constantProvider{})
	if err != nil {
		return nil, err
	}
	all := []candidate{
		{"floor", floor()},
		{"evenkeel", typed(set)},
		{"launchdarkly", ld},
		{"growthbook", gb},
		{"openfeature constant", constant},
		{"openfeature evenkeel", ours},
	}
	for _, c := range all { // a fast answer is only worth something if it is right
		for _, workload := range workloads[:3] {
			if want := workload != "static"; c.name != "openfeature constant" && c.eval(workload) != want {
				return nil, fmt.Errorf("%s: %s is not %t", c.name, workload, want)
			}
		}
	}
	return all, nil
}

// floor is the least that an evaluation can cost: one look-up behind an atomic
// pointer, and rules written by hand.
func floor() func(string) bool {
	hash := func() uint32 {
		h := uint32(2166136261)
		for i := range len(userKey) {
			h = (h ^ uint32(userKey[i])) * 16777619
		}
		return h
	}
	endsWith := func(suffix string) func() bool { return func() bool { return strings.HasSuffix(email, suffix) } }
	table := map[string]func() bool{
		"static": func() bool { return false },
		"rule":   endsWith(suffix),
		"nested": func() bool {
			return plan == "pro" && (country == "at" || country == "ch" || country == "de") && age >= 18 && !strings.HasPrefix(email, "test") && beta
		},
		"fractional": func() bool { return uint64(hash())*100>>32 >= 25 },
	}
	for _, key := range shuffled {
		table[key] = endsWith(suffixOf(key))
	}
	var current atomic.Pointer[map[string]func() bool]
	current.Store(&table)
	return func(key string) bool { return (*current.Load())[key]() }
}

func typed(set *flags.Set) func(string) bool {
	ctx := context.Background()
	ec := flags.NewContext(userKey, flags.StringAttr("email", email), flags.StringAttr("country", country),
		flags.StringAttr("plan", plan), flags.IntAttr("age", age), flags.BoolAttr("beta", beta))
	return func(key string) bool { return set.Bool(ctx, key, false, ec) }
}

func openFeature(domain string, provider openfeature.FeatureProvider) (func(string) bool, error) {
	if err := openfeature.SetNamedProviderAndWait(domain, provider); err != nil {
		return nil, err
	}
	client, ctx := openfeature.NewClient(domain), context.Background()
	ec := openfeature.NewEvaluationContext(userKey, map[string]any{"email": email, "country": country, "plan": plan, "age": age, "beta": beta})
	return func(key string) bool { return client.Boolean(ctx, key, false, ec) }, nil
}

// constantProvider answers at once: what is left is the OpenFeature client.
type constantProvider struct{ _ byte }

func (*constantProvider) Metadata() openfeature.Metadata {
	return openfeature.Metadata{Name: "constant"}
}
func (*constantProvider) Hooks() []openfeature.Hook { return nil }

func (*constantProvider) BooleanEvaluation(context.Context, string, bool, openfeature.FlattenedContext) openfeature.BoolResolutionDetail {
	return answer(true)
}

func (*constantProvider) StringEvaluation(context.Context, string, string, openfeature.FlattenedContext) openfeature.StringResolutionDetail {
	return answer("")
}

func (*constantProvider) FloatEvaluation(context.Context, string, float64, openfeature.FlattenedContext) openfeature.FloatResolutionDetail {
	return answer(0.0)
}

func (*constantProvider) IntEvaluation(context.Context, string, int64, openfeature.FlattenedContext) openfeature.IntResolutionDetail {
	return answer(int64(0))
}

func (*constantProvider) ObjectEvaluation(context.Context, string, any, openfeature.FlattenedContext) openfeature.InterfaceResolutionDetail {
	return answer[any](nil)
}

func answer[T any](value T) openfeature.GenericResolutionDetail[T] {
	detail := openfeature.GenericResolutionDetail[T]{Value: value}
	detail.Variant, detail.Reason = "on", openfeature.StaticReason
	return detail
}
