package flags

import (
	"bytes"
	"compress/gzip"
	"errors"
	"slices"
	"strings"
	"testing"
)

const shopDocument = `{
  "metadata": {"owner": "team-checkout"},
  "flags": {
    "new-cart": {
      "state": "ENABLED",
      "variants": {"on": true, "off": false},
      "defaultVariant": "off",
      "targeting": {"if": [{"ends_with": [{"var": "email"}, "@example.com"]}, "on", null]}
    },
    "limit": {"state": "ENABLED", "variants": {"low": 10, "high": 100}, "defaultVariant": "low"}
  }
}
`

func mustParse(t *testing.T, text string) *Document {
	t.Helper()
	d, err := ParseDocument([]byte(text))
	if err != nil {
		t.Fatalf("ParseDocument: %v", err)
	}
	return d
}

func TestDocument_editsChangeOnlyTheirBytes(t *testing.T) {
	for _, row := range []struct {
		name     string
		edit     func(d *Document) error
		old, new string
	}{
		{
			"disable", func(d *Document) error { return d.SetEnabled("limit", false) },
			`"limit": {"state": "ENABLED"`, `"limit": {"state": "DISABLED"`,
		},
		{
			"default variant", func(d *Document) error { return d.SetDefaultVariant("limit", "high") },
			`"defaultVariant": "low"`, `"defaultVariant": "high"`,
		},
		{
			"new member", func(d *Document) error { return d.SetTargeting("limit", []byte(`{"if":[true,"high"]}`)) },
			`"defaultVariant": "low"}`, "\"defaultVariant\": \"low\",\n      \"targeting\": {\"if\":[true,\"high\"]}}",
		},
		{
			"remove the last", func(d *Document) error { return d.RemoveFlag("limit") },
			",\n    \"limit\": {\"state\": \"ENABLED\", \"variants\": {\"low\": 10, \"high\": 100}, \"defaultVariant\": \"low\"}", "",
		},
		{
			"replace", func(d *Document) error {
				return d.SetFlag("limit", []byte(`{"state":"ENABLED","variants":{"x":1},"defaultVariant":"x"}`))
			},
			`{"state": "ENABLED", "variants": {"low": 10, "high": 100}, "defaultVariant": "low"}`, `{"state":"ENABLED","variants":{"x":1},"defaultVariant":"x"}`,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := mustParse(t, shopDocument)
			if err := row.edit(d); err != nil {
				t.Fatal(err)
			}
			want := strings.Replace(shopDocument, row.old, row.new, 1)
			if got := string(d.Bytes()); got != want || want == shopDocument {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestDocument_removesTheFirstAndTheOnlyFlag(t *testing.T) {
	d := mustParse(t, shopDocument)
	for _, key := range []string{"new-cart", "limit"} {
		if err := d.RemoveFlag(key); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.Flags()) != 0 || d.Validate() != nil {
		t.Errorf("got %s", d.Bytes())
	}
	if err := d.SetFlag("back", []byte(`{"state":"ENABLED","variants":{"x":1},"defaultVariant":"x"}`)); err != nil {
		t.Fatal(err)
	}
	if flags := d.Flags(); len(flags) != 1 || flags[0].Key != "back" {
		t.Errorf("got %v", flags)
	}
}

func TestDocument_refusedEditsLeaveItAsItWas(t *testing.T) {
	for _, row := range []struct {
		edit func(d *Document) error
		want string
	}{
		{func(d *Document) error { return d.SetEnabled("nope", true) }, `no flag "nope": the document has "limit", "new-cart"`},
		{func(d *Document) error { return d.SetDefaultVariant("limit", "middle") }, `flag "limit" has no variant "middle": it has "low", "high"`},
		{func(d *Document) error { return d.SetTargeting("limit", []byte(`{"if":`)) }, "the value is not JSON"},
	} {
		d := mustParse(t, shopDocument)
		if err := row.edit(d); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("got %v, want %s", err, row.want)
		}
		if string(d.Bytes()) != shopDocument {
			t.Errorf("the document changed:\n%s", d.Bytes())
		}
	}
}

func TestDocument_flagsAndChanges(t *testing.T) {
	d, changed := mustParse(t, shopDocument), mustParse(t, shopDocument)
	if err := changed.SetEnabled("limit", false); err != nil {
		t.Fatal(err)
	}
	if got := changed.Changed(d); !slices.Equal(got, []string{"limit"}) {
		t.Errorf("Changed: got %v", got)
	}
	if got := d.Changed(nil); !slices.Equal(got, []string{"limit", "new-cart"}) {
		t.Errorf("Changed(nil): got %v", got)
	}
	flag, ok := changed.Flag("limit")
	if !ok || flag.Enabled || flag.DefaultVariant != "low" || !slices.Equal(flag.Variants, []string{"low", "high"}) {
		t.Errorf("Flag: got %+v", flag)
	}
}

func TestValidate_saysWhatIsWrong(t *testing.T) {
	flag := func(definition string) string { return `{"flags": {"f": ` + definition + `}}` }
	for _, row := range []struct{ name, text, want string }{
		{"malformed", `{"flags": {`, "line 1, column 12"},
		{"no flags", `{"flagz": {}}`, "flags"},
		{"unknown operator", flag(`{"state":"ENABLED","variants":{"a":1},"defaultVariant":"a","targeting":{"iff":[true,"a"]}}`), `iff`},
		{"default names nothing", flag(`{"state":"ENABLED","variants":{"a":1},"defaultVariant":"b"}`), `"b"`},
		{"missing ref", flag(`{"state":"ENABLED","variants":{"a":1},"defaultVariant":"a","targeting":{"$ref":"nobody"}}`), `nobody`},
		{"too deep", flag(strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)), "nested deeper than 64 levels"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := Validate([]byte(row.text))
			var invalid *DocumentError
			if !errors.As(err, &invalid) || len(invalid.Problems) == 0 || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want a *DocumentError with %q", err, row.want)
			}
		})
	}
	if err := Validate([]byte(shopDocument)); err != nil {
		t.Errorf("a good document: %v", err)
	}
}

func TestLimits_refuseWhatIsTooLarge(t *testing.T) {
	var bomb bytes.Buffer
	zw := gzip.NewWriter(&bomb)
	for range 256 {
		if _, err := zw.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"gzip bomb": bomb.Bytes(),
		"raw":       bytes.Repeat([]byte(" "), 16<<20+1),
	} {
		if _, err := ParseDocument(data); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: got %v, want ErrTooLarge", name, err)
		}
	}
	if _, err := ParseDocument(bomb.Bytes()[:100]); err == nil || errors.Is(err, ErrTooLarge) {
		t.Errorf("a torn gzip: got %v", err)
	}
	d, err := ParseDocument(deflate([]byte(shopDocument)))
	if err != nil || string(d.Bytes()) != shopDocument {
		t.Errorf("gzip: got %v", err)
	}
}
