package flags

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const oddDocument = "{ \"$schema\" : \"x\",\r\n\t\"metadata\":{\"n\":1.50,\"big\":12345678901234567890},\n" +
	"  \"unknown\": [1,  2, {\"a\":null}],\n" +
	"  \"flags\" : {\"a\":{\"variants\":{\"on\":true,\"off\":false},\"x-owner\":\"m\\u00fcller\",\"defaultVariant\":\"on\",\"state\":\"ENABLED\"},\"b\" : {}  ,\n\n" +
	"\t\"c <&> \\\"quoted\\\"\":{\"state\":\"ENABLED\",\"variants\":{\"v\":{\"deep\":[1e2,{}]}},\"defaultVariant\":\"v\",\"targeting\":{}}\n} , \"tail\":\"\" }\n\n"

func TestEdit_keepsLayoutAndUnknownMembers(t *testing.T) {
	d := mustParse(t, oddDocument)
	for _, edit := range []func() error{
		func() error { return d.SetEnabled("a", false) },
		func() error { return d.SetDefaultVariant("a", "off") },
		func() error { return d.SetTargeting(`c <&> "quoted"`, []byte(`{"if":[true,"v"]}`)) },
		func() error { return d.SetFlag("b", []byte(`{"state":"DISABLED"}`)) },
	} {
		if err := edit(); err != nil {
			t.Fatal(err)
		}
	}
	want := strings.NewReplacer(
		`"defaultVariant":"on","state":"ENABLED"`, `"defaultVariant":"off","state":"DISABLED"`,
		`"targeting":{}`, `"targeting":{"if":[true,"v"]}`,
		`"b" : {}`, `"b" : {"state":"DISABLED"}`,
	).Replace(oddDocument)
	if got := string(d.Bytes()); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestRemoveFlag_takesAllOfAKeyThatOccursTwice(t *testing.T) {
	d := mustParse(t, `{"flags": {"a": {"state": "ENABLED"}, "b": {}, "a": {"state": "DISABLED"}, "a": {}}}`)
	if err := d.RemoveFlag("a"); err != nil {
		t.Fatal(err)
	}
	if _, there := d.Flag("a"); there || len(d.Flags()) != 1 {
		t.Errorf("got %s", d.Bytes())
	}
}

// FuzzEdit edits any document and checks that the result has what was asked
// for and that everything else is as it was.
func FuzzEdit(f *testing.F) {
	for _, text := range []string{shopDocument, oddDocument, `{"flags":{}}`, `{"flags": {"a": {}}}`, `{"flags":{"a":{},"a":{"state":1}}}`, `{"flags":{},"flags":{"x":7}}`} {
		for _, key := range []string{"a", "limit", "", "new \"one\"\n", "x"} {
			f.Add([]byte(text), key, "on")
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, key, variant string) {
		if key != strings.ToValidUTF8(key, "�") || variant != strings.ToValidUTF8(variant, "�") {
			return // no JSON text can say these
		}
		if _, err := ParseDocument(text); err != nil {
			return
		}
		definition := map[string]any{"state": "ENABLED", "variants": map[string]any{variant: true}, "defaultVariant": variant}
		raw, err := json.Marshal(definition)
		if err != nil {
			t.Fatal(err)
		}
		for name, row := range map[string]struct {
			edit func(d *Document) error
			want func(flags map[string]any)
		}{
			"SetFlag":    {func(d *Document) error { return d.SetFlag(key, raw) }, func(flags map[string]any) { flags[key] = definition }},
			"RemoveFlag": {func(d *Document) error { return d.RemoveFlag(key) }, func(flags map[string]any) { delete(flags, key) }},
			"SetEnabled": {func(d *Document) error { return d.SetEnabled(key, false) }, func(flags map[string]any) { flags[key].(map[string]any)["state"] = "DISABLED" }},
			"SetDefaultVariant": {func(d *Document) error { return d.SetDefaultVariant(key, variant) }, func(flags map[string]any) {
				flags[key].(map[string]any)["defaultVariant"] = variant
			}},
		} {
			d := mustParse(t, string(text))
			before := tree(t, d.Bytes())
			if err := row.edit(d); err != nil {
				if !reflect.DeepEqual(tree(t, d.Bytes()), before) {
					t.Errorf("%s was refused (%v) and changed %q to %q", name, err, text, d.Bytes())
				}
				continue
			}
			row.want(before["flags"].(map[string]any))
			if got := tree(t, d.Bytes()); !reflect.DeepEqual(got, before) {
				t.Errorf("%s(%q) made %q of %q", name, key, d.Bytes(), text)
			}
			if keys := d.compiled.Keys(); !slices.IsSorted(keys) {
				t.Errorf("keys %q", keys)
			}
		}
	})
}

func tree(t *testing.T, text []byte) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var out map[string]any
	if err := decoder.Decode(&out); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return out
}
