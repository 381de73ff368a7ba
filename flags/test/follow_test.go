package test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/evenkeel-go/evenkeel/flags"
	"github.com/evenkeel-go/evenkeel/internal/testbus"
)

func TestOpen_servesWhatIsStoredAndFollows(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	first := put(t, store, document(false, 1))
	followed := open(t, nc)
	if status := followed.Status(); status.State != flags.Ready || status.Revision.Number != first.Number || status.Revision.Actor != someone.Actor || status.Flags != 5 {
		t.Fatalf("after Open: %+v", status)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	second := flags.Revision{}
	updates := 0
	for update := range followed.Updates(ctx) {
		if updates++; updates == 1 { // the state as it is
			second = put(t, store, document(true, 2))
			continue
		}
		if !slices.Equal(update.Changed, []string{"limit", "new-cart"}) || update.Status.Revision.Number != second.Number || update.Latency <= 0 || update.Latency > time.Second {
			t.Errorf("got %+v", update)
		}
		t.Logf("seen after %s", update.Latency)
		break
	}
	if updates != 2 {
		t.Fatalf("%d updates, want 2", updates)
	}
	if !followed.Bool(ctx, "new-cart", false, flags.Context{}) || limit(followed) != 2 {
		t.Error("the new values are not served")
	}
	german := flags.NewContext("u1", flags.StringAttr("country", "de"))
	if got := followed.StringDetails(ctx, "banner", "", german); got.Value != "Hallo" || got.Variant != "de" || got.Reason != flags.ReasonTargetingMatch {
		t.Errorf("got %+v", got)
	}
	if got := consumers(t, nc); got != 0 {
		t.Errorf("%d consumers on the stream, want 0", got)
	}
}

func consumers(t *testing.T, nc *nats.Conn) int {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), "EVENKEEL_FLAGS_"+env)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().State.Consumers
}

func TestOpen_startsWithoutABusAndHeals(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect())
	put(t, store, document(true, 7))
	bus.Stop()
	nc := bus.Connect()
	start := time.Now()
	followed := open(t, nc, flags.WithWait(200*time.Millisecond))
	if took := time.Since(start); took > time.Second {
		t.Errorf("Open took %s", took)
	}
	if status := followed.Status(); status.State != flags.NotReady || status.Err == nil || limit(followed) != -1 {
		t.Errorf("without a bus: %+v", status)
	}
	if got := followed.IntDetails(t.Context(), "limit", -1, flags.Context{}); got.ErrorCode != flags.CodeNotReady {
		t.Errorf("got %+v", got)
	}
	bus.Restart()
	sees(t, followed, 7, 2*time.Second)
	is(t, followed, flags.Ready, time.Second)
	put(t, store, document(true, 8)) // and it goes on following
	sees(t, followed, 8, time.Second)
	put(t, store, document(true, 9))
	sees(t, followed, 9, time.Second)
}

func TestOpen_waitsForASetThatIsNotThereYet(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	start := time.Now()
	followed := open(t, nc)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("Open took %s, though the bus said at once that there is nothing", took)
	}
	if status := followed.Status(); status.State != flags.NotReady || !strings.Contains(status.Err.Error(), "not set up") {
		t.Errorf("got %v", status.Err)
	}
	put(t, openStore(t, nc), document(true, 1))
	sees(t, followed, 1, 2*time.Second)
}

func TestFollower_outlivesRestartsOfTheBus(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	put(t, store, document(false, 1))
	followed := open(t, nc, flags.WithStaleAfter(100*time.Millisecond, time.Minute))
	for i, down := range []func(){bus.Stop, bus.Kill} {
		down()
		is(t, followed, flags.Stale, 5*time.Second)
		if limit(followed) != int64(i+1) {
			t.Error("the last good values are not served")
		}
		bus.Restart()
		writer := bus.Connect() // writes before the follower may be back
		put(t, openStore(t, writer), document(false, i+2))
		t.Logf("seen after %s", sees(t, followed, int64(i+2), 500*time.Millisecond))
		is(t, followed, flags.Ready, time.Second)
	}
}

func TestFollower_outlivesACutConnection(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect())
	put(t, store, document(false, 1))
	proxy := testbus.StartProxy(t, bus.Addr())
	nc := testbus.Connect(t, proxy.URL())
	followed := open(t, nc, flags.WithStaleAfter(50*time.Millisecond, time.Minute))
	sees(t, followed, 1, time.Second)
	proxy.Cut()
	put(t, store, document(false, 2))
	is(t, followed, flags.Stale, 5*time.Second)
	proxy.Heal()
	t.Logf("seen after %s", sees(t, followed, 2, 300*time.Millisecond))

	proxy.Stall()
	put(t, store, document(false, 3))
	is(t, followed, flags.Stale, 5*time.Second) // by the connection's pings: (2+1) × 1 s
	proxy.Heal()
	t.Logf("seen after %s", sees(t, followed, 3, 3*time.Second))
}

func TestFollower_readsWhatWasNeverPushed(t *testing.T) {
	bus := testbus.Start(t, testbus.WithConfig(`authorization { users: [
		{user: admin, password: p}
		{user: deaf, password: p, permissions: {subscribe: {deny: ["evenkeel.push.>"]}}}
	]}`))
	store := openStore(t, bus.Connect(nats.UserInfo("admin", "p")))
	put(t, store, document(false, 1))
	followed := open(t, bus.Connect(nats.UserInfo("deaf", "p")), flags.WithResync(time.Second))
	sees(t, followed, 1, time.Second)
	testbus.Eventually(t, 5*time.Second, "the first reads are over", func() bool {
		return !followed.Status().Confirmed.IsZero()
	})
	put(t, store, document(false, 2))
	t.Logf("seen after %s", sees(t, followed, 2, 2*time.Second))
}

func TestFollower_takesAStreamThatWasMadeAnew(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	for i := range 5 {
		put(t, store, document(false, i))
	}
	followed := open(t, nc, flags.WithResync(time.Second))
	sees(t, followed, 4, time.Second)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), "EVENKEEL_FLAGS_"+env); err != nil {
		t.Fatal(err)
	}
	testbus.Eventually(t, 5*time.Second, "a read has failed", func() bool { return limit(followed) == 4 })
	put(t, openStore(t, nc), document(false, 50)) // sequence 1 again
	sees(t, followed, 50, 3*time.Second)
	if got := followed.Status().Revision.Number; got != 1 {
		t.Errorf("revision %d, want 1", got)
	}
}

func TestFollower_keepsTheLastValuesOfARetiredSet(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	first := put(t, store, document(false, 1))
	followed := open(t, nc)
	if _, err := store.Retire(t.Context(), set, someone); err != nil {
		t.Fatal(err)
	}
	is(t, followed, flags.Stale, time.Second)
	if status := followed.Status(); limit(followed) != 1 || !strings.Contains(status.Err.Error(), "retired") {
		t.Errorf("got %d, %v", limit(followed), status.Err)
	}
	if _, err := store.Rollback(t.Context(), set, first.Number, someone); err != nil {
		t.Fatal(err)
	}
	is(t, followed, flags.Ready, time.Second)
}
