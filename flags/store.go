package flags

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Store is the write side, for operators, CI and flagctl: it keeps the flag
// sets of one environment with their history. Nothing invalid can be stored
// through it, and no change is lost to a change made at the same time. Safe
// for concurrent use. The connection is the caller's.
type Store struct {
	nc     *nats.Conn
	js     jetstream.JetStream
	env    string
	limits Limits
}

// OpenStore opens the environment called env, and sets it up first if it is
// not there yet: one JetStream stream (see the package's README for what it
// looks like and the rights it takes). A stream that is not as it must be is
// refused with [ErrStreamConfig], naming each difference and the fix. With
// [WithoutSetup] an environment that is not there is [ErrNoStream].
func OpenStore(ctx context.Context, nc *nats.Conn, env string, opts ...StoreOption) (*Store, error) {
	if err := checkName("environment", env); err != nil {
		return nil, err
	}
	c := storeConfig{replicas: 0, revisions: 0, limits: DefaultLimits(), setup: true}
	for _, opt := range opts {
		if err := opt.applyStore(&c); err != nil {
			return nil, err
		}
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("flags: open environment %q: %w", env, err)
	}
	if err := c.openStream(ctx, js, env); err != nil {
		return nil, fmt.Errorf("flags: open environment %q: %w", env, err)
	}
	return &Store{nc: nc, js: js, env: env, limits: c.limits}, nil
}

// Env returns the name of the environment.
func (s *Store) Env() string { return s.env }

// Get returns a set's document and its latest revision. Errors: [ErrNotFound],
// [ErrRetired] (with the tombstone's revision).
func (s *Store) Get(ctx context.Context, set string) (*Document, Revision, error) {
	if err := checkName("flag set", set); err != nil {
		return nil, Revision{}, err
	}
	m, err := s.last(ctx, set)
	if err != nil {
		return nil, Revision{}, fmt.Errorf("flags: get set %q of %q: %w", set, s.env, err)
	}
	return s.document(m)
}

// document reads the document of a revision.
func (s *Store) document(m *message) (*Document, Revision, error) {
	if m.Retired {
		return nil, m.Revision, fmt.Errorf("flags: set %q of %q: revision %d by %q: %w", m.Set, s.env, m.Number, m.Actor, ErrRetired)
	}
	doc, err := s.limits.parse(m.data)
	if err != nil {
		return nil, m.Revision, fmt.Errorf("flags: set %q of %q: revision %d: %w", m.Set, s.env, m.Number, err)
	}
	return doc, m.Revision, nil
}

// Put replaces a set's document by a new one, raw JSON or gzip, and makes the
// set if it is not there. An invalid document is refused with a
// *[DocumentError] or [ErrTooLarge]. Putting what is there already stores
// nothing and returns the latest revision.
func (s *Store) Put(ctx context.Context, set string, document []byte, change Change) (Revision, error) {
	checked := sync.OnceValues(func() (*Document, error) {
		doc, err := s.limits.parse(document)
		if err != nil {
			return nil, err
		}
		return doc, doc.Validate()
	})
	return s.write(ctx, set, change, func(*message) (*Document, error) { return checked() })
}

// Update changes a set's document: it hands edit the latest one, and stores
// what edit made of it unless somebody else has stored another meanwhile; then
// it starts again with that one, so edit may run several times. An edit that
// changes nothing stores nothing. An error of edit is returned as it is. What
// was broken before, written past the Store, does not stop an edit of something
// else: a kill switch must work on a bad day.
// Others: [ErrNotFound], [ErrRetired], [ErrConflict], *[DocumentError].
func (s *Store) Update(ctx context.Context, set string, change Change, edit func(*Document) error) (Revision, error) {
	return s.write(ctx, set, change, func(current *message) (*Document, error) {
		if current == nil {
			return nil, fmt.Errorf("flags: update set %q of %q: %w: put a document first", set, s.env, ErrNotFound)
		}
		doc, _, err := s.document(current)
		if err != nil {
			return nil, err
		}
		if err := edit(doc); err != nil {
			return nil, err
		}
		return doc, nil
	})
}

// Rollback stores the document of an earlier revision again, as a new one.
// Errors: [ErrNotFound] (also for a revision that history has dropped),
// [ErrRetired] for a tombstone, *[DocumentError].
func (s *Store) Rollback(ctx context.Context, set string, revision uint64, change Change) (Revision, error) {
	doc, _, err := s.GetRevision(ctx, set, revision)
	if err != nil {
		return Revision{}, err
	}
	return s.Put(ctx, set, doc.text, change)
}

// Retire stores a tombstone: the set has no document any more. Followers keep
// serving their last values and turn Stale, since a deleted document must not
// become an outage. History stays, and Put or Rollback bring the set back.
func (s *Store) Retire(ctx context.Context, set string, change Change) (Revision, error) {
	return s.write(ctx, set, change, func(current *message) (*Document, error) {
		if current == nil {
			return nil, fmt.Errorf("flags: retire set %q of %q: %w", set, s.env, ErrNotFound)
		}
		return nil, nil
	})
}

// writeAttempts bounds how often a write starts again after a conflict,
// writeTimeout how long it takes in all where the caller's context does not.
const (
	writeAttempts = 64
	writeTimeout  = time.Minute
)

// write is the one path by which a set changes: read, make, check, compare and
// set, and again from the start if somebody else was first. edit returns nil
// for a tombstone.
func (s *Store) write(ctx context.Context, set string, change Change, edit func(current *message) (*Document, error)) (Revision, error) {
	if err := checkName("flag set", set); err != nil {
		return Revision{}, err
	}
	if err := change.check(); err != nil {
		return Revision{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	var below uint64 // a read below this sequence is known to be old
	for attempt := range writeAttempts {
		current, err := s.current(ctx, set, below)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return Revision{}, fmt.Errorf("flags: write set %q of %q: %w", set, s.env, err)
		}
		doc, err := edit(current)
		if err != nil {
			return Revision{}, err
		}
		if s.same(current, doc) {
			return current.Revision, nil
		}
		m, err := s.revision(set, current, doc, change)
		if err != nil {
			return Revision{}, err
		}
		stored, err := s.publish(ctx, m, current)
		if err == nil {
			return stored, nil
		}
		if !errors.Is(err, ErrConflict) {
			return Revision{}, fmt.Errorf("flags: write set %q of %q: %w", set, s.env, err)
		}
		if current != nil {
			below = current.Number + 1
		}
		if err := pause(ctx, attempt); err != nil {
			return Revision{}, fmt.Errorf("flags: write set %q of %q: %w: %w", set, s.env, ErrConflict, err)
		}
	}
	return Revision{}, fmt.Errorf("flags: write set %q of %q: gave up after %d tries: %w", set, s.env, writeAttempts, ErrConflict)
}

// revision makes the message of a new revision, checked and compressed.
func (s *Store) revision(set string, current *message, doc *Document, change Change) (*nats.Msg, error) {
	m := nats.NewMsg(setSubject(s.env, set))
	if doc == nil {
		m.Header = change.header(nil)
		m.Header.Set(headerRetired, "true")
		return m, nil
	}
	if len(doc.text) > s.limits.MaxBytes { // an edit may have made it so
		return nil, s.limits.tooLong(len(doc.text))
	}
	var earlier *Document
	if current != nil && !current.Retired {
		earlier, _ = s.limits.parse(current.data) // unreadable: all flags count as changed
	}
	if err := doc.worseThan(earlier); err != nil {
		return nil, err
	}
	m.Header = change.header(doc.Changed(earlier))
	m.Data = doc.text
	limit := s.nc.MaxPayload() - headerRoom
	if int64(len(m.Data)) > min(limit, compressFrom) {
		m.Data = deflate(doc.text)
		m.Header.Set(headerEncoding, "gzip")
	}
	if int64(len(m.Data)) > limit {
		return nil, fmt.Errorf("flags: the document of set %q has %d bytes after gzip, more than the bus takes (max_payload less %d for headers: %d): split the set or raise max_payload: %w",
			set, len(m.Data), headerRoom, limit, ErrTooLarge)
	}
	return m, nil
}

// same says whether current is doc already, or a tombstone if doc is nil.
func (s *Store) same(current *message, doc *Document) bool {
	switch {
	case current == nil:
		return false
	case current.Retired || doc == nil:
		return current.Retired && doc == nil
	}
	text, err := s.limits.inflate(current.data)
	return err == nil && bytes.Equal(text, doc.text)
}

// Sets returns the names of the environment's sets, retired ones too, sorted.
func (s *Store) Sets(ctx context.Context) ([]string, error) {
	stream, err := s.js.Stream(ctx, streamName(s.env))
	if err != nil {
		return nil, fmt.Errorf("flags: list the sets of %q: %w", s.env, explainOn(s.nc, err))
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(setSubject(s.env, "*")))
	if err != nil {
		return nil, fmt.Errorf("flags: list the sets of %q: %w", s.env, explainOn(s.nc, err))
	}
	sets := make([]string, 0, len(info.State.Subjects))
	for subject := range info.State.Subjects {
		sets = append(sets, subject[strings.LastIndexByte(subject, '.')+1:])
	}
	slices.Sort(sets)
	return sets, nil
}

// pause waits before the next try, the longer the more there were.
func pause(ctx context.Context, attempt int) error {
	timer := time.NewTimer(jitter(time.Duration(min(attempt, 20)+1) * 2 * time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
