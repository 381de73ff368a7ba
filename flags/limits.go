package flags

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
	"github.com/evenkeel-go/evenkeel/flags/internal/jsontree"
)

// Limits bound what a flag document may cost whoever reads it. A document
// over MaxBytes, MaxDepth or MaxFlags is refused as a whole; a flag over
// MaxRuleNodes or MaxRuleCost is quarantined alone.
type Limits struct {
	MaxBytes     int // of the JSON text, inflated. Defaults to 16 MiB.
	MaxDepth     int // of nested lists and objects. Defaults to 64.
	MaxFlags     int // in one document. Defaults to 20,000.
	MaxRuleNodes int // operators in one flag's targeting. Defaults to 2,000.
	MaxRuleCost  int // steps of one evaluation, estimated beforehand; a list from the context counts as 100 elements. Defaults to 10,000.
}

// DefaultLimits returns the limits that hold where none are given.
func DefaultLimits() Limits {
	inner := eval.DefaultLimits()
	return Limits{
		MaxBytes:     16 << 20,
		MaxDepth:     64,
		MaxFlags:     inner.MaxFlags,
		MaxRuleNodes: inner.MaxRuleNodes,
		MaxRuleCost:  inner.MaxRuleCost,
	}
}

// check fills in defaults and refuses nonsense.
func (l Limits) check() (Limits, error) {
	defaults := DefaultLimits()
	for _, field := range []struct {
		name         string
		value        *int
		defaultValue int
	}{
		{"MaxBytes", &l.MaxBytes, defaults.MaxBytes},
		{"MaxDepth", &l.MaxDepth, defaults.MaxDepth},
		{"MaxFlags", &l.MaxFlags, defaults.MaxFlags},
		{"MaxRuleNodes", &l.MaxRuleNodes, defaults.MaxRuleNodes},
		{"MaxRuleCost", &l.MaxRuleCost, defaults.MaxRuleCost},
	} {
		if *field.value < 0 {
			return l, fmt.Errorf("flags: Limits.%s is %d: it cannot be negative; 0 means the default", field.name, *field.value)
		}
		if *field.value == 0 {
			*field.value = field.defaultValue
		}
	}
	return l, nil
}

func (l Limits) eval() eval.Limits {
	inner := eval.DefaultLimits()
	inner.MaxFlags, inner.MaxRuleNodes, inner.MaxRuleCost = l.MaxFlags, l.MaxRuleNodes, l.MaxRuleCost
	return inner
}

var gzipMagic = []byte{0x1f, 0x8b} // RFC 1952 §2.3.1; no JSON text starts so

// inflate returns the JSON text of data, which is raw or gzip. It reads at
// most one byte over the limit, however much a gzip bomb would yield.
func (l Limits) inflate(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, gzipMagic) {
		if len(data) > l.MaxBytes {
			return nil, l.tooLong(len(data))
		}
		return data, nil
	}
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("flags: inflate the document: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(zr, int64(l.MaxBytes)+1))
	if err != nil {
		return nil, fmt.Errorf("flags: inflate the document: %w", err)
	}
	if len(text) > l.MaxBytes {
		return nil, fmt.Errorf("flags: the document of %d gzip bytes inflates to more than the %d bytes allowed: %w", len(data), l.MaxBytes, ErrTooLarge)
	}
	return text, nil
}

func (l Limits) tooLong(size int) error {
	return fmt.Errorf("flags: the document has %d bytes, more than the %d allowed: split the set or raise Limits.MaxBytes: %w", size, l.MaxBytes, ErrTooLarge)
}

// compile turns a JSON text into its tree and its compiled form. The error, if
// any, is a *DocumentError; problems may be there without one.
func (l Limits) compile(text []byte, prev *eval.Document) (*jsontree.Node, *eval.Document, []Problem, error) {
	root, err := jsontree.ParseKnowing(text, l.MaxDepth, "flags", prev.Text)
	if err != nil {
		problem := Problem{Reason: err.Error()}
		if syntax := (*jsontree.SyntaxError)(nil); errors.As(err, &syntax) {
			problem.Line, problem.Column, problem.Reason = syntax.Line, syntax.Column, syntax.Reason
		}
		return nil, nil, nil, &DocumentError{Problems: []Problem{problem}}
	}
	compiled, problems, err := eval.Compile(text, root, prev, l.eval())
	if err != nil {
		if len(problems) == 0 {
			problems = []eval.Problem{{Reason: err.Error()}}
		}
		return nil, nil, nil, &DocumentError{Problems: fromEval(problems)}
	}
	return root, compiled, fromEval(problems), nil
}
