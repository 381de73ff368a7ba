package flags

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/evenkeel-go/evenkeel/flags/internal/jsontree"
)

// SetEnabled switches the flag called key on or off. Off is the kill switch:
// every caller gets its own default value.
func (d *Document) SetEnabled(key string, on bool) error {
	state := `"DISABLED"`
	if on {
		state = `"ENABLED"`
	}
	return d.setMember(key, "state", []byte(state))
}

// SetDefaultVariant makes variant the one that is served where targeting
// chooses none. The flag must have it.
func (d *Document) SetDefaultVariant(key, variant string) error {
	flag, ok := d.Flag(key)
	if !ok {
		return d.unknownFlag(key)
	}
	if !slices.Contains(flag.Variants, variant) {
		return fmt.Errorf("flags: flag %q has no variant %q: it has %s", key, variant, quoteList(flag.Variants))
	}
	return d.setMember(key, "defaultVariant", quote(variant))
}

// SetTargeting replaces the flag's rule by a JSON text; a nil rule takes it
// away. A rule that does not compile shows in [Document.Problems].
func (d *Document) SetTargeting(key string, rule []byte) error {
	if rule == nil {
		rule = []byte("{}")
	}
	return d.setMember(key, "targeting", rule)
}

// SetFlag adds or replaces a whole flag definition, given as JSON text.
func (d *Document) SetFlag(key string, definition []byte) error {
	return d.splice(d.root.Get("flags"), key, definition, "    ")
}

// RemoveFlag takes a flag out of the document.
func (d *Document) RemoveFlag(key string) error {
	if _, there := d.Flag(key); !there {
		return d.unknownFlag(key)
	}
	shorter := *d
	for at := shorter.keyAt(key); at >= 0; at = shorter.keyAt(key) { // a key may occur twice
		if err := shorter.removeAt(at); err != nil {
			return err
		}
	}
	*d = shorter
	return nil
}

func (d *Document) keyAt(key string) int {
	return slices.IndexFunc(d.root.Get("flags").Keys, func(k jsontree.Key) bool { return k.Name == key })
}

func (d *Document) removeAt(at int) error {
	all := d.root.Get("flags")
	from, to := all.Keys[at].Start, all.Items[at].End
	switch { // one comma goes with it, and the white space on that side
	case at+1 < len(all.Keys):
		to = all.Keys[at+1].Start
	case at > 0:
		from = all.Items[at-1].End
	}
	return d.set(slices.Concat(d.text[:from], d.text[to:]))
}

// setMember sets one member of a flag.
func (d *Document) setMember(key, member string, value []byte) error {
	node := d.root.Get("flags").Get(key)
	if node == nil {
		return d.unknownFlag(key)
	}
	if node.Kind != jsontree.Object {
		return fmt.Errorf("flags: flag %q is %s, not an object: replace it whole with SetFlag", key, node.Kind)
	}
	return d.splice(node, member, value, "      ")
}

// splice sets a member of an object in the text and reads the result.
func (d *Document) splice(object *jsontree.Node, name string, value []byte, indent string) error {
	if _, err := jsontree.Parse(value, d.limits.MaxDepth); err != nil {
		return fmt.Errorf("flags: set %q: the value is not JSON: %w", name, err)
	}
	if old := object.Get(name); old != nil {
		return d.set(slices.Concat(d.text[:old.Start], value, d.text[old.End:]))
	}
	added := slices.Concat([]byte("\n"+indent), quote(name), []byte(": "), value)
	if last := len(object.Items) - 1; last >= 0 {
		at := object.Items[last].End
		return d.set(slices.Concat(d.text[:at], []byte(","), added, d.text[at:]))
	}
	at := object.Start + 1
	return d.set(slices.Concat(d.text[:at], added, []byte("\n"), d.text[at:]))
}

func (d *Document) unknownFlag(key string) error {
	keys := d.compiled.Keys()
	if len(keys) > 10 {
		return fmt.Errorf("flags: there is no flag %q among the %d of the document", key, len(keys))
	}
	return fmt.Errorf("flags: there is no flag %q: the document has %s", key, quoteList(keys))
}

func quote(text string) []byte {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil { // cannot be: a string always encodes
		panic(err)
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

func quoteList(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = string(quote(name))
	}
	return strings.Join(quoted, ", ")
}
