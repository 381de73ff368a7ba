package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	growthbook "github.com/growthbook/growthbook-golang"
	"github.com/launchdarkly/go-sdk-common/v3/ldcontext"
	"github.com/launchdarkly/go-sdk-common/v3/ldvalue"
	"github.com/launchdarkly/go-server-sdk-evaluation/v3/ldbuilders"
	"github.com/launchdarkly/go-server-sdk-evaluation/v3/ldmodel"
	ld "github.com/launchdarkly/go-server-sdk/v7"
	"github.com/launchdarkly/go-server-sdk/v7/ldcomponents"
	"github.com/launchdarkly/go-server-sdk/v7/testhelpers/ldtestdata"
)

// launchDarkly is LaunchDarkly's SDK on flags in memory, its events off.
func launchDarkly() (func(string) bool, error) {
	data := ldtestdata.DataSource()
	for _, name := range workloads[:4] {
		data.UsePreconfiguredFlag(ldFlag(name, name, suffix))
	}
	for _, key := range shuffled {
		data.UsePreconfiguredFlag(ldFlag(key, "rule", suffixOf(key)))
	}
	client, err := ld.MakeCustomClient("none", ld.Config{
		DataSource: data, Events: ldcomponents.NoEvents(), DiagnosticOptOut: true, Logging: ldcomponents.NoLogging(),
	}, 10*time.Second)
	if err != nil {
		return nil, err
	}
	user := ldcontext.NewBuilder(userKey).SetString("email", email).SetString("country", country).
		SetString("plan", plan).SetInt("age", age).SetBool("beta", beta).Build()
	return func(key string) bool {
		value, _ := client.BoolVariation(key, user, false) // an error is a wrong value, which is looked for at the start
		return value
	}, nil
}

func ldFlag(key, workload, suffix string) ldmodel.FeatureFlag {
	b := ldbuilders.NewFlagBuilder(key).On(true).Variations(ldvalue.Bool(false), ldvalue.Bool(true)).OffVariation(0).FallthroughVariation(0).Salt("salt")
	text := ldvalue.String
	endsWith := ldbuilders.Clause("email", ldmodel.OperatorEndsWith, text(suffix))
	switch workload {
	case "rule":
		b.AddRule(ldbuilders.NewRuleBuilder().ID("r").Variation(1).Clauses(endsWith))
	case "nested":
		b.AddRule(ldbuilders.NewRuleBuilder().ID("r").Variation(1).Clauses(
			ldbuilders.Clause("plan", ldmodel.OperatorIn, text("pro")),
			ldbuilders.Clause("country", ldmodel.OperatorIn, text("at"), text("ch"), text("de")),
			ldbuilders.Clause("age", ldmodel.OperatorGreaterThanOrEqual, ldvalue.Int(18)),
			ldbuilders.Negate(ldbuilders.Clause("email", ldmodel.OperatorStartsWith, text("test"))),
			ldbuilders.Clause("beta", ldmodel.OperatorIn, ldvalue.Bool(true))))
	case "fractional":
		b.Fallthrough(ldbuilders.Rollout(ldbuilders.Bucket(1, 25_000), ldbuilders.Bucket(0, 25_000), ldbuilders.Bucket(1, 50_000)))
	}
	return b.Build()
}

// growthBook is GrowthBook's SDK with a client for the user made beforehand.
func growthBook() (func(string) bool, error) {
	feature := func(workload, suffix string) map[string]any {
		f := map[string]any{"defaultValue": false}
		when := func(condition map[string]any) {
			f["rules"] = []any{map[string]any{"condition": condition, "force": true}}
		}
		switch workload {
		case "rule":
			when(map[string]any{"email": map[string]any{"$regex": regexp.QuoteMeta(suffix) + "$"}})
		case "nested":
			when(map[string]any{
				"plan": "pro", "country": map[string]any{"$in": []string{"at", "ch", "de"}}, "age": map[string]any{"$gte": 18},
				"email": map[string]any{"$not": map[string]any{"$regex": "^test"}}, "beta": true,
			})
		case "fractional":
			f["rules"] = []any{map[string]any{"variations": []bool{true, false, true}, "weights": []float64{.25, .25, .5}, "coverage": 1}}
		}
		return f
	}
	features := map[string]any{}
	for _, name := range workloads[:4] {
		features[name] = feature(name, suffix)
	}
	for _, key := range shuffled {
		features[key] = feature("rule", suffixOf(key))
	}
	text, err := json.Marshal(features)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	client, err := growthbook.NewClient(ctx, growthbook.WithJsonFeatures(string(text)), growthbook.WithAttributes(growthbook.Attributes{
		"id": userKey, "email": email, "country": country, "plan": plan, "age": age, "beta": beta,
	}))
	if err != nil {
		return nil, fmt.Errorf("growthbook: %w", err)
	}
	return func(key string) bool {
		on, _ := client.EvalFeature(ctx, key).Value.(bool)
		return on
	}, nil
}
