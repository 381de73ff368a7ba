package jsontree

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestParse_saysWhereAndWhy(t *testing.T) {
	for _, row := range []struct{ src, want string }{
		{`{"a": 1,}`, `line 1, column 9: expected a member name in double quotes, found '}'`},
		{"{\n  \"a\": tru\n}", `line 2, column 8: expected a value, found 't'`},
		{`[1 2]`, `line 1, column 4: expected ',' or ']' in the list, found '2'`},
		{`{"a" 1}`, `line 1, column 6: expected ':' after the member name "a", found '1'`},
		{``, `line 1, column 1: expected a value, found the end of the document`},
		{`{} {}`, `line 1, column 4: something follows the end of the document: '{'`},
		{`"abc`, `line 1, column 5: the string does not end`},
		{`"\x"`, `line 1, column 3: unknown escape in a string: \ and 'x'`},
		{"\"a\xff\"", `line 1, column 2: the string is not valid UTF-8`},
		{`01`, `line 1, column 2: something follows the end of the document: '1'`},
		{`[[[[1]]]]`, `line 1, column 4: nested deeper than 3 levels`},
	} {
		_, err := Parse([]byte(row.src), 3)
		if err == nil || err.Error() != row.want {
			t.Errorf("Parse(%q): got %v, want %s", row.src, err, row.want)
		}
	}
}

func TestParse_refusesDeepNestingBeforeReadingIt(t *testing.T) {
	src := strings.Repeat(`{"a":[`, 5_000_000)
	if _, err := Parse([]byte(src), 64); err == nil || !strings.Contains(err.Error(), "nested deeper than 64 levels") {
		t.Errorf("got %v, want a refusal by depth", err)
	}
}

func TestParse_keepsPlacesAndSpelling(t *testing.T) {
	src := []byte(` {"n": 1.50, "o": {"k": [true, null]}, "n": 10e0 } `)
	root, err := Parse(src, 8)
	if err != nil {
		t.Fatal(err)
	}
	if got := root.Get("n"); got.Str != "10e0" || got.Float() != 10 {
		t.Errorf("the last of two equal names: got %q", got.Str)
	}
	if got := string(root.Get("o").Text(src)); got != `{"k": [true, null]}` {
		t.Errorf("Text: got %s", got)
	}
	if key := root.Keys[1]; string(src[key.Start:key.End]) != `"o"` {
		t.Errorf("key range: got %s", src[key.Start:key.End])
	}
}

// FuzzParse compares with encoding/json: the same texts are accepted (but for
// invalid UTF-8) and they mean the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-2.5e-3,"\ud83d\ude00\u0041\n",true,false,null]}`, `""`, `"\ud800x"`, `[]`, `{"a":1,"a":2}`, `-0`, "\"\xff\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		var want any
		decoder := json.NewDecoder(strings.NewReader(string(src)))
		decoder.UseNumber()
		wantErr := decoder.Decode(&want)
		if wantErr == nil && !json.Valid(src) {
			wantErr = &SyntaxError{Reason: "trailing text"}
		}
		node, err := Parse(src, 9000)
		if err != nil {
			if wantErr == nil && !strings.Contains(err.Error(), "UTF-8") {
				t.Fatalf("refused what encoding/json accepts: %q: %v", src, err)
			}
			return
		}
		if wantErr != nil {
			t.Fatalf("accepted what encoding/json refuses: %q: %v", src, wantErr)
		}
		if got := plain(node); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: got %#v, want %#v", src, got, want)
		}
	})
}

func plain(n *Node) any {
	switch n.Kind {
	case Bool:
		return n.Bool
	case Number:
		return json.Number(n.Str)
	case String:
		return n.Str
	case Array:
		list := make([]any, len(n.Items))
		for i := range n.Items {
			list[i] = plain(&n.Items[i])
		}
		return list
	case Object:
		object := make(map[string]any, len(n.Items))
		for i, key := range n.Keys {
			object[key.Name] = plain(&n.Items[i])
		}
		return object
	}
	return nil
}
