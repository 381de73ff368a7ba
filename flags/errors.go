package flags

import (
	"errors"
	"fmt"
	"strings"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
)

// Errors that a caller can act on; check for them with [errors.Is].
var (
	// ErrNotFound: the flag set has no document, or not at that revision.
	ErrNotFound = errors.New("not found")
	// ErrRetired: the flag set was retired; its history is still there.
	ErrRetired = errors.New("retired")
	// ErrConflict: other writers kept changing the set; try again.
	ErrConflict = errors.New("changed by someone else meanwhile")
	// ErrNoStream: the environment has no stream; make it with OpenStore or "flagctl init".
	ErrNoStream = errors.New("the environment is not set up")
	// ErrStreamConfig: the environment's stream is not as it must be.
	ErrStreamConfig = errors.New("the stream is not as it must be")
	// ErrTooLarge: a document is over a limit.
	ErrTooLarge = errors.New("over the limit")
	// ErrFollowed: the Set gets its documents from the bus; see [Set.Replace].
	ErrFollowed = errors.New("the set follows the bus")
	// ErrClosed: the Set or the connection under it was closed.
	ErrClosed = errors.New("closed")
)

// Problem is one thing wrong with a flag document. It is an error by itself.
type Problem struct {
	Flag    string `json:"flag,omitempty"` // the flag's key; "" if the document as a whole is meant
	Path    string `json:"path,omitempty"` // where, as in flags.new-cart.targeting.if[0]
	Line    int    `json:"line,omitempty"` // where in the text, both from 1
	Column  int    `json:"column,omitempty"`
	Reason  string `json:"reason"`            // what is wrong and what would be right
	Warning bool   `json:"warning,omitempty"` // the document works as it is, but look at it
}

func (p *Problem) Error() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d, column %d: ", p.Line, p.Column)
	}
	switch {
	case p.Path != "":
		fmt.Fprintf(&b, "%s: ", p.Path)
	case p.Flag != "":
		fmt.Fprintf(&b, "flag %q: ", p.Flag)
	}
	return b.String() + p.Reason
}

// DocumentError says all that is wrong with a flag document.
type DocumentError struct {
	Problems []Problem // never empty; errors before warnings
}

func (e *DocumentError) Error() string {
	text := "flags: the document is not valid: " + e.Problems[0].Error()
	if more := len(e.Problems) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// Unwrap gives the problems as errors.
func (e *DocumentError) Unwrap() []error {
	errs := make([]error, len(e.Problems))
	for i := range e.Problems {
		errs[i] = &e.Problems[i]
	}
	return errs
}

func fromEval(problems []eval.Problem) []Problem {
	if len(problems) == 0 {
		return nil
	}
	out := make([]Problem, len(problems))
	for i, p := range problems {
		out[i] = Problem(p)
	}
	return out
}
