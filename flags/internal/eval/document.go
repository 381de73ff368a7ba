package eval

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/evenkeel-go/evenkeel/flags/internal/jsontree"
)

// Document is a compiled flag document. Immutable; safe for concurrent use.
type Document struct {
	flags    map[string]*flag
	common   *common
	metadata map[string]any
	maxSteps int
}

// The versions of fractional; 0 stands for one that is not known.
const (
	bucketingUnknown = 0
	bucketingMurmur  = 2
	bucketingCBOR    = 3
)

// Compile compiles a document; src is its text, root the tree of it. A flag
// whose text is the same as in prev, which may be nil, is shared with it. A
// flag that does not compile is quarantined alone: prev's good version goes on
// serving, or else it answers PARSE_ERROR; one that is DISABLED is off in any
// case. All that is wrong is in problems. An error means that nothing can be
// made of the document as a whole.
func Compile(src []byte, root *jsontree.Node, prev *Document, limits Limits) (*Document, []Problem, error) {
	all := root.Get("flags")
	var reason string
	switch {
	case root.Kind != jsontree.Object:
		reason = fmt.Sprintf("a flag document is an object with the member flags, not %s", root.Kind)
	case all == nil:
		reason = "the member flags is missing: write {\"flags\": {\"my-flag\": {…}}}"
	case all.Kind != jsontree.Object:
		reason = fmt.Sprintf("flags is an object, key to flag, not %s", all.Kind)
	case len(all.Items) > limits.MaxFlags:
		reason = fmt.Sprintf("the document has %d flags, more than %d: split the set", len(all.Items), limits.MaxFlags)
	}
	if reason != "" {
		at := all
		if at == nil {
			at = root
		}
		return nil, []Problem{problem(src, "", &place{name: "flags", index: -1}, at, reason)}, errors.New(reason)
	}
	doc := &Document{flags: make(map[string]*flag, len(all.Items)), maxSteps: limits.MaxSteps}
	r := documentReader{src: src, prev: prev}
	doc.metadata = r.metadata(root)
	evaluators := root.Get("$evaluators")
	r.compiler = &compiler{
		src: src, limits: limits, evaluators: evaluators,
		version: bucketingOf(doc.metadata), refs: map[refKey]*ref{}, shared: newShared(),
	}
	r.common = &common{version: r.compiler.version}
	if evaluators != nil {
		r.common.evaluators = string(evaluators.Text(src))
		r.checkEvaluators(evaluators)
	}
	if prev != nil && *prev.common == *r.common {
		r.common = prev.common
	}
	doc.common = r.common
	for i := range all.Items {
		r.flag(doc, all, i)
	}
	return doc, r.problems, nil
}

// documentReader reads the flags of one document.
type documentReader struct {
	src      []byte
	prev     *Document
	compiler *compiler
	common   *common
	problems []Problem
}

func (r *documentReader) flag(doc *Document, all *jsontree.Node, i int) {
	key, n := all.Keys[i].Name, &all.Items[i]
	if _, twice := doc.flags[key]; twice {
		r.problems = append(r.problems, problem(r.src, key, flagPlace(key), n, "the key occurs twice: the last one counts"))
	}
	text := n.Text(r.src)
	var before *flag
	if r.prev != nil {
		before = r.prev.flags[key]
	}
	if before != nil && before.about.clean && before.about.common == r.common && bytes.Equal(before.about.text, text) {
		doc.flags[before.about.key] = before
		return
	}
	if n.Known {
		if err := jsontree.Read(r.src, n); err != nil { // cannot be: it was read before
			r.problems = append(r.problems, problem(r.src, key, flagPlace(key), n, err.Error()))
			return
		}
	}
	at := flagPlace(key)
	reader := flagReader{compiler: r.compiler, key: key, at: at}
	f := reader.read(n)
	f.about.key, f.about.text, f.about.common, f.about.clean = key, bytes.Clone(text), r.common, len(reader.problems) == 0 && !f.disabled
	r.problems = append(r.problems, reader.problems...)
	if reader.broken && !f.disabled {
		if before != nil && !before.isBad {
			f = before
		} else {
			f.isBad, f.about.bad = true, firstReason(reader.problems)
		}
	}
	doc.flags[key] = f
}

func flagPlace(key string) *place { return (&place{name: "flags", index: -1}).member(key) }

func firstReason(problems []Problem) string {
	for _, p := range problems {
		if !p.Warning {
			return p.Path + ": " + p.Reason
		}
	}
	return "it is quarantined"
}

// checkEvaluators reports empty evaluators that no flag uses.
func (r *documentReader) checkEvaluators(evaluators *jsontree.Node) {
	at := &place{name: "$evaluators", index: -1}
	if evaluators.Kind != jsontree.Object {
		r.problems = append(r.problems, problem(r.src, "", at, evaluators, fmt.Sprintf("$evaluators is an object, name to rule, not %s", evaluators.Kind)))
		return
	}
	for i := range evaluators.Items {
		if n := &evaluators.Items[i]; bytes.Equal(bytes.Join(bytes.Fields(n.Text(r.src)), nil), []byte("{}")) {
			r.problems = append(r.problems, problem(r.src, "", at.member(evaluators.Keys[i].Name), n, "an evaluator cannot be empty"))
		}
	}
}

// metadata reads the flag set's metadata; what is not a scalar is left out.
func (r *documentReader) metadata(root *jsontree.Node) map[string]any {
	values := root.Get("metadata")
	if values == nil || values.Kind == jsontree.Null {
		return nil
	}
	at := &place{name: "metadata", index: -1}
	warn := func(n *jsontree.Node) {
		p := problem(r.src, "", at, n, "metadata is an object of texts, numbers and booleans: the rest is left out")
		p.Warning = true
		r.problems = append(r.problems, p)
	}
	if values.Kind != jsontree.Object {
		warn(values)
		return nil
	}
	metadata := make(map[string]any, len(values.Items))
	for i := range values.Items {
		if !scalar(&values.Items[i]) {
			warn(&values.Items[i])
			continue
		}
		metadata[values.Keys[i].Name] = FromNode(&values.Items[i]).Any()
	}
	return metadata
}

func bucketingOf(metadata map[string]any) int {
	switch metadata["bucketing"] {
	case nil, 2.0:
		return bucketingMurmur
	case 3.0:
		return bucketingCBOR
	default:
		return bucketingUnknown
	}
}

// Keys returns the keys of all flags, sorted.
func (d *Document) Keys() []string { return slices.Sorted(maps.Keys(d.flags)) }

// Len returns how many flags there are.
func (d *Document) Len() int { return len(d.flags) }

// Metadata returns a copy of the flag set's metadata.
func (d *Document) Metadata() map[string]any { return maps.Clone(d.metadata) }

// Text returns the text of a flag that can be taken over as it is, or nil; for
// jsontree.ParseKnowing. A nil Document has none.
func (d *Document) Text(key string) []byte {
	if d == nil {
		return nil
	}
	if f := d.flags[key]; f != nil && f.about.clean {
		return f.about.text
	}
	return nil
}

// same says whether two flags were compiled from the same.
func (f *flag) same(other *flag) bool {
	return f == other || bytes.Equal(f.about.text, other.about.text) && *f.about.common == *other.about.common
}

// Changed returns the keys of the flags that were added, removed or changed
// since prev, sorted. A nil prev is empty.
func (d *Document) Changed(prev *Document) []string {
	var changed []string
	for key, f := range d.flags {
		if prev == nil || prev.flags[key] == nil || !f.same(prev.flags[key]) {
			changed = append(changed, key)
		}
	}
	if prev != nil {
		for key := range prev.flags {
			if d.flags[key] == nil {
				changed = append(changed, key)
			}
		}
	}
	slices.Sort(changed)
	return changed
}
