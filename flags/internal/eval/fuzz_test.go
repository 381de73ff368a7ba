package eval

import (
	"encoding/json"
	"fmt"
	"testing"
)

// tape makes rules and contexts out of a fuzzer's bytes; an empty tape gives
// the first of everything.
type tape struct{ bytes []byte }

func (t *tape) below(n int) int {
	if len(t.bytes) == 0 {
		return 0
	}
	b := t.bytes[0]
	t.bytes = t.bytes[1:]
	return int(b) % n
}

func pick[T any](t *tape, choices ...T) T { return choices[t.below(len(choices))] }

var (
	tapeTexts   = []string{"on", "", "a", "5", "-1.5", "äöü", "true", "1e2", "null", "ab", "b"}
	tapeNumbers = []float64{0, 1, -1, 2.5, 50, 1e21, 100, 1e-7}
	tapePaths   = []string{"a", "b", "c", "l.1", "o.x", "targetingKey", "nothing", "a.b", "$flagd.flagKey"}
	tapeNames   = []string{"on", "off", "true", "false", "1", "0", "a", ""}
)

func (t *tape) scalar() any {
	switch t.below(5) {
	case 0:
		return pick(t, tapeTexts...)
	case 1:
		return pick(t, tapeNumbers...)
	case 2:
		return true
	case 3:
		return false
	}
	return nil
}

func (t *tape) context() map[string]any {
	c := map[string]any{}
	for _, name := range []string{"a", "b", "c"} {
		if t.below(4) > 0 {
			c[name] = t.scalar()
		}
	}
	if t.below(2) > 0 {
		c["l"] = []any{t.scalar(), t.scalar(), t.scalar()}
		c["o"] = map[string]any{"x": t.scalar()}
	}
	if t.below(4) > 0 {
		c["targetingKey"] = pick(t, "user-1", "user-2", "x", "")
	}
	return c
}

func (t *tape) rule(depth int) any {
	if depth == 0 || len(t.bytes) == 0 {
		return t.scalar()
	}
	list := func(n int) []any {
		args := make([]any, n)
		for i := range args {
			args[i] = t.rule(depth - 1)
		}
		return args
	}
	switch t.below(14) {
	case 0:
		return t.scalar()
	case 1:
		return list(t.below(4))
	case 2, 3:
		return map[string]any{"var": pick(t, tapePaths...)}
	case 4:
		return map[string]any{"var": []any{pick(t, tapePaths...), t.rule(depth - 1)}}
	case 5, 6:
		return map[string]any{"if": list(t.below(6))}
	case 7:
		return map[string]any{pick(t, "and", "or", "merge", "cat", "+", "-", "*", "/", "%", "min", "max", "missing"): list(t.below(4))}
	case 8, 9:
		return map[string]any{pick(t, "==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "starts_with", "ends_with"): list(2)}
	case 10: // the conditions that are compiled to one node
		return map[string]any{pick(t, "==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "starts_with", "ends_with"): []any{
			map[string]any{"var": pick(t, tapePaths...)}, pick(t, t.scalar(), any([]any{t.scalar(), t.scalar(), t.scalar()})),
		}}
	case 11:
		return map[string]any{pick(t, "!", "!!", "substr", "<", "missing_some"): list(1 + t.below(3))}
	case 12:
		buckets := []any{}
		if t.below(3) == 0 {
			buckets = append(buckets, map[string]any{"var": pick(t, tapePaths...)})
		}
		for range 1 + t.below(3) {
			buckets = append(buckets, []any{pick(t, tapeNames...), pick(t, any(1.0), 50.0, 0.0, nil, -3.0, 2.5, "x", any(map[string]any{"var": "a"}))})
		}
		return map[string]any{"fractional": buckets}
	}
	return map[string]any{"substr": []any{t.rule(depth - 1), pick(t, 0.0, 1, -2, 7), pick(t, 1.0, 0, -1, 9)}}
}

// FuzzEvaluate compares the compiled evaluator with the plain one, with the
// context as attributes and as a map.
func FuzzEvaluate(f *testing.F) {
	f.Add([]byte{})
	for i := range 200 { // so that a plain test run covers every operator, too
		seed := make([]byte, 64)
		for j := range seed {
			seed[j] = byte(plainMurmur(fmt.Sprint(i, j)))
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tape := &tape{data}
		context := tape.context()
		rule := tape.rule(5)
		variants := map[string]string{}
		for _, name := range tapeNames {
			variants[name] = "value of " + name
		}
		text, err := json.Marshal(map[string]any{"flags": map[string]any{"f": map[string]any{
			"state": "ENABLED", "variants": variants, "defaultVariant": "off", "targeting": rule,
		}}})
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := rule.(map[string]any); ok && len(m) == 0 {
			return // no rule
		}
		doc, problems := compileAfter(t, string(text), nil, DefaultLimits())
		for _, p := range problems {
			if !p.Warning {
				t.Fatalf("%s: %s\n%s", p.Path, p.Reason, text)
			}
		}
		want := reference{"f", context}.evaluate(rule, tapeNames, "off")
		attrs := attributes(context)
		for form, evaluate := range map[string]func(*Result) *Value{
			"attributes": func(r *Result) *Value { return doc.Evaluate("f", attrs, nil, TypeString, r) },
			"map":        func(r *Result) *Value { return doc.Evaluate("f", nil, context, TypeString, r) },
		} {
			var r Result
			value := evaluate(&r)
			got := result{r.Variant(), string(r.Reason()), string(r.Code())}
			if got != want || (value == nil) != (want.code != "") || value != nil && value.Text() != variants[want.variant] {
				t.Fatalf("%s: got %+v (%s), want %+v\nrule %s\ncontext %v", form, got, r.Message("f"), want, text, context)
			}
		}
	})
}
