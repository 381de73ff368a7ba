package flags

import (
	"context"
	"time"

	"github.com/open-feature/go-sdk/openfeature"
)

// EventChannel gives PROVIDER_READY, PROVIDER_STALE and
// PROVIDER_CONFIGURATION_CHANGED with the keys that changed. A reader that is
// slow, or does not read, gets later changes joined into one event; the set is
// never held up.
func (p *Provider) EventChannel() <-chan openfeature.Event { return p.events }

// start pumps updates of the set into events, once.
func (p *Provider) start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop, p.done = stop, make(chan struct{})
	go p.pump(ctx, p.done)
}

// afterInit is how long the client may take to announce READY after Init. It
// does so by itself and says nothing when it has; a STALE sent before that
// would be overwritten.
const afterInit = 200 * time.Millisecond

func (p *Provider) pump(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	announced := NotReady
	first := true
	for update := range p.set.Updates(ctx) {
		state := update.Status.State
		if first {
			first = false
			if state == Ready {
				announced = Ready // by the client, after Init
			}
			if state == Stale && !wait(ctx, afterInit) {
				return
			}
		}
		if len(update.Changed) > 0 && !p.send(ctx, openfeature.ProviderConfigChange, update) {
			return
		}
		if state == announced || state == NotReady || state == Closed {
			continue
		}
		announced = state
		event := openfeature.ProviderReady
		if state == Stale {
			event = openfeature.ProviderStale
		}
		if !p.send(ctx, event, update) {
			return
		}
	}
}

func (p *Provider) send(ctx context.Context, event openfeature.EventType, update Update) bool {
	details := openfeature.ProviderEventDetails{
		FlagChanges:   update.Changed,
		EventMetadata: map[string]any{"revision": int64(update.Status.Revision.Number)}, //nolint:gosec // a stream never gets that long
	}
	if update.Status.Err != nil {
		details.Message = update.Status.Err.Error()
	}
	select {
	case p.events <- openfeature.Event{ProviderName: p.Metadata().Name, EventType: event, ProviderEventDetails: details}:
		return true
	case <-ctx.Done():
		return false
	}
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
