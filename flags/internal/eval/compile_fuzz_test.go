package eval

import (
	"testing"

	"github.com/evenkeel-go/evenkeel/flags/internal/jsontree"
)

// FuzzCompile: whatever the document, nothing panics, and an evaluation keeps
// to its budget of steps.
func FuzzCompile(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add([]byte(v.Doc))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, err := jsontree.Parse(text, 64)
		if err != nil {
			return
		}
		doc, _, err := Compile(text, root, nil, DefaultLimits())
		if err != nil {
			return
		}
		c := &Context{TargetingKey: String("user-1"), Attrs: []Attr{{"a", String("x")}, {"l", list([]Value{Number(1), String("2"), {}})}}}
		for _, key := range doc.Keys() {
			var r Result
			doc.Evaluate(key, c, nil, TypeAny, &r)
			_, _ = r.Message(key), r.Metadata()
			flag := doc.flags[key]
			if flag.disabled || flag.isBad || flag.targeting == nil {
				continue
			}
			e := env{context: c, flag: key, steps: doc.maxSteps}
			eval(flag.targeting, &e)
			if e.steps < 0 && e.failure == "" {
				t.Fatalf("flag %q: the budget is spent, and the evaluation has not failed", key)
			}
		}
	})
}
