package eval

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// answers evaluates every flag.
func answers(doc *Document) map[string]string {
	c := &Context{TargetingKey: String("user-1"), Attrs: []Attr{{"plan", String("pro")}}}
	all := map[string]string{}
	for _, key := range doc.Keys() {
		var r Result
		var value any
		if v := doc.Evaluate(key, c, nil, TypeAny, &r); v != nil {
			value = v.Any()
		}
		all[key] = fmt.Sprint(value, r.Variant(), r.Reason(), r.Code(), r.Message(key), r.Metadata())
	}
	return all
}

func TestCompile_givesTheSameWhateverWasThereBefore(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	bodies := []string{
		`"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off"`,
		`"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off", "targeting": {"if": [{"==": [{"var": "plan"}, "pro"]}, "on"]}`,
		`"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off", "targeting": {"if": [{"$ref": "pro"}, "on"]}`,
		`"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off", "targeting": {"fractional": [["on", 50], ["off", 50]]}`,
		`"state": "ENABLED", "variants": {"on": true, "text": "x"}, "defaultVariant": "on"`, // a warning
		`"state": "DISABLED", "variants": {"on": true}, "defaultVariant": "on"`,
	}
	evaluators := []string{`{"==": [{"var": "plan"}, "pro"]}`, `{"!=": [{"var": "plan"}, "pro"]}`}
	var prev *Document
	for range 500 {
		var members []string
		for i := range 12 {
			if random.IntN(10) > 0 {
				space := strings.Repeat(" ", random.IntN(2))
				members = append(members, fmt.Sprintf(`"f%d":%s{%s}`, i, space, bodies[random.IntN(len(bodies))]))
			}
		}
		text := fmt.Sprintf(`{"metadata": {"bucketing": %d, "owner": "team"}, "flags": {%s}, "$evaluators": {"pro": %s}}`,
			2+random.IntN(2), strings.Join(members, ","), evaluators[random.IntN(2)])
		after, problems := compileAfter(t, text, prev, DefaultLimits())
		fresh, freshProblems := compileAfter(t, text, nil, DefaultLimits())
		if got, want := answers(after), answers(fresh); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v\n%s", got, want, text)
		}
		if !reflect.DeepEqual(problems, freshProblems) {
			t.Fatalf("got problems %v, want %v\n%s", problems, freshProblems, text)
		}
		prev = after
	}
}

func TestCompile_sharesFlagsThatDidNotChange(t *testing.T) {
	text := `{"flags": {"a": {"state": "ENABLED", "variants": {"x": 1}, "defaultVariant": "x"}, "b": {"state": "ENABLED", "variants": {"x": %d}, "defaultVariant": "x"}}}`
	first, _ := compileAfter(t, fmt.Sprintf(text, 1), nil, DefaultLimits())
	second, _ := compileAfter(t, fmt.Sprintf(text, 2), first, DefaultLimits())
	if first.flags["a"] != second.flags["a"] {
		t.Error("a flag that did not change was compiled again")
	}
	if first.flags["b"] == second.flags["b"] {
		t.Error("a flag that changed was not compiled")
	}
	if got := second.Changed(first); !reflect.DeepEqual(got, []string{"b"}) {
		t.Errorf("changed: %v", got)
	}
}

func TestCompile_keepsTheLastGoodVersionOfABrokenFlag(t *testing.T) {
	const text = `{"flags": {"a": {"state": %q, "variants": {"x": 1}, "defaultVariant": %q}, "b": {"state": "ENABLED", "variants": {"x": 2}, "defaultVariant": "x"}}}`
	good, _ := compileAfter(t, fmt.Sprintf(text, "ENABLED", "x"), nil, DefaultLimits())
	broken, problems := compileAfter(t, fmt.Sprintf(text, "ENABLED", "none"), good, DefaultLimits())
	if len(problems) != 1 || problems[0].Flag != "a" || problems[0].Warning {
		t.Errorf("problems: %v", problems)
	}
	if !reflect.DeepEqual(answers(broken), answers(good)) {
		t.Errorf("got %v, want %v", answers(broken), answers(good))
	}
	again, problems := compileAfter(t, fmt.Sprintf(text, "ENABLED", "none"), broken, DefaultLimits())
	if len(problems) != 1 || !reflect.DeepEqual(answers(again), answers(good)) {
		t.Errorf("the second time: %v, problems %v", answers(again), problems)
	}
	off, _ := compileAfter(t, fmt.Sprintf(text, "DISABLED", "none"), good, DefaultLimits())
	if got := answers(off)["a"]; !strings.Contains(got, string(ReasonDisabled)) {
		t.Errorf("a broken flag that is DISABLED: %s", got)
	}
	alone, _ := compileAfter(t, fmt.Sprintf(text, "ENABLED", "none"), nil, DefaultLimits())
	if a, b := answers(alone)["a"], answers(alone)["b"]; !strings.Contains(a, string(CodeParseError)) || strings.Contains(b, string(ReasonError)) {
		t.Errorf("without a last good version: %s; the other flag: %s", a, b)
	}
}
