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
	started := &pump{stop: stop, done: make(chan struct{}), inits: make(chan bool, 1)}
	p.pump = started
	go func() {
		defer close(started.done)
		p.run(ctx, started, sub)
	}()
	return started
}

// pump is one run of a provider's events, from Init to Shutdown.
type pump struct {
	stop context.CancelFunc
	done chan struct{} // closed when it has ended

	mu    sync.Mutex // held by who sends on inits
	inits chan bool  // holds how the last Init ended, until run has seen it
}

// begin says that an Init has ended. It never blocks.
func (p *pump) begin(err error) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.inits: // a later one counts
	default:
	}
	p.inits <- err == nil
}

// afterInit is how long the client may take to announce READY or ERROR after
// an Init. It gives no sign when it has; what was sent before that would be
// overwritten.
const afterInit = 200 * time.Millisecond

func (p *Provider) run(ctx context.Context, run *pump, sub *subscriber) {
	defer p.set.unsubscribe(sub)
	var (
		announced State           // what the client believes
		initAt    time.Time       // when the last Init ended
		wake      <-chan struct{} // nil until the first Init has ended
	)
	for {
		var update Update
		select {
		case <-ctx.Done():
			return
		case <-sub.closed:
			return
		case ok := <-run.inits:
			// The client announces READY by itself, or ERROR, and to all that
			// the provider is bound to.
			announced, initAt, wake = NotReady, time.Now(), sub.wake
			if ok {
				announced = Ready
			}
			update.Status = p.set.Status()
		case <-wake:
			update = p.set.take(sub)
		}
		if len(update.Changed) > 0 && !p.send(ctx, openfeature.ProviderConfigChange, update) {
			return
		}
		state := update.Status.State
		if state == announced || state == NotReady || state == Closed {
			continue
		}
		if !wait(ctx, afterInit-time.Since(initAt)) {
			return
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
		EventMetadata: map[string]any{"revision": int64(update.Status.Revision.Number)}, //nolint:gosec // a stream never gets that long
	}
	if event == openfeature.ProviderConfigChange {
		details.FlagChanges = update.Changed
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
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
