package test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/evenkeel-go/evenkeel/flags"
	"github.com/evenkeel-go/evenkeel/internal/testbus"
)

func TestOpenStore_refusesAStreamThatIsNotAsItMustBe(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	openStore(t, nc)
	s, err := js.Stream(t.Context(), "EVENKEEL_FLAGS_"+env)
	if err != nil {
		t.Fatal(err)
	}
	right := s.CachedInfo().Config
	if err := js.DeleteStream(t.Context(), right.Name); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name  string
		wrong func(c *jetstream.StreamConfig)
		want  []string
	}{
		{"subjects", func(c *jetstream.StreamConfig) { c.Subjects = []string{"evenkeel.flags.test.>"} }, []string{`subjects are ["evenkeel.flags.test.>"], not "evenkeel.flags.test.*"`}},
		{"one subject more", func(c *jetstream.StreamConfig) { c.Subjects = append(c.Subjects, "else") }, []string{"subjects are"}},
		{"storage", func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage }, []string{"storage is Memory, not File"}},
		{"direct get", func(c *jetstream.StreamConfig) { c.AllowDirect = false }, []string{"direct get is off"}},
		{"roll-up", func(c *jetstream.StreamConfig) { c.AllowRollup, c.DenyPurge = true, false }, []string{"roll-up is on", "purged"}},
		{"delete", func(c *jetstream.StreamConfig) { c.DenyDelete = false }, []string{"can be deleted or purged"}},
		{"purge", func(c *jetstream.StreamConfig) { c.DenyPurge = false }, []string{"can be deleted or purged"}},
		{"retention", func(c *jetstream.StreamConfig) { c.Retention = jetstream.InterestPolicy }, []string{"retention is Interest, not limits"}},
		{"age", func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour }, []string{"messages expire after 1h0m0s"}},
		{"messages", func(c *jetstream.StreamConfig) { c.MaxMsgs = 10 }, []string{"drops old messages at 10 messages"}},
		{"bytes", func(c *jetstream.StreamConfig) { c.MaxBytes = 1 << 20 }, []string{"1048576 bytes"}},
		{"one revision", func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 1 }, []string{"only 1 revision of a set is kept"}},
		{"no push", func(c *jetstream.StreamConfig) { c.RePublish = nil }, []string{`does not push changes to "evenkeel.push.flags.test.{{wildcard(1)}}"`}},
		{"push of headers", func(c *jetstream.StreamConfig) {
			c.RePublish = &jetstream.RePublish{Source: c.RePublish.Source, Destination: c.RePublish.Destination, HeadersOnly: true}
		}, []string{"does not push changes"}},
		{"push elsewhere", func(c *jetstream.StreamConfig) {
			c.RePublish = &jetstream.RePublish{Source: c.RePublish.Source, Destination: "elsewhere.{{wildcard(1)}}"}
		}, []string{"does not push changes"}},
		{"push of one set", func(c *jetstream.StreamConfig) {
			c.RePublish = &jetstream.RePublish{Source: "evenkeel.flags.test.shop", Destination: "evenkeel.push.flags.test.shop"}
		}, []string{"does not push changes"}},
		{"refuses when full", func(c *jetstream.StreamConfig) { c.Discard, c.DiscardNewPerSubject = jetstream.DiscardNew, true }, []string{"refuses new messages"}},
		{"no answers", func(c *jetstream.StreamConfig) { c.NoAck = true }, []string{"does not acknowledge"}},
		{"small messages", func(c *jetstream.StreamConfig) { c.MaxMsgSize = 1000 }, []string{"takes messages of 1000 bytes at most"}},
		{"transform", func(c *jetstream.StreamConfig) {
			c.SubjectTransform = &jetstream.SubjectTransformConfig{Source: "evenkeel.flags.test.*", Destination: "evenkeel.flags.test.{{wildcard(1)}}"}
		}, []string{"renames subjects"}},
		{
			"several at once", func(c *jetstream.StreamConfig) {
				c.Storage, c.AllowDirect, c.MaxAge = jetstream.MemoryStorage, false, time.Hour
			},
			[]string{"storage is Memory", "direct get is off", "messages expire"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			config := right
			config.Subjects = append([]string{}, right.Subjects...)
			row.wrong(&config)
			createStream(t, js, config)
			defer func() {
				if err := js.DeleteStream(t.Context(), config.Name); err != nil {
					t.Error(err)
				}
			}()
			_, err := flags.OpenStore(t.Context(), nc, env)
			if !errors.Is(err, flags.ErrStreamConfig) {
				t.Fatalf("got %v, want ErrStreamConfig", err)
			}
			for _, want := range append(row.want, "EVENKEEL_FLAGS_test", "nats stream edit", "flagctl init --env test") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
		})
	}
	createStream(t, js, right)
	if _, err := flags.OpenStore(t.Context(), nc, env); err != nil {
		t.Errorf("the right one: %v", err)
	}
}

// createStream makes a stream. Right after one of the same name was deleted,
// the server may still be clearing its directory, and refuses.
func createStream(t *testing.T, js jetstream.JetStream, config jetstream.StreamConfig) {
	t.Helper()
	testbus.Eventually(t, 5*time.Second, "the stream is made", func() bool {
		_, err := js.CreateStream(t.Context(), config)
		if err != nil {
			t.Log(err)
		}
		return err == nil
	})
}

func TestOpenStore_withoutSetupMakesNothing(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	_, err := flags.OpenStore(t.Context(), nc, env, flags.WithoutSetup())
	if !errors.Is(err, flags.ErrNoStream) || !strings.Contains(err.Error(), "flagctl init --env test") {
		t.Errorf("got %v", err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Stream(t.Context(), "EVENKEEL_FLAGS_"+env); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("the stream: %v", err)
	}
	openStore(t, nc)
	if _, err := flags.OpenStore(t.Context(), nc, env, flags.WithoutSetup()); err != nil {
		t.Errorf("when it is there: %v", err)
	}
}

func TestOpenStore_holdsAnEnvironmentToItsOptions(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	openStore(t, nc, flags.WithRevisions(7))
	for _, row := range []struct {
		opt   flags.StoreOption
		wrong bool
		want  string
	}{
		{flags.WithRevisions(7), false, ""},
		{flags.WithReplicas(1), false, ""},
		{flags.WithRevisions(8), true, "it keeps 7 revisions a set, not 8"},
		{flags.WithReplicas(3), true, "it has 1 replicas, not 3"},
		{flags.WithRevisions(1), false, "WithRevisions(1): at least 2"},
		{flags.WithRevisions(-1), false, "WithRevisions(-1): at least 2"},
		{flags.WithReplicas(2), false, "WithReplicas(2): 1, 3 or 5"},
		{flags.WithReplicas(0), false, "WithReplicas(0): 1, 3 or 5"},
	} {
		_, err := flags.OpenStore(t.Context(), nc, env, row.opt)
		if errors.Is(err, flags.ErrStreamConfig) != row.wrong || (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("got %v, want %q", err, row.want)
		}
	}
	if _, err := flags.OpenStore(t.Context(), nc, env); err != nil {
		t.Errorf("without an option it may be as it is: %v", err)
	}
}

func TestOpenStore_manyAtOnceMakeOneStream(t *testing.T) {
	bus := testbus.Start(t)
	errs := make(chan error)
	const n = 8
	for range n {
		nc := bus.Connect()
		go func() {
			_, err := flags.OpenStore(t.Context(), nc, env)
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestStore_saysThatTheEnvironmentIsGone(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	put(t, store, document(false, 1))
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), "EVENKEEL_FLAGS_"+env); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"Put":         func() error { _, err := store.Put(ctx, set, document(false, 2), someone); return err },
		"Get":         func() error { _, _, err := store.Get(ctx, set); return err },
		"GetRevision": func() error { _, _, err := store.GetRevision(ctx, set, 1); return err },
		"History":     func() error { _, err := store.History(ctx, set, 0); return err },
		"Sets":        func() error { _, err := store.Sets(ctx); return err },
	} {
		if err := call(); !errors.Is(err, flags.ErrNoStream) {
			t.Errorf("%s: got %v, want ErrNoStream", name, err)
		}
	}
}
