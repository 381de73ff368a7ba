package flags

import (
	"context"
	"sync"
	"time"

	"github.com/open-feature/go-sdk/openfeature"
)

// EventChannel gives PROVIDER_READY, PROVIDER_STALE and
// PROVIDER_CONFIGURATION_CHANGED with the keys that changed. A reader that is
// slow, or does not read, gets later changes joined into one event; the set is
// never held up.
func (p *Provider) EventChannel() <-chan openfeature.Event { return p.events }

// start pumps updates of the set into events, once. It subscribes before Init
// looks at the state, so no change falls between.
func (p *Provider) start() *pump {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pump != nil {
		return p.pump
	}
	sub := p.set.subscribe()
	if sub == nil {
		return nil // the set is closed: nothing will change
	}
	ctx, stop := context.WithCancel(context.Background())
	started := &pump{stop: stop, done: make(chan struct{}), begun: make(chan struct{})}
	p.pump = started
	go func() {
		defer close(started.done)
		p.run(ctx, started, sub)
	}()
	return started
}

// pump is one run of a provider's events, from Init to Shutdown.
type pump struct {
	stop  context.CancelFunc
	done  chan struct{} // closed when it has ended
	once  sync.Once
	begun chan struct{} // closed when the first Init has ended

	announced State // what the client announces after Init; set before begun is closed
}

// begin lets events flow. The client announces READY by itself when Init did
// not fail, so the pump must not.
func (p *pump) begin(err error) {
	if p == nil {
		return
	}
	p.once.Do(func() {
		if err == nil {
			p.announced = Ready
		}
		close(p.begun)
	})
}

// afterInit is how long the client may take to announce READY after Init. It
// gives no sign when it has; a STALE sent before that would be overwritten.
const afterInit = 200 * time.Millisecond

func (p *Provider) run(ctx context.Context, run *pump, sub *subscriber) {
	select {
	case <-run.begun:
	case <-ctx.Done():
		p.set.unsubscribe(sub)
		return
	}
	announced, early := run.announced, true
	for update := range p.set.updates(ctx, sub) {
		state := update.Status.State
		if len(update.Changed) > 0 && !p.send(ctx, openfeature.ProviderConfigChange, update) {
			return
		}
		if early && state == Stale && !wait(ctx, afterInit) {
			return
		}
		early = false
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
