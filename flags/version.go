package flags

import "time"

// version orders the states of a set. The sequence alone would not do: a
// stream that was deleted and made again counts from 1 with other content.
type version struct {
	time time.Time // when the stream's leader stored it
	seq  uint64
}

func (v version) newer(than version) bool {
	return v.time.After(than.time) || v.time.Equal(than.time) && v.seq > than.seq
}

func (v version) equal(to version) bool { return v.seq == to.seq && v.time.Equal(to.time) }

// A read that is older than what is held may come from a replica that lags
// behind, or the store may have gone back: restored from a copy, or its
// leader's clock set back. It is adopted only when it lasts.
//
// If what is held was only pushed so far, the time counts from the push: no
// replica may lag for so long. So a push that the stream does not have goes
// with the next resync.
const (
	adoptReads = 3
	adoptAfter = 10 * time.Second
)

// Waits before a doubtful read is repeated: at first, where only the number of
// reads is missing, and in between.
const (
	doubtFirst, doubtLast = 100 * time.Millisecond, time.Second
	doubtNext             = 5 * time.Second
)

// verdict says what a read of the store means.
type verdict uint8

const (
	confirmed verdict = iota // the store has what is held
	advanced                 // the store is ahead: take it
	doubted                  // the store seems behind: ask again soon
	adopted                  // the store has gone back for good: take it
)

// tracker decides which state of a set to hold. It knows no bus and no clock.
type tracker struct {
	held       version // zero: none
	older      int     // successive reads that were behind held
	olderSince time.Time
	pushed     time.Time // when held came, if no read has confirmed it; zero: one has
}

// push decides on a pushed state: whether to take it. A push is a hint that
// saves waiting; it confirms nothing, since anything may come out of order.
func (t *tracker) push(v version, now time.Time) bool {
	if !v.newer(t.held) {
		return false
	}
	t.held, t.older, t.pushed = v, 0, now
	return true
}

// reconnected says that other servers may answer from now on, which may lag.
func (t *tracker) reconnected(now time.Time) {
	if !t.pushed.IsZero() {
		t.pushed = now
	}
}

// read decides on a state read from the store at now.
func (t *tracker) read(v version, now time.Time) verdict {
	switch {
	case v.equal(t.held):
		t.hold(v)
		return confirmed
	case v.newer(t.held):
		t.hold(v)
		return advanced
	}
	if t.older == 0 {
		t.olderSince = now
		if !t.pushed.IsZero() {
			t.olderSince = t.pushed
		}
	}
	t.older++
	if t.older < adoptReads || now.Sub(t.olderSince) < adoptAfter {
		return doubted
	}
	t.hold(v)
	return adopted
}

func (t *tracker) hold(v version) { t.held, t.older, t.pushed = v, 0, time.Time{} }

// recheck returns how long to wait before a doubtful read is repeated, so that
// the last one falls on the moment from which it counts.
func (t *tracker) recheck(now time.Time) time.Duration {
	left := adoptAfter - now.Sub(t.olderSince)
	switch {
	case t.older == 1:
		return doubtFirst
	case left <= 0:
		return doubtLast
	}
	return min(left, doubtNext)
}
