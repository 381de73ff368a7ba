package flags

import (
	"slices"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
	"github.com/evenkeel-go/evenkeel/flags/internal/jsontree"
)

// Document is a flag set's document in flagd's flag-definition format
// (https://flagd.dev/reference/flag-definitions/), as text and in parts. Its
// edits change only the bytes they must, so layout and unknown members stay.
// Not safe for concurrent use.
type Document struct {
	text     []byte
	limits   Limits
	root     *jsontree.Node
	compiled *eval.Document
	problems []Problem
}

// ParseDocument reads a document, raw or gzip, under the default limits. It
// fails only where nothing can be made of the document as a whole, with a
// *[DocumentError] or [ErrTooLarge]; what is wrong with single flags is in
// [Document.Problems].
func ParseDocument(data []byte) (*Document, error) {
	return DefaultLimits().parse(data)
}

func (l Limits) parse(data []byte) (*Document, error) {
	text, err := l.inflate(data)
	if err != nil {
		return nil, err
	}
	d := &Document{limits: l}
	if err := d.set(slices.Clone(text)); err != nil {
		return nil, err
	}
	return d, nil
}

// Validate says what is wrong with a document, raw or gzip: nil, or a
// *[DocumentError], or [ErrTooLarge]. Warnings alone are no error; they are in
// [Document.Problems].
func Validate(data []byte) error {
	d, err := ParseDocument(data)
	if err != nil {
		return err
	}
	return d.Validate()
}

// Validate returns a *[DocumentError] if any flag of the document is broken.
func (d *Document) Validate() error {
	if slices.ContainsFunc(d.problems, func(p Problem) bool { return !p.Warning }) {
		return &DocumentError{Problems: d.Problems()}
	}
	return nil
}

// worseThan returns a *[DocumentError] with the errors that earlier, which may
// be nil, does not have already.
func (d *Document) worseThan(earlier *Document) error {
	had := map[Problem]bool{}
	if earlier != nil {
		for _, p := range earlier.problems {
			p.Line, p.Column = 0, 0
			had[p] = true
		}
	}
	var added []Problem
	for _, p := range d.problems {
		place := p
		place.Line, place.Column = 0, 0
		if !p.Warning && !had[place] {
			added = append(added, p)
		}
	}
	if len(added) == 0 {
		return nil
	}
	return &DocumentError{Problems: added}
}

// Problems returns what is wrong with the document, errors before warnings.
func (d *Document) Problems() []Problem {
	problems := slices.Clone(d.problems)
	slices.SortStableFunc(problems, func(a, b Problem) int {
		switch {
		case a.Warning == b.Warning:
			return 0
		case a.Warning:
			return 1
		}
		return -1
	})
	return problems
}

// Bytes returns the document's JSON text, in a slice of the caller's own.
func (d *Document) Bytes() []byte { return slices.Clone(d.text) }

// Flag is what a document says of one flag.
type Flag struct {
	Key            string   `json:"key"`
	Enabled        bool     `json:"enabled"`
	DefaultVariant string   `json:"defaultVariant,omitempty"` // "" if the caller's value is the default
	Variants       []string `json:"variants"`                 // in the document's order
	Targeting      string   `json:"targeting,omitempty"`      // the rule's JSON text; "" if there is none
}

// Flags returns the document's flags, in its order.
func (d *Document) Flags() []Flag {
	all := d.root.Get("flags")
	out := make([]Flag, 0, len(all.Keys))
	for i, key := range all.Keys {
		if all.Get(key.Name) == &all.Items[i] { // of two with one key the last one counts
			out = append(out, d.flag(key.Name, &all.Items[i]))
		}
	}
	return out
}

// Flag returns the flag called key, and whether the document has it.
func (d *Document) Flag(key string) (Flag, bool) {
	node := d.root.Get("flags").Get(key)
	if node == nil {
		return Flag{}, false
	}
	return d.flag(key, node), true
}

func (d *Document) flag(key string, node *jsontree.Node) Flag {
	f := Flag{Key: key, Enabled: true}
	if state := node.Get("state"); state != nil {
		f.Enabled = state.Str != "DISABLED"
	}
	if variant := node.Get("defaultVariant"); variant != nil && variant.Kind == jsontree.String {
		f.DefaultVariant = variant.Str
	}
	if variants := node.Get("variants"); variants != nil {
		for _, name := range variants.Keys {
			f.Variants = append(f.Variants, name.Name)
		}
	}
	if rule := node.Get("targeting"); rule != nil && (rule.Kind != jsontree.Object || len(rule.Items) > 0) {
		f.Targeting = string(rule.Text(d.text))
	}
	return f
}

// Changed returns the keys of the flags that d and earlier do not have alike,
// sorted. Layout does not count within a flag's surroundings, but does inside
// it. A nil earlier counts as empty.
func (d *Document) Changed(earlier *Document) []string {
	if earlier == nil {
		return d.compiled.Changed(nil)
	}
	return d.compiled.Changed(earlier.compiled)
}

// set takes over a new text, or fails and leaves the document as it was.
func (d *Document) set(text []byte) error {
	root, compiled, problems, err := d.limits.compile(text, nil)
	if err != nil {
		return err
	}
	d.text, d.root, d.compiled, d.problems = text, root, compiled, problems
	return nil
}
