package test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-feature/go-sdk/openfeature"
	"github.com/open-feature/go-sdk/openfeature/isolated"

	"github.com/evenkeel-go/evenkeel/flags"
	"github.com/evenkeel-go/evenkeel/internal/testbus"
)

// newAPI returns an OpenFeature API of the test's own: the global one would
// keep its goroutines and its providers for ever.
func newAPI(t *testing.T) *openfeature.EvaluationAPI {
	t.Helper()
	api := isolated.NewAPI()
	t.Cleanup(func() {
		done := make(chan error, 1)
		go func() { done <- api.Shutdown(context.Background()) }()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(5 * time.Second):
			t.Error("the API's Shutdown has not returned within 5 s")
		}
	})
	return api
}

// bind sets a provider for a domain and waits for it at most 5 s.
func bind(t *testing.T, api *openfeature.EvaluationAPI, provider openfeature.FeatureProvider, domain string) (*openfeature.Client, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	err := api.SetProviderAndWait(ctx, provider, openfeature.WithDomain(domain))
	return api.NewClient(openfeature.WithDomain(domain)), err
}

// heard collects the events that a client hears.
type heard struct {
	mu     sync.Mutex
	events []openfeature.EventType
	keys   []string
	last   openfeature.EventDetails
}

func listen(client *openfeature.Client) *heard {
	h := &heard{}
	for _, event := range []openfeature.EventType{openfeature.ProviderReady, openfeature.ProviderStale, openfeature.ProviderError, openfeature.ProviderConfigChange} {
		callback := func(details openfeature.EventDetails) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.events = append(h.events, event)
			h.keys = append(h.keys, details.FlagChanges...)
			h.last = details
		}
		client.AddHandler(event, &callback)
	}
	return h
}

func (h *heard) count(event openfeature.EventType) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, e := range h.events {
		if e == event {
			n++
		}
	}
	return n
}

// changed returns the keys that were heard of so far, and forgets them.
func (h *heard) changed() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	keys := h.keys
	h.keys = nil
	return keys
}

func (h *heard) hears(t *testing.T, event openfeature.EventType, n int) {
	t.Helper()
	testbus.Eventually(t, 5*time.Second, "the client hears "+string(event), func() bool { return h.count(event) >= n })
}

func TestProvider_servesAllTypesWithTheirDetails(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	put(t, openStore(t, nc), document(true, 5))
	provider := flags.NewProvider(open(t, nc))
	client, err := bind(t, newAPI(t), provider, t.Name())
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	german := openfeature.NewEvaluationContext("u1", map[string]any{"country": "de"})
	nobody := openfeature.EvaluationContext{}

	b, err := client.BooleanValueDetails(ctx, "new-cart", false, nobody)
	if err != nil || !b.Value || b.Variant != "on" || b.Reason != openfeature.StaticReason || b.FlagMetadata["owner"] != "team-shop" {
		t.Errorf("bool: got %+v, %v", b, err)
	}
	i, err := client.IntValueDetails(ctx, "limit", -1, nobody)
	if err != nil || i.Value != 5 || i.Variant != "x" || i.Reason != openfeature.StaticReason {
		t.Errorf("int: got %+v, %v", i, err)
	}
	f, err := client.FloatValueDetails(ctx, "ratio", -1, nobody)
	if err != nil || f.Value != 0.5 {
		t.Errorf("float: got %+v, %v", f, err)
	}
	o, err := client.ObjectValueDetails(ctx, "theme", nil, nobody)
	if err != nil || !reflect.DeepEqual(o.Value, map[string]any{"colour": "blue"}) {
		t.Errorf("object: got %+v, %v", o, err)
	}
	for _, row := range []struct {
		ec     openfeature.EvaluationContext
		value  string
		reason openfeature.Reason
	}{{german, "Hallo", openfeature.TargetingMatchReason}, {nobody, "Hello", openfeature.DefaultReason}} {
		s, err := client.StringValueDetails(ctx, "banner", "", row.ec)
		if err != nil || s.Value != row.value || s.Reason != row.reason {
			t.Errorf("string: got %+v, %v, want %s", s, err, row.value)
		}
	}
	if name := provider.Metadata().Name; name != "evenkeel" || len(provider.Hooks()) != 0 {
		t.Errorf("got %q and hooks %v", name, provider.Hooks())
	}
}

func TestProvider_givesErrorCodesWithTheCallersValue(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	put(t, openStore(t, nc), document(true, 5))
	followed := open(t, nc)
	client, err := bind(t, newAPI(t), flags.NewProvider(followed), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	seq := past(t, nc, []byte(`{"flags": {
		"broken": {"state": "ENABLED", "variants": {"x": true}, "defaultVariant": "x", "targeting": {"nonsense": 1}},
		"off": {"state": "DISABLED", "variants": {"x": true}, "defaultVariant": "x"},
		"text": {"state": "ENABLED", "variants": {"x": "a"}, "defaultVariant": "x"},
		"gone": {"state": "ENABLED", "variants": {"x": true}, "defaultVariant": "x", "targeting": {"var": "variant"}}
	}}`), true)
	testbus.Eventually(t, time.Second, "the revision is served", func() bool { return followed.Status().Revision.Number == seq })
	ec := openfeature.NewEvaluationContext("u1", map[string]any{"variant": "none"})
	for key, row := range map[string]struct {
		code   openfeature.ErrorCode
		reason openfeature.Reason
	}{
		"nope":   {openfeature.FlagNotFoundCode, openfeature.ErrorReason},
		"broken": {openfeature.ParseErrorCode, openfeature.ErrorReason},
		"text":   {openfeature.TypeMismatchCode, openfeature.ErrorReason},
		"gone":   {openfeature.GeneralCode, openfeature.ErrorReason},
		"off":    {"", openfeature.DisabledReason},
	} {
		for _, def := range []bool{true, false} {
			got, err := client.BooleanValueDetails(t.Context(), key, def, ec)
			if (err != nil) != (row.code != "") || got.Value != def || got.ErrorCode != row.code || got.Reason != row.reason {
				t.Errorf("%s: got %+v, %v", key, got, err)
			}
		}
	}
}

func TestProvider_tellsOfChangesStaleAndReady(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	put(t, store, document(false, 1))
	client, err := bind(t, newAPI(t), flags.NewProvider(open(t, nc, flags.WithStaleAfter(50*time.Millisecond, time.Minute))), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	h := listen(client)
	h.hears(t, openfeature.ProviderReady, 1) // at registration: it is
	put(t, store, document(true, 1))
	h.hears(t, openfeature.ProviderConfigChange, 1)
	if keys := h.changed(); !slices.Equal(keys, []string{"new-cart"}) {
		t.Errorf("changed %q", keys)
	}
	revision := put(t, store, document(false, 2))
	h.hears(t, openfeature.ProviderConfigChange, 2)
	if keys := h.changed(); !slices.Equal(keys, []string{"limit", "new-cart"}) {
		t.Errorf("changed %q", keys)
	}
	h.mu.Lock()
	if got := h.last.EventMetadata["revision"]; got != int64(revision.Number) || h.last.ProviderName != "evenkeel" {
		t.Errorf("got %+v", h.last)
	}
	h.mu.Unlock()

	bus.Kill()
	h.hears(t, openfeature.ProviderStale, 1)
	h.mu.Lock()
	if !strings.Contains(h.last.Message, "disconnected") {
		t.Errorf("got %+v", h.last)
	}
	h.mu.Unlock()
	if client.State() != openfeature.StaleState {
		t.Errorf("state %s", client.State())
	}
	if got := client.Int(t.Context(), "limit", -1, openfeature.EvaluationContext{}); got != 2 {
		t.Errorf("while stale: got %d", got)
	}
	bus.Restart()
	h.hears(t, openfeature.ProviderReady, 2)
	testbus.Eventually(t, time.Second, "the client is ready", func() bool { return client.State() == openfeature.ReadyState })
	if n, keys := h.count(openfeature.ProviderConfigChange), h.changed(); n != 2 || len(keys) > 0 {
		t.Errorf("nothing changed meanwhile, but %d events with %q", n, keys)
	}
}

func TestProvider_healsAfterAFailedInitAndShutsDown(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect())
	put(t, store, document(false, 7))
	bus.Stop()
	followed := open(t, bus.Connect(), flags.WithWait(0))
	api := isolated.NewAPI()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := api.SetProviderAndWait(ctx, flags.NewProvider(followed), openfeature.WithDomain(t.Name())); err == nil {
		t.Fatal("Init succeeded without a bus")
	}
	client := api.NewClient(openfeature.WithDomain(t.Name()))
	testbus.Eventually(t, time.Second, "the client is told", func() bool { return client.State() == openfeature.ErrorState })
	got, err := client.IntValueDetails(t.Context(), "limit", -1, openfeature.EvaluationContext{})
	if err == nil || got.Value != -1 || got.ErrorCode != openfeature.ProviderNotReadyCode {
		t.Errorf("without a document: got %+v, %v", got, err)
	}
	h := listen(client)
	bus.Restart()
	h.hears(t, openfeature.ProviderReady, 1)
	if client.State() != openfeature.ReadyState || client.Int(t.Context(), "limit", -1, openfeature.EvaluationContext{}) != 7 {
		t.Errorf("state %s", client.State())
	}
	for i := range 2 {
		put(t, store, document(false, 8+i))
		sees(t, followed, int64(8+i), time.Second)
	}
	h.hears(t, openfeature.ProviderConfigChange, 2)
	done := make(chan error, 1)
	go func() { done <- api.Shutdown(context.Background()) }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("Shutdown has not returned within 5 s")
	}
	put(t, store, document(false, 10)) // the set is the caller's and goes on
	sees(t, followed, 10, time.Second)
	if state := followed.Status().State; state != flags.Ready {
		t.Errorf("state %s", state)
	}
}

func TestProvider_neverWaitsForSlowOrMissingReaders(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	put(t, store, document(false, 0))
	followed := open(t, nc)
	client, err := bind(t, newAPI(t), flags.NewProvider(followed), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	defer close(release)
	blocked := func(openfeature.EventDetails) { <-release }
	client.AddHandler(openfeature.ProviderConfigChange, &blocked)
	unread := flags.NewProvider(followed) // nobody reads its events
	if err := unread.Init(openfeature.EvaluationContext{}); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 50; i++ {
		put(t, store, document(i%2 == 0, i))
		sees(t, followed, int64(i), time.Second)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := unread.ShutdownWithContext(ctx); err != nil {
		t.Error(err)
	}
	if n := len(unread.EventChannel()); n != cap(unread.EventChannel()) {
		t.Errorf("%d events wait", n)
	}
}

func TestProvider_canBeStartedAndStoppedTwice(t *testing.T) {
	set, err := flags.Static(document(true, 1))
	if err != nil {
		t.Fatal(err)
	}
	provider := flags.NewProvider(set)
	provider.Shutdown() // before any Init
	for range 2 {
		for range 2 {
			if err := provider.Init(openfeature.EvaluationContext{}); err != nil {
				t.Error(err)
			}
		}
		provider.Shutdown()
		provider.Shutdown()
	}
	if err := set.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := provider.Init(openfeature.EvaluationContext{}); err != nil { // a closed set serves its last values
		t.Error(err)
	}
	provider.Shutdown()
}

func TestProvider_ofASetThatWasClosedEmpty(t *testing.T) {
	bus := testbus.Start(t)
	followed := open(t, bus.Connect())
	if err := followed.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := flags.NewProvider(followed).Init(openfeature.EvaluationContext{}); !errors.Is(err, flags.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

func TestProvider_servesTwoDomains(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	put(t, store, document(false, 1))
	provider := flags.NewProvider(open(t, nc))
	api := newAPI(t)
	one, err := bind(t, api, provider, "one")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Retire(t.Context(), set, someone); err != nil {
		t.Fatal(err)
	}
	first := listen(one)
	first.hears(t, openfeature.ProviderStale, 1)
	two, err := bind(t, api, provider, "two")
	if err != nil {
		t.Fatal(err)
	}
	// The SDK told both that the provider is READY when the second was bound.
	testbus.Eventually(t, 2*time.Second, "both clients know that it is stale", func() bool {
		return one.State() == openfeature.StaleState && two.State() == openfeature.StaleState
	})
	second := listen(two)
	put(t, store, document(false, 2))
	for _, h := range []*heard{first, second} {
		h.hears(t, openfeature.ProviderConfigChange, 1)
		if keys := h.changed(); !slices.Equal(keys, []string{"limit"}) {
			t.Errorf("changed %q", keys)
		}
	}
	for name, client := range map[string]*openfeature.Client{"one": one, "two": two} {
		testbus.Eventually(t, 2*time.Second, name+" is ready", func() bool { return client.State() == openfeature.ReadyState })
		if got := client.Int(t.Context(), "limit", -1, openfeature.EvaluationContext{}); got != 2 {
			t.Errorf("%s: got %d", name, got)
		}
	}
}
