package flags

import (
	"cmp"
	"slices"
	"sync"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
)

// Type is the type of a flag's values.
type Type uint8

// The types of flags.
const (
	TypeBool   = Type(eval.TypeBool)
	TypeString = Type(eval.TypeString)
	TypeInt    = Type(eval.TypeInt)
	TypeFloat  = Type(eval.TypeFloat)
	TypeObject = Type(eval.TypeObject)
)

func (t Type) String() string { return [...]string{"bool", "string", "int", "float", "object"}[t] }

// MarshalText gives the type's name.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Declaration is a flag that the program has a [Handle] for.
type Declaration struct {
	Key     string `json:"key"`
	Type    Type   `json:"type"`
	Default any    `json:"default"`
}

var declared struct {
	mu  sync.Mutex
	all []Declaration // protected by mu
}

// declare notes a handle; T decides nothing here but the handle's type.
func declare[T any](h *Handle[T]) *Handle[T] {
	declared.mu.Lock()
	defer declared.mu.Unlock()
	declared.all = append(declared.all, Declaration{h.key, Type(h.t), h.def})
	return h
}

// Declared returns the flags that the program has handles for, sorted by key.
// A flag that is declared twice is there twice; [Set.CheckDeclared] says when
// the two do not agree.
func Declared() []Declaration {
	declared.mu.Lock()
	defer declared.mu.Unlock()
	sorted := slices.Clone(declared.all)
	slices.SortStableFunc(sorted, func(a, b Declaration) int { return cmp.Compare(a.Key, b.Key) })
	return sorted
}

// DeclarationReport compares the flags that a program declares with those that
// a set has.
type DeclarationReport struct {
	Missing    []string // declared, but not in the set: the default value is served
	Undeclared []string // in the set, but no handle reads them: perhaps stale
	Mistyped   []string // a variant of the set's flag is not of the declared type, or two handles disagree
}

// CheckDeclared compares declarations, usually [Declared](), with the set as it
// is now. Call it after Open, or on every update, and log or report what it
// says. All lists are sorted.
func (s *Set) CheckDeclared(declarations []Declaration) DeclarationReport {
	var report DeclarationReport
	types := make(map[string]Type, len(declarations))
	for _, d := range declarations {
		if before, twice := types[d.Key]; twice && before != d.Type {
			report.Mistyped = append(report.Mistyped, d.Key)
		}
		types[d.Key] = d.Type
	}
	has := map[string]bool{}
	if doc := s.current.Load(); doc != nil {
		for _, key := range doc.compiled.Keys() {
			has[key] = true
			t, isDeclared := types[key]
			switch {
			case !isDeclared:
				report.Undeclared = append(report.Undeclared, key)
			case !doc.compiled.Fits(key, eval.Type(t)):
				report.Mistyped = append(report.Mistyped, key)
			}
		}
	}
	for key := range types {
		if !has[key] {
			report.Missing = append(report.Missing, key)
		}
	}
	for _, list := range []*[]string{&report.Missing, &report.Undeclared, &report.Mistyped} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return report
}
