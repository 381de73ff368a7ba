package eval

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"testing"

	"github.com/evenkeel-go/evenkeel/flags/internal/jsontree"
)

// vector is one case of testdata/flagd-semantics.json: what flagd's own core
// gave, or, where the project decides otherwise, what it wants.
type vector struct {
	expected
	Name      string          `json:"name"`
	Doc       json.RawMessage `json:"doc"`
	Type      string          `json:"type"`
	Ctx       map[string]any  `json:"ctx"`
	Metadata  map[string]any  `json:"metadata"`
	Deviates  bool            `json:"deviates"`
	WantOurs  *expected       `json:"want_ours"`
	LoadError string          `json:"loadError"`
}

type expected struct {
	Value   any    `json:"value"`
	Variant string `json:"variant"`
	Reason  string `json:"reason"`
	Error   string `json:"error"`
}

func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/flagd-semantics.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 321 {
		t.Fatalf("%d vectors, want 321", len(all))
	}
	return all
}

// TestConformance runs every vector with the context as attributes, as a map
// and as a map of native integers. With EVENKEEL_CONFORMANCE set it prints the
// line that "make conformance" shows.
func TestConformance(t *testing.T) {
	passed, failed := 0, 0
	for _, v := range vectors(t) {
		ok := t.Run(v.Name, func(t *testing.T) {
			doc := compile(t, string(v.Doc))
			for _, c := range []struct {
				form    string
				context *Context
				flat    map[string]any
			}{{"attributes", attributes(v.Ctx), nil}, {"map", nil, orEmpty(v.Ctx)}, {"integers", nil, orEmpty(integers(v.Ctx))}} {
				checkVector(t, v, c.form, doc, c.context, c.flat)
			}
		})
		if ok {
			passed++
		} else {
			failed++
		}
	}
	if os.Getenv("EVENKEEL_CONFORMANCE") != "" {
		fmt.Fprintf(os.Stdout, "%d passed, %d failed\n", passed, failed)
	}
}

func checkVector(t *testing.T, v vector, form string, doc *Document, c *Context, flat map[string]any) {
	t.Helper()
	want := v.expected
	if v.Deviates {
		want = *v.WantOurs
	}
	types := map[string]Type{"bool": TypeBool, "string": TypeString, "int": TypeInt, "float": TypeFloat, "object": TypeObject, "any": TypeAny}
	ask, ok := types[v.Type]
	if !ok {
		t.Fatalf("unknown type %q", v.Type)
	}
	var got any
	var r Result
	if value := doc.Evaluate("f", c, flat, ask, &r); value != nil {
		got = value.Any()
	}
	if want.Variant == "" || want.Error != "" { // the caller's default
		want.Value = nil
	}
	if !reflect.DeepEqual(got, want.Value) || r.Variant() != want.Variant || string(r.Reason()) != want.Reason || string(r.Code()) != want.Error {
		t.Errorf("%s: got %v, variant %q, %s %s (%s)\nwant %v, variant %q, %s %s\ndoc %s\nctx %v", form,
			got, r.Variant(), r.Reason(), r.Code(), r.Message("?"), want.Value, want.Variant, want.Reason, want.Error, v.Doc, v.Ctx)
	}
	if v.Metadata != nil && !reflect.DeepEqual(r.Metadata(), v.Metadata) {
		t.Errorf("metadata: got %v, want %v", r.Metadata(), v.Metadata)
	}
}

func attributes(ctx map[string]any) *Context {
	c := &Context{}
	for key, value := range ctx {
		if key == "targetingKey" {
			c.TargetingKey = FromAny(value)
			continue
		}
		c.Attrs = append(c.Attrs, Attr{key, FromAny(value)})
	}
	return c
}

// integers gives whole numbers as a Go program would.
func integers(ctx map[string]any) map[string]any {
	out := make(map[string]any, len(ctx))
	for key, value := range ctx {
		if f, ok := value.(float64); ok && f == float64(int(f)) {
			value = int(f)
		}
		out[key] = value
	}
	return out
}

// compile compiles a document that must be usable as a whole.
func compile(t testing.TB, text string) *Document {
	t.Helper()
	doc, _ := compileAfter(t, text, nil, DefaultLimits())
	return doc
}

func compileAfter(t testing.TB, text string, prev *Document, limits Limits) (*Document, []Problem) {
	t.Helper()
	root, err := jsontree.ParseKnowing([]byte(text), 64, "flags", prev.Text)
	if err != nil {
		t.Fatalf("parse: %v\n%.300s", err, text)
	}
	doc, problems, err := Compile([]byte(text), root, prev, limits)
	if err != nil {
		t.Fatalf("compile: %v\n%.300s", err, text)
	}
	return doc, problems
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
