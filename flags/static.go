package flags

import (
	"fmt"
	"slices"
	"time"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
)

// Static returns a Set that serves one document, without a bus, until another
// one is given to [Set.Replace]. A document that cannot be used as a whole is a
// *[DocumentError] or [ErrTooLarge]; single broken flags answer with an error
// each, and are listed in Status.
func Static(document []byte) (*Set, error) {
	s := newSet("", "static")
	close(s.stopped)
	if err := s.Replace(document); err != nil {
		return nil, err
	}
	return s, nil
}

// Replace makes a set of [Static] serve another document, for those who get
// their documents elsewhere, such as from a file that is mounted. A document
// that cannot be used as a whole changes nothing and is an error as for
// Static; in other ones a broken flag keeps its last good version. Status counts
// the documents as revisions, from 1. Safe for concurrent use. Errors: [ErrFollowed] for a set of [Open], [ErrClosed].
func (s *Set) Replace(document []byte) error {
	if s.stop != nil {
		return fmt.Errorf("flags: replace the document of set %q: %w", s.name, ErrFollowed)
	}
	limits := DefaultLimits()
	text, err := limits.inflate(document)
	if err != nil {
		return err
	}
	s.replacing.Lock() // of two at once each must compile against the other's result
	defer s.replacing.Unlock()
	status := s.Status()
	if status.State == Closed {
		return fmt.Errorf("flags: replace the document of set %q: %w", s.name, ErrClosed)
	}
	var earlier *eval.Document
	if before := s.current.Load(); before != nil {
		earlier = before.compiled
	}
	_, compiled, problems, err := limits.compile(slices.Clone(text), earlier)
	if err != nil {
		return err
	}
	s.current.Store(&snapshot{compiled, version{time.Now(), status.Revision.Number + 1}})
	status.State, status.Source, status.Confirmed = Ready, SourceStatic, time.Now()
	status.Revision.Number++
	status.Flags, status.Problems = compiled.Len(), problems
	s.publish(status, compiled.Changed(earlier), 0)
	return nil
}
