package flags

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
)

// Set is one flag set, kept up to date in memory. Evaluations read one atomic
// pointer and never wait for the bus. Safe for concurrent use. Make one with
// [Open] or [Static], and Close it at the end.
type Set struct {
	env, name string

	current atomic.Pointer[snapshot] // what evaluations see; nil: no document yet

	mu     sync.Mutex
	status Status               // protected by mu
	subs   map[*subscriber]bool // protected by mu; nil once closed

	replacing sync.Mutex // held by Replace

	stop    context.CancelFunc // ends the follower; nil for a static set
	stopped chan struct{}      // closed when the follower has ended
}

// snapshot is an applied document; immutable.
type snapshot struct {
	compiled *eval.Document
	version  version
}

func newSet(env, name string) *Set {
	return &Set{
		env: env, name: name,
		status:  Status{Env: env, Set: name},
		subs:    map[*subscriber]bool{},
		stopped: make(chan struct{}),
	}
}

// Keys returns the keys of the flags that the set has now, sorted.
func (s *Set) Keys() []string {
	doc := s.current.Load()
	if doc == nil {
		return nil
	}
	return doc.compiled.Keys()
}

// Status says how the set is doing. It reads memory only.
func (s *Set) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Close stops following and waits until all of it has ended, or ctx has. The
// last values go on being served. The connection is the caller's and stays
// open. Closing again does nothing.
func (s *Set) Close(ctx context.Context) error {
	if s.stop != nil {
		s.stop()
	}
	select {
	case <-s.stopped:
	case <-ctx.Done():
		return fmt.Errorf("flags: close set %q: the follower has not ended: %w", s.name, ctx.Err())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := range s.subs {
		close(sub.closed)
	}
	s.subs = nil
	s.status.State = Closed
	return nil
}
