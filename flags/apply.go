package flags

import (
	"fmt"
	"time"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
)

// apply serves a revision from now on, or keeps what is served if nothing can
// be made of it. received is when it was pushed, zero for a read; abandoned is
// the later version that the store has gone back from, zero if it has not.
func (f *follower) apply(m *message, received time.Time, abandoned version) {
	before := f.set.current.Load()
	compiled, problems, err := f.compile(m, before)
	if err != nil {
		f.rejected = fmt.Errorf("flags: set %q of %q: revision %d by %q is not served, the last good one is: %w", f.set.name, f.set.env, m.Number, m.Actor, err)
		f.config.logger.Warn("flags: refused a revision", "set", f.set.name, "revision", m.Number, "actor", m.Actor, "error", err)
		f.report(nil, 0)
		return
	}
	var earlier *eval.Document
	if before != nil {
		earlier = before.compiled
	}
	f.serve(m, compiled, problems, SourceBus)
	f.save(m, abandoned)
	var latency time.Duration
	if !received.IsZero() {
		latency = max(time.Since(m.Time), 0)
	}
	f.report(compiled.Changed(earlier), latency)
}

// serve swaps a document in.
func (f *follower) serve(m *message, compiled *eval.Document, problems []Problem, source Source) {
	f.set.current.Store(&snapshot{compiled: compiled, version: m.version})
	for _, problem := range problems {
		if !problem.Warning {
			f.config.logger.Warn("flags: quarantined a flag", "set", f.set.name, "revision", m.Number, "problem", problem.Error())
		}
	}
	f.rejected = nil
	f.status.Source = source
	f.status.Revision = m.Revision
	f.status.Flags = compiled.Len()
	f.status.Problems = problems
}

// confirm takes note that the store has what is held.
func (f *follower) confirm(m *message) {
	if f.rejected == nil {
		f.status.Source = SourceBus
		f.status.Revision = m.Revision // a file does not know all of it
		f.save(m, version{})           // in case the file is not what it was
	}
	f.report(nil, 0)
}

func (f *follower) compile(m *message, before *snapshot) (*eval.Document, []Problem, error) {
	if m.Retired {
		return nil, nil, ErrRetired
	}
	text, err := f.config.limits.inflate(m.data)
	if err != nil {
		return nil, nil, err
	}
	var earlier *eval.Document
	if before != nil {
		earlier = before.compiled
	}
	_, compiled, problems, err := f.config.limits.compile(text, earlier)
	return compiled, problems, err
}

// report works out the state and publishes the status.
func (f *follower) report(changed []string, latency time.Duration) {
	now := time.Now()
	// next is the time until the state would change by itself.
	state, next, err := f.state(now)
	f.status.State, f.status.Err = state, err
	if next > 0 {
		f.staleTimer.Reset(next)
	}
	before := f.set.Status().State
	f.set.publish(f.status, changed, latency)
	if before != f.status.State {
		f.config.logger.Info("flags: "+f.status.State.String(), "set", f.set.name, "revision", f.status.Revision.Number, "error", f.status.Err)
	}
}

func (f *follower) state(now time.Time) (State, time.Duration, error) {
	if f.set.current.Load() == nil {
		return NotReady, 0, f.why()
	}
	if f.rejected != nil {
		return Stale, 0, f.rejected
	}
	if f.status.Source == SourceDisk {
		return Stale, 0, fmt.Errorf("flags: set %q of %q: revision %d of %s is served from disk: %w",
			f.set.name, f.set.env, f.status.Revision.Number, f.status.Revision.Time.UTC().Format(time.RFC3339), f.why())
	}
	if f.status.Confirmed.IsZero() {
		return Stale, 0, fmt.Errorf("flags: set %q of %q: the bus has pushed revision %d and not confirmed it yet: %w", f.set.name, f.set.env, f.status.Revision.Number, f.why())
	}
	next := f.config.unconfirmed - now.Sub(f.status.Confirmed)
	if next <= 0 {
		return Stale, 0, fmt.Errorf("flags: set %q of %q: the bus has not confirmed revision %d for %s: %w",
			f.set.name, f.set.env, f.status.Revision.Number, now.Sub(f.status.Confirmed).Round(time.Second), f.why())
	}
	if !f.disconnectedSince.IsZero() {
		left := f.config.disconnected - now.Sub(f.disconnectedSince)
		if left <= 0 {
			return Stale, 0, fmt.Errorf("flags: set %q of %q: disconnected from the bus since %s", f.set.name, f.set.env, f.disconnectedSince.UTC().Format(time.RFC3339))
		}
		next = min(next, left)
	}
	return Ready, next, nil
}

// why says why there is no document, or no confirmation of it.
func (f *follower) why() error {
	switch {
	case f.rejected != nil:
		return f.rejected
	case !f.disconnectedSince.IsZero():
		return fmt.Errorf("flags: set %q of %q: the bus is not reachable (%s)", f.set.name, f.set.env, f.nc.Status())
	case f.readErr != nil:
		return f.readErr
	}
	return fmt.Errorf("flags: set %q of %q: waiting for an answer of the bus", f.set.name, f.set.env)
}
