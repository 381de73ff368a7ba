package flags

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// StoreOption changes how a [Store] is opened; see [OpenStore].
type StoreOption interface{ applyStore(c *storeConfig) error }

type storeOptionFunc func(c *storeConfig) error

func (f storeOptionFunc) applyStore(c *storeConfig) error { return f(c) }

type storeConfig struct {
	replicas  int // 0: as it is, 1 for a new stream
	revisions int // 0: as it is, 1,000 for a new stream
	limits    Limits
	setup     bool
}

const defaultRevisions = 1000

// WithReplicas sets how many servers keep each document when OpenStore sets up
// an environment; one that is there must have as many. Use 3 in production.
// The default is 1 for a new environment.
func WithReplicas(n int) StoreOption {
	return storeOptionFunc(func(c *storeConfig) error {
		if n != 1 && n != 3 && n != 5 {
			return fmt.Errorf("flags: WithReplicas(%d): 1, 3 or 5", n)
		}
		c.replicas = n
		return nil
	})
}

// WithRevisions sets how many revisions of each set are kept when OpenStore
// sets up an environment; one that is there must keep as many. The default is
// 1,000 for a new environment.
func WithRevisions(n int) StoreOption {
	return storeOptionFunc(func(c *storeConfig) error {
		if n < 2 {
			return fmt.Errorf("flags: WithRevisions(%d): at least 2, or there is nothing to roll back to", n)
		}
		c.revisions = n
		return nil
	})
}

// WithoutSetup makes OpenStore refuse an environment that is not there, with
// [ErrNoStream], so that a mistyped name makes nothing.
func WithoutSetup() StoreOption {
	return storeOptionFunc(func(c *storeConfig) error {
		c.setup = false
		return nil
	})
}

// openStream makes the stream or checks the one that is there.
func (c storeConfig) openStream(ctx context.Context, js jetstream.JetStream, env string) error {
	stream, err := js.Stream(ctx, streamName(env))
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound) && c.setup:
		_, err := js.CreateStream(ctx, c.stream(env))
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // somebody else was first
			return c.openStream(ctx, js, env)
		}
		if err != nil {
			return fmt.Errorf("make stream %q: %w", streamName(env), explainOn(js.Conn(), err))
		}
		return nil
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return fmt.Errorf("stream %q is not there: %w: check the name, or run \"flagctl init --env %s\"", streamName(env), ErrNoStream, env)
	case err != nil:
		return fmt.Errorf("look up stream %q: %w", streamName(env), explainOn(js.Conn(), err))
	}
	return c.check(env, stream.CachedInfo().Config)
}

// stream is what an environment's stream must be. Not a key-value bucket: see
// ARCHITECTURE.md, "The bus".
func (c storeConfig) stream(env string) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:              streamName(env),
		Description:       "Evenkeel feature flags, environment " + env,
		Subjects:          []string{setSubject(env, "*")},
		Storage:           jetstream.FileStorage,
		Compression:       jetstream.S2Compression,
		Replicas:          max(c.replicas, 1),
		MaxMsgsPerSubject: int64(cmp.Or(c.revisions, defaultRevisions)),
		Discard:           jetstream.DiscardOld,
		AllowDirect:       true,
		DenyDelete:        true,
		DenyPurge:         true,
		AllowRollup:       false, // a roll-up by a writer of one set would wipe all others
		RePublish: &jetstream.RePublish{
			Source:      setSubject(env, "*"),
			Destination: pushSubject(env, "{{wildcard(1)}}"),
		},
	}
}

// check names every difference that matters.
func (c storeConfig) check(env string, got jetstream.StreamConfig) error {
	want := c.stream(env)
	var wrong []string
	expect := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	expect(len(got.Subjects) == 1 && got.Subjects[0] == want.Subjects[0], "subjects are %q, not %q", got.Subjects, want.Subjects[0])
	expect(got.Storage == want.Storage, "storage is %s, not %s", got.Storage, want.Storage)
	expect(got.AllowDirect, "direct get is off: followers could not read")
	expect(!got.AllowRollup, "roll-up is on: a writer of one set could wipe all others")
	expect(got.DenyDelete && got.DenyPurge, "messages can be deleted or purged: the audit trail would not hold")
	expect(got.Retention == jetstream.LimitsPolicy, "retention is %s, not limits", got.Retention)
	expect(got.MaxAge == 0, "messages expire after %s: a flag would fall back to an older revision", got.MaxAge)
	expect(got.MaxMsgs <= 0 && got.MaxBytes <= 0, "the stream drops old messages at %d messages or %d bytes: a set nobody changes could vanish", got.MaxMsgs, got.MaxBytes)
	expect(got.MaxMsgsPerSubject > 1 || got.MaxMsgsPerSubject == -1, "only %d revision of a set is kept: there is nothing to roll back to", got.MaxMsgsPerSubject)
	expect(got.Mirror == nil && len(got.Sources) == 0, "it is a copy of another stream: write to that one")
	expect(got.Discard == want.Discard, "it refuses new messages when it is full, rather than to drop the oldest revisions: sets could not be changed any more")
	expect(!got.NoAck, "it does not acknowledge what it stores: a writer could not know")
	expect(!got.Sealed, "it is sealed: nothing can be changed")
	expect(got.MaxMsgSize <= 0, "it takes messages of %d bytes at most: only the bus's max_payload should bound a document", got.MaxMsgSize)
	expect(got.SubjectTransform == nil, "it renames subjects: sets would not be found")
	expect(got.RePublish != nil && *got.RePublish == *want.RePublish,
		"it does not push changes to %q: followers would see them only at their next resync", want.RePublish.Destination)
	if c.replicas > 0 {
		expect(got.Replicas == c.replicas, "it has %d replicas, not %d", got.Replicas, c.replicas)
	}
	if c.revisions > 0 {
		expect(got.MaxMsgsPerSubject == int64(c.revisions), "it keeps %d revisions a set, not %d", got.MaxMsgsPerSubject, c.revisions)
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("stream %q: %s: %w; edit it (nats stream edit %s), or export the sets, delete it and run \"flagctl init --env %s\"",
		streamName(env), strings.Join(wrong, "; "), ErrStreamConfig, streamName(env), env)
}
