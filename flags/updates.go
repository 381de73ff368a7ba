package flags

import (
	"context"
	"iter"
	"slices"
	"time"
)

// Update is a change of what a [Set] serves, or of its state.
type Update struct {
	Status  Status
	Changed []string // keys of flags that were added, removed or changed; sorted
	// Latency is how long the last change took from being stored to being
	// served, by the clocks of bus and client; 0 if it was not pushed.
	Latency time.Duration
}

// Updates gives the current state at once and then every change, until ctx
// ends or the Set is closed. Changes that come while the caller is busy are
// joined into one that has all their keys and the last state: a slow caller
// misses no key and delays nobody. Each call gets every change; safe for
// concurrent use.
//
//	for update := range set.Updates(ctx) {
//		log.Println(update.Status, update.Changed)
//	}
func (s *Set) Updates(ctx context.Context) iter.Seq[Update] {
	return func(yield func(Update) bool) {
		if sub := s.subscribe(); sub != nil {
			s.updates(ctx, sub)(yield)
		}
	}
}

// updates is Updates for a mailbox that is there already; it gives it up.
func (s *Set) updates(ctx context.Context, sub *subscriber) iter.Seq[Update] {
	return func(yield func(Update) bool) {
		defer s.unsubscribe(sub)
		for {
			select {
			case <-ctx.Done():
				return
			case <-sub.closed:
				return
			case <-sub.wake:
				if !yield(s.take(sub)) {
					return
				}
			}
		}
	}
}

// subscriber is a mailbox for one Update, joined with what comes later.
type subscriber struct {
	pending Update        // protected by Set.mu
	wake    chan struct{} // holds one token while something is pending
	closed  chan struct{}
}

// subscribe returns a mailbox with the current state in it; nil once closed.
func (s *Set) subscribe() *subscriber {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subs == nil {
		return nil
	}
	sub := &subscriber{
		pending: Update{Status: s.status},
		wake:    make(chan struct{}, 1),
		closed:  make(chan struct{}),
	}
	sub.wake <- struct{}{}
	s.subs[sub] = true
	return sub
}

func (s *Set) unsubscribe(sub *subscriber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.subs, sub)
}

func (s *Set) take(sub *subscriber) Update {
	s.mu.Lock()
	defer s.mu.Unlock()
	update := sub.pending
	sub.pending = Update{}
	slices.Sort(update.Changed)
	update.Changed = slices.Compact(update.Changed)
	return update
}

// publish sets the status and tells the subscribers if anything they could
// see has changed. It never blocks.
func (s *Set) publish(status Status, changed []string, latency time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.status
	s.status = status
	if len(changed) == 0 && status.State == before.State && status.Connected == before.Connected &&
		status.Revision.Number == before.Revision.Number && status.Source == before.Source &&
		sameText(status.Err, before.Err) && sameText(status.DiskErr, before.DiskErr) {
		return
	}
	for sub := range s.subs {
		sub.pending.Status = status
		sub.pending.Changed = append(sub.pending.Changed, changed...)
		if latency > 0 {
			sub.pending.Latency = latency
		}
		select {
		case sub.wake <- struct{}{}:
		default: // it has not looked yet: the change was joined
		}
	}
}

func sameText(a, b error) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.Error() == b.Error()
}
