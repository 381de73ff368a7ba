package flags

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// follower keeps a Set as the store has it. Pushes bring changes in
// milliseconds; reads, on a timer and after anything that could have lost a
// push, make sure. All its state belongs to the goroutine of run.
type follower struct {
	set    *Set
	nc     *nats.Conn
	config config

	subject, pushSubject, getSubject string

	sub    *nats.Subscription
	conn   chan nats.Status      // any event means: look at the connection
	slow   <-chan nats.SubStatus // the client dropped pushes
	pushes chan *nats.Msg
	reads  chan readResult
	missed chan struct{} // a push did not fit into pushes

	disk  *disk      // nil without WithDirectory
	saver *saver     // nil without WithDirectory
	saved chan error // how the last write of the file ended

	tracker  tracker
	status   Status
	rejected error // why the latest revision is not served; nil if it is
	readErr  error // why the last read failed; nil if it did not

	reading, again    bool // a read is on its way; another is wanted after it
	failures          int  // successive reads that failed
	settled           bool // the second read after a connect has been made
	disconnectedSince time.Time
	readTimer         *time.Timer
	staleTimer        *time.Timer

	answered chan struct{} // closed at the first definite answer
}

type readResult struct {
	msg *nats.Msg
	err error
}

const (
	// A push burst beyond this is dropped and read back instead.
	pushBuffer = 64
	// The wait before a failed read is repeated for the first time.
	retryFirst = 50 * time.Millisecond
	// In a cluster the interest in pushes needs a moment to reach the
	// stream's leader; one more read after that closes the gap.
	settle = time.Second
)

func newFollower(s *Set, nc *nats.Conn, c config) *follower {
	return &follower{
		set: s, nc: nc, config: c,
		subject:     setSubject(s.env, s.name),
		pushSubject: pushSubject(s.env, s.name),
		getSubject:  directGetSubject(s.env, s.name),
		pushes:      make(chan *nats.Msg, pushBuffer),
		reads:       make(chan readResult, 1),
		missed:      make(chan struct{}, 1),
		status:      s.status,
		answered:    make(chan struct{}),
	}
}

// listen subscribes, before anything is read: what was stored before is then
// in the read, and what comes later is pushed.
func (f *follower) listen() error {
	sub, err := f.nc.Subscribe(f.pushSubject, func(m *nats.Msg) {
		select {
		case f.pushes <- m:
		default:
			wake(f.missed)
		}
	})
	if err != nil {
		return err
	}
	f.sub = sub
	f.slow = sub.StatusChanged(nats.SubscriptionSlowConsumer)
	// Not the connection's handlers: those are the application's.
	f.conn = f.nc.StatusChanged()
	return nil
}

func (f *follower) run(life context.Context) {
	defer close(f.set.stopped)
	f.startSaving()
	defer f.stopSaving()
	defer f.hangUp()
	f.readTimer = time.NewTimer(time.Hour)
	f.staleTimer = time.NewTimer(time.Hour)
	defer f.readTimer.Stop()
	defer f.staleTimer.Stop()
	ctx, cancel := context.WithCancel(life)
	defer func() {
		cancel()
		if f.reading {
			<-f.reads
		}
	}()
	f.connection(ctx)
	for {
		select {
		case <-life.Done():
			return
		case m := <-f.pushes:
			f.push(ctx, m)
		case r := <-f.reads:
			f.reading = false
			f.read(ctx, r)
		case _, open := <-f.conn:
			if !open {
				f.conn = nil // the connection was closed
			}
			f.connection(ctx)
		case <-f.slow:
			f.resync(ctx)
		case <-f.missed:
			f.resync(ctx)
		case err := <-f.saved:
			f.status.DiskErr = err
			f.report(nil, 0)
		case <-f.readTimer.C:
			f.resync(ctx)
		case <-f.staleTimer.C:
			f.report(nil, 0)
		}
	}
}

// hangUp undoes listen.
func (f *follower) hangUp() {
	_ = f.sub.Unsubscribe() // fails only on a closed connection, where nothing is left to do
	f.nc.RemoveStatusListener(f.conn)
}

// connection looks at the connection's state and reads anew after a connect.
func (f *follower) connection(ctx context.Context) {
	connected := f.nc.IsConnected()
	switch {
	case connected:
		f.disconnectedSince = time.Time{}
		f.settled = false
		f.failures = 0
		f.tracker.reconnected(time.Now())
		f.resync(ctx)
	case f.disconnectedSince.IsZero():
		f.disconnectedSince = time.Now()
	}
	f.status.Connected = connected
	f.report(nil, 0)
}

// resync reads the set from the store, once more if a read is under way.
func (f *follower) resync(ctx context.Context) {
	if f.reading {
		f.again = true
		return
	}
	if !f.nc.IsConnected() {
		f.readIn(f.config.resync) // it could only time out; connecting reads at once
		return
	}
	f.reading = true
	go func() {
		ctx, cancel := context.WithTimeout(ctx, f.config.readTimeout)
		defer cancel()
		m, err := f.nc.RequestWithContext(ctx, f.getSubject, nil)
		f.reads <- readResult{m, err}
	}()
}

func (f *follower) readIn(d time.Duration) { f.readTimer.Reset(jitter(d)) }

// push handles a pushed revision.
func (f *follower) push(ctx context.Context, m *nats.Msg) {
	received := time.Now()
	pushed, err := readMessage(m, f.subject)
	if err != nil {
		f.config.logger.Warn("flags: ignored a push that is not from the stream", "set", f.set.name, "error", err)
		return
	}
	gap := pushed.previous != f.tracker.held.seq
	if !f.tracker.push(pushed.version, received) {
		return
	}
	f.apply(pushed, received, version{})
	if gap {
		f.resync(ctx)
	}
}

// read handles the answer to a read of the store.
func (f *follower) read(ctx context.Context, r readResult) {
	if f.again {
		defer func() {
			f.again = false
			f.resync(ctx)
		}()
	}
	stored, err := f.answer(r)
	if err != nil {
		f.readFailed(err)
		return
	}
	f.failures, f.readErr = 0, nil
	wait := f.config.resync
	if !f.settled {
		f.settled, wait = true, min(settle, wait)
	}
	now, before := time.Now(), f.tracker.held
	switch verdict := f.tracker.read(stored.version, now); verdict {
	case doubted:
		f.readErr = fmt.Errorf("flags: set %q of %q: the bus answers with the older revision %d of %s, which is taken if that lasts",
			f.set.name, f.set.env, stored.Number, stored.Time.UTC().Format(time.RFC3339))
		f.report(nil, 0)
		f.readTimer.Reset(f.tracker.recheck(now))
		f.markAnswered()
		return
	case confirmed:
		f.status.Confirmed = now
		f.confirm(stored)
	case advanced:
		f.status.Confirmed = now
		f.apply(stored, time.Time{}, version{})
	case adopted:
		f.config.logger.Warn("flags: the store has gone back to an older revision", "set", f.set.name, "revision", stored.Number)
		f.status.Confirmed = now
		f.apply(stored, time.Time{}, before)
	}
	f.readIn(wait)
	f.markAnswered()
}

func (f *follower) answer(r readResult) (*message, error) {
	if r.err != nil {
		return nil, explainOn(f.nc, r.err)
	}
	return readDirect(r.msg, f.subject)
}

// readFailed keeps what is held and tries again, less and less often.
func (f *follower) readFailed(err error) {
	wait := min(retryFirst<<min(f.failures, 16), f.config.resync)
	f.failures++
	f.readErr = fmt.Errorf("flags: read set %q of %q: %w", f.set.name, f.set.env, err)
	f.report(nil, 0)
	f.readIn(wait)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrNoStream) {
		f.markAnswered()
	}
}

func (f *follower) markAnswered() {
	select {
	case <-f.answered:
	default:
		close(f.answered)
	}
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
