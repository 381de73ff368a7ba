package flags

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
)

// Open follows the flag set called set of the environment env over nc, and
// keeps it in memory. It returns when the first document is there, or when it
// is certain that there is none yet, or when it has waited long enough
// ([WithWait], the deadline of ctx): a bus that is away is no reason not to
// start. The Set then serves the callers' own default values and heals by
// itself; Set.Status says which. ctx bounds the opening only.
//
// With a file of [WithDirectory] there is a document at once, so Open returns
// at once if the connection is down, and waits for at most 1 s if it is up. The
// Set is [Stale] and its Source is [SourceDisk] until the bus confirms the file
// or gives something else.
//
// Errors are the caller's: a wrong name or option, a closed connection, a ctx
// that was cancelled.
//
// The connection stays the caller's, with its handlers. It should never give
// up and should notice a dead peer in seconds, which is not what nats.Connect
// does by itself:
//
//	nats.Connect(url, nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
//		nats.ReconnectWait(250*time.Millisecond), nats.PingInterval(3*time.Second))
func Open(ctx context.Context, nc *nats.Conn, env, set string, opts ...Option) (*Set, error) {
	if err := errors.Join(checkName("environment", env), checkName("flag set", set)); err != nil {
		return nil, err
	}
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if nc == nil || nc.IsClosed() {
		return nil, fmt.Errorf("flags: open set %q of %q: %w: the connection is nil or closed", set, env, ErrClosed)
	}
	s := newSet(env, set)
	f := newFollower(s, nc, c)
	if c.directory != "" && f.load() {
		c.wait = min(c.wait, waitWithFile)
		if !nc.IsConnected() {
			c.wait = 0
		}
	}
	if err := f.listen(); err != nil {
		return nil, fmt.Errorf("flags: open set %q of %q: %w", set, env, explain(err))
	}
	life, stop := context.WithCancel(context.Background())
	s.stop = stop
	go f.run(life)
	return s, s.waitOpen(ctx, f, c.wait)
}

// waitWithFile bounds the wait for the bus where there is a document already;
// one answer takes milliseconds.
const waitWithFile = time.Second

// waitOpen waits for the first answer of the bus.
func (s *Set) waitOpen(ctx context.Context, f *follower, atMost time.Duration) error {
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-f.answered:
	case <-timer.C:
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return errors.Join(fmt.Errorf("flags: open set %q of %q: %w", s.name, s.env, ctx.Err()), s.Close(context.Background()))
		}
	}
	return nil
}

// jitter shortens a time by up to 20 % at random.
func jitter(d time.Duration) time.Duration {
	return d - time.Duration(rand.Float64()*0.2*float64(d))
}
