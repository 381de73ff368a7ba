package eval

import (
	"fmt"
	"math"

	"github.com/evenkeel-go/evenkeel/flags/internal/jsontree"
)

// flag is a compiled flag; immutable.
type flag struct {
	targeting node // nil: none
	variants  []variant
	fallback  *variant // the default variant; nil: the caller's value
	disabled  bool
	isBad     bool
	about     *about
}

// about is what evaluations do not read, kept apart so that all they do read
// of a flag is in one line of the cache.
type about struct {
	key      string
	metadata map[string]any
	bad      string  // if isBad: why it is quarantined without an earlier good version
	text     []byte  // the definition, as it was compiled
	common   *common // what it was compiled with
	clean    bool    // nothing at all is wrong with it: it can be taken over as it is
}

// common is what all flags of a document depend on.
type common struct {
	version    int // of bucketing
	evaluators string
}

type variant struct {
	name  string
	value Value
}

func (f *flag) variant(name string) *variant {
	for i := range f.variants {
		if f.variants[i].name == name {
			return &f.variants[i]
		}
	}
	return nil
}

// maxInteger is the largest whole number that every float64 reader agrees on.
const maxInteger = 1<<53 - 1

// flagReader reads one flag definition.
type flagReader struct {
	compiler *compiler
	key      string
	at       *place
	problems []Problem
	broken   bool
}

func (r *flagReader) broke(at *place, n *jsontree.Node, format string, args ...any) {
	r.broken = true
	r.problems = append(r.problems, problem(r.compiler.src, r.key, at, n, fmt.Sprintf(format, args...)))
}

func (r *flagReader) warn(at *place, n *jsontree.Node, format string, args ...any) {
	p := problem(r.compiler.src, r.key, at, n, fmt.Sprintf(format, args...))
	p.Warning = true
	r.problems = append(r.problems, p)
}

// read compiles a definition as far as it goes. A broken one that is DISABLED
// is a working flag all the same.
func (r *flagReader) read(n *jsontree.Node) *flag {
	f := &flag{about: &about{}}
	if n.Kind != jsontree.Object {
		r.broke(r.at, n, "a flag is an object with state, variants, defaultVariant and targeting, not %s", n.Kind)
		return f
	}
	r.state(f, n)
	r.variants(f, n)
	r.fallback(f, n)
	if targeting := n.Get("targeting"); targeting != nil && (targeting.Kind != jsontree.Object || len(targeting.Items) > 0) {
		var problems []Problem
		f.targeting, problems = r.compiler.targeting(r.key, r.at.member("targeting"), targeting)
		r.problems = append(r.problems, problems...)
		r.broken = r.broken || len(problems) > 0
	}
	f.about.metadata = r.metadata(n)
	for i, key := range n.Keys {
		switch key.Name {
		case "state", "variants", "defaultVariant", "targeting", "metadata":
		default:
			r.warn(r.at.member(key.Name), &n.Items[i], "unknown member: a flag has state, variants, defaultVariant, targeting and metadata")
		}
	}
	return f
}

func (r *flagReader) state(f *flag, n *jsontree.Node) {
	state, at := n.Get("state"), r.at.member("state")
	switch {
	case state == nil:
		r.warn(at, n, "state is missing and counts as ENABLED: write it")
	case state.Kind != jsontree.String:
		r.broke(at, state, "state is \"ENABLED\" or \"DISABLED\", not %s", state.Kind)
	case state.Str == "DISABLED":
		f.disabled = true
	case state.Str != "ENABLED":
		r.warn(at, state, "state %q counts as ENABLED: write ENABLED or DISABLED", state.Str)
	}
}

func (r *flagReader) variants(f *flag, n *jsontree.Node) {
	variants, at := n.Get("variants"), r.at.member("variants")
	switch {
	case variants == nil || variants.Kind == jsontree.Object && len(variants.Items) == 0:
		r.warn(at, n, "there are no variants: callers always get their own default value")
		return
	case variants.Kind != jsontree.Object:
		r.broke(at, variants, "variants is an object, name to value, not %s", variants.Kind)
		return
	}
	shared := r.compiler.shared.variants
	text := string(variants.Text(r.compiler.src))
	if f.variants = shared[text]; f.variants != nil {
		return
	}
	warnings := len(r.problems)
	defer func() {
		if len(r.problems) == warnings {
			shared[text] = f.variants
		}
	}()
	f.variants = make([]variant, 0, len(variants.Items))
	for i := range variants.Items {
		name, value := variants.Keys[i].Name, &variants.Items[i]
		if variants.Get(name) != value {
			continue // of two with one name the last one counts
		}
		f.variants = append(f.variants, variant{r.compiler.shared.text(name), FromNode(value)})
		if value.Kind != variants.Items[0].Kind {
			r.warn(at.member(name), value, "it is %s, while the first variant is %s: callers of one type get an error for the other", value.Kind, variants.Items[0].Kind)
		}
		if value.Kind == jsontree.Number {
			if v := value.Float(); v == math.Trunc(v) && math.Abs(v) > maxInteger {
				r.warn(at.member(name), value, "%s is beyond ±(2^53 − 1): it cannot be read as a whole number", value.Str)
			}
		}
	}
}

func (r *flagReader) fallback(f *flag, n *jsontree.Node) {
	name, at := n.Get("defaultVariant"), r.at.member("defaultVariant")
	switch {
	case name == nil || name.Kind == jsontree.Null:
	case name.Kind != jsontree.String:
		r.broke(at, name, "defaultVariant is the name of a variant, or null for the caller's own default, not %s", name.Kind)
	case name.Str == "":
	default:
		f.fallback = f.variant(name.Str)
		if f.fallback == nil && !r.broken {
			r.broke(at, name, "defaultVariant %q is none of the flag's variants", name.Str)
		}
	}
}

// metadata reads the metadata of a flag; what is not a scalar is left out.
func (r *flagReader) metadata(n *jsontree.Node) map[string]any {
	values := n.Get("metadata")
	if values == nil || values.Kind == jsontree.Null {
		return nil
	}
	metadata := map[string]any{}
	for i := range values.Items {
		if values.Kind == jsontree.Object && scalar(&values.Items[i]) {
			metadata[values.Keys[i].Name] = FromNode(&values.Items[i]).Any()
			continue
		}
		r.warn(r.at.member("metadata"), values, "metadata is an object of texts, numbers and booleans: the rest is left out")
	}
	return metadata
}

func scalar(n *jsontree.Node) bool {
	return n.Kind == jsontree.String || n.Kind == jsontree.Number || n.Kind == jsontree.Bool
}
