package flags

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func status(number uint64, state State) Status {
	return Status{State: state, Revision: Revision{Number: number}}
}

func TestUpdates_joinsForASlowReaderAndMissesNoKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSet("test", "shop")
		close(s.stopped)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var got []Update
		release, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			for update := range s.Updates(ctx) {
				got = append(got, update)
				<-release
			}
		}()
		synctest.Wait() // the reader holds the first update
		for i := range 100 {
			s.publish(status(uint64(i+1), Ready), []string{fmt.Sprintf("flag-%02d", i%20), "always"}, time.Duration(i+1))
		}
		close(release)
		synctest.Wait()
		if len(got) != 2 {
			t.Fatalf("%d updates, want the first and one that joins 100", len(got))
		}
		if u := got[1]; len(u.Changed) != 21 || u.Changed[0] != "always" || !slices.IsSorted(u.Changed) || u.Status.Revision.Number != 100 || u.Latency != 100 {
			t.Errorf("got %+v", u)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
		<-done // Close ends the iterator
		for range s.Updates(ctx) {
			t.Error("an update after Close")
		}
		if s.Status().State != Closed {
			t.Errorf("state %s", s.Status().State)
		}
	})
}

func TestUpdates_tellsEachReaderAndOnlyOfNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSet("test", "shop")
		close(s.stopped)
		counts := make([]int, 3)
		for i := range counts {
			go func() {
				for range s.Updates(t.Context()) {
					counts[i]++
				}
			}()
		}
		synctest.Wait()
		news := []Status{status(1, Ready), status(2, Ready), status(2, Stale), {State: Stale, Revision: Revision{Number: 2}, Err: errors.New("why")}}
		for _, next := range news {
			s.publish(next, nil, 0)
			synctest.Wait()
			next.Confirmed = time.Now() // nobody needs to hear of that
			s.publish(next, nil, 0)
			synctest.Wait()
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		for i, n := range counts {
			if n != 1+len(news) {
				t.Errorf("reader %d heard %d updates, want %d", i, n, 1+len(news))
			}
		}
	})
}

func TestUpdates_endsWithTheContextAndWithBreak(t *testing.T) {
	s, err := Static([]byte(shopDocument))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for update := range s.Updates(ctx) {
		if update.Status.State != Ready {
			t.Errorf("got %+v", update)
		}
		cancel()
	}
	for range s.Updates(t.Context()) {
		break
	}
	if len(s.subs) != 0 {
		t.Errorf("%d subscribers are left", len(s.subs))
	}
}

func TestClose_doesNotWaitBeyondItsContext(t *testing.T) {
	s := newSet("test", "shop") // its follower never ends
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestStatic_servesWithoutABus(t *testing.T) {
	s, err := Static([]byte(`{"flags": {
		"good": {"state": "ENABLED", "variants": {"x": 7}, "defaultVariant": "x"},
		"bad": {"state": "ENABLED", "variants": {"x": 7}, "defaultVariant": "y"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Int(t.Context(), "good", 1, Context{}); got != 7 {
		t.Errorf("good: got %d", got)
	}
	if got := s.IntDetails(t.Context(), "bad", 1, Context{}); got.Value != 1 || got.ErrorCode != CodeParseError {
		t.Errorf("bad: got %+v", got)
	}
	if status := s.Status(); status.State != Ready || status.Source != SourceStatic || status.Flags != 2 || len(status.Problems) != 1 {
		t.Errorf("got %+v", status)
	}
	if keys := s.Keys(); !slices.Equal(keys, []string{"bad", "good"}) {
		t.Errorf("keys %q", keys)
	}
	for range 2 {
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if got := s.Int(t.Context(), "good", 1, Context{}); got != 7 {
		t.Errorf("after Close: got %d", got)
	}
	var invalid *DocumentError
	if _, err := Static([]byte(`{`)); !errors.As(err, &invalid) {
		t.Errorf("got %v", err)
	}
}

// The follower's state is a function of the time and of what it knows.
func TestFollower_turnsStaleWithTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &follower{set: newSet("test", "shop"), config: defaultConfig()}
		f.readErr = errors.New("no answer")
		if state, _, err := f.state(time.Now()); state != NotReady || !errors.Is(err, f.readErr) {
			t.Errorf("without a document: %s, %v", state, err)
		}
		static, err := Static([]byte(shopDocument))
		if err != nil {
			t.Fatal(err)
		}
		f.set.current.Store(static.current.Load())
		f.status.Source = SourceDisk
		if state, _, err := f.state(time.Now()); state != Stale || !strings.Contains(err.Error(), "from disk") || !errors.Is(err, f.readErr) {
			t.Errorf("from disk: %s, %v", state, err)
		}
		f.status.Source = SourceBus
		if state, _, err := f.state(time.Now()); state != Stale || !strings.Contains(err.Error(), "not confirmed it yet") {
			t.Errorf("pushed only: %s, %v", state, err)
		}
		start := time.Now()
		f.status.Confirmed = start
		check := func(after time.Duration, want State, wantNext time.Duration) {
			t.Helper()
			state, next, err := f.state(start.Add(after))
			if state != want || next != wantNext || (err == nil) != (want == Ready) {
				t.Errorf("after %s: %s, %v, next look in %s, want %s in %s", after, state, err, next, want, wantNext)
			}
		}
		check(0, Ready, time.Minute)
		check(59*time.Second, Ready, time.Second)
		check(time.Minute, Stale, 0)
		f.disconnectedSince = start.Add(10 * time.Second)
		check(12*time.Second, Ready, 3*time.Second)
		check(15*time.Second, Stale, 0)
		f.disconnectedSince = time.Time{}
		f.rejected = errors.New("not valid")
		check(0, Stale, 0)
	})
}
