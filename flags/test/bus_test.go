package test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/evenkeel-go/evenkeel/flags"
	"github.com/evenkeel-go/evenkeel/internal/testbus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	env = "test"
	set = "shop"
)

var someone = flags.Change{Actor: "ada@example.com", Reason: "because"}

// document is a set with one flag of each type; on decides new-cart.
func document(on bool, limit int) []byte {
	return fmt.Appendf(nil, `{
  "metadata": {"owner": "team-shop"},
  "flags": {
    "new-cart": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": %q},
    "limit": {"state": "ENABLED", "variants": {"x": %d}, "defaultVariant": "x"},
    "banner": {"state": "ENABLED", "variants": {"de": "Hallo", "en": "Hello"}, "defaultVariant": "en",
      "targeting": {"if": [{"==": [{"var": "country"}, "de"]}, "de", null]}},
    "ratio": {"state": "ENABLED", "variants": {"x": 0.5}, "defaultVariant": "x"},
    "theme": {"state": "ENABLED", "variants": {"x": {"colour": "blue"}}, "defaultVariant": "x"}
  }
}`, map[bool]string{true: "on", false: "off"}[on], limit)
}

func openStore(t *testing.T, nc *nats.Conn, opts ...flags.StoreOption) *flags.Store {
	t.Helper()
	var store *flags.Store
	testbus.Eventually(t, 20*time.Second, "the environment is set up", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var err error
		store, err = flags.OpenStore(ctx, nc, env, opts...)
		if err != nil {
			t.Log(err)
		}
		return err == nil
	})
	return store
}

func put(t *testing.T, store *flags.Store, doc []byte) flags.Revision {
	t.Helper()
	revision, err := store.Put(t.Context(), set, doc, someone)
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

func open(t *testing.T, nc *nats.Conn, opts ...flags.Option) *flags.Set {
	t.Helper()
	followed, err := flags.Open(t.Context(), nc, env, set, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := followed.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return followed
}

func limit(s *flags.Set) int64 { return s.Int(context.Background(), "limit", -1, flags.Context{}) }

// sees waits until the set serves want as limit.
func sees(t *testing.T, s *flags.Set, want int64, within time.Duration) time.Duration {
	t.Helper()
	return testbus.Eventually(t, within, fmt.Sprintf("limit is %d", want), func() bool { return limit(s) == want })
}

// is waits until the set is in a state.
func is(t *testing.T, s *flags.Set, want flags.State, within time.Duration) time.Duration {
	t.Helper()
	took := testbus.Eventually(t, within, "the set is "+want.String(), func() bool { return s.Status().State == want })
	t.Log(s.Status())
	return took
}
