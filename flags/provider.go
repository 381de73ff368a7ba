package flags

import (
	"context"
	"fmt"
	"sync"

	"github.com/open-feature/go-sdk/openfeature"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
)

// Provider serves a [Set] to OpenFeature clients. Make it with [NewProvider].
// Safe for concurrent use; one Provider may be bound to several domains.
type Provider struct {
	set    *Set
	events chan openfeature.Event

	mu   sync.Mutex
	pump *pump // protected by mu; nil: none runs
}

var (
	_ openfeature.FeatureProvider          = (*Provider)(nil)
	_ openfeature.ContextAwareStateHandler = (*Provider)(nil)
	_ openfeature.EventHandler             = (*Provider)(nil)
)

// NewProvider returns an OpenFeature provider that serves set:
//
//	openfeature.SetProviderAndWait(flags.NewProvider(set))
//
// The set stays the caller's: shutting the provider down does not close it.
func NewProvider(set *Set) *Provider {
	return &Provider{set: set, events: make(chan openfeature.Event, 8)}
}

// Metadata names the provider "evenkeel".
func (p *Provider) Metadata() openfeature.Metadata { return openfeature.Metadata{Name: "evenkeel"} }

// Hooks returns none.
func (p *Provider) Hooks() []openfeature.Hook { return nil }

// BooleanEvaluation is [Set.BoolDetails] for OpenFeature.
func (p *Provider) BooleanEvaluation(ctx context.Context, flag string, defaultValue bool, flat openfeature.FlattenedContext) openfeature.BoolResolutionDetail {
	doc := p.set.current.Load()
	if doc == nil {
		return resolution(defaultValue, p.set.notReady(flag))
	}
	value, r := doc.compiled.Bool(flag, defaultValue, &eval.Context{Map: flat})
	carried(ctx).expose(p.set.name, flag, &r)
	return resolution(value, r)
}

// StringEvaluation is [Set.StringDetails] for OpenFeature.
func (p *Provider) StringEvaluation(ctx context.Context, flag, defaultValue string, flat openfeature.FlattenedContext) openfeature.StringResolutionDetail {
	doc := p.set.current.Load()
	if doc == nil {
		return resolution(defaultValue, p.set.notReady(flag))
	}
	value, r := doc.compiled.String(flag, defaultValue, &eval.Context{Map: flat})
	carried(ctx).expose(p.set.name, flag, &r)
	return resolution(value, r)
}

// FloatEvaluation is [Set.FloatDetails] for OpenFeature.
func (p *Provider) FloatEvaluation(ctx context.Context, flag string, defaultValue float64, flat openfeature.FlattenedContext) openfeature.FloatResolutionDetail {
	doc := p.set.current.Load()
	if doc == nil {
		return resolution(defaultValue, p.set.notReady(flag))
	}
	value, r := doc.compiled.Float(flag, defaultValue, &eval.Context{Map: flat})
	carried(ctx).expose(p.set.name, flag, &r)
	return resolution(value, r)
}

// IntEvaluation is [Set.IntDetails] for OpenFeature.
func (p *Provider) IntEvaluation(ctx context.Context, flag string, defaultValue int64, flat openfeature.FlattenedContext) openfeature.IntResolutionDetail {
	doc := p.set.current.Load()
	if doc == nil {
		return resolution(defaultValue, p.set.notReady(flag))
	}
	value, r := doc.compiled.Int(flag, defaultValue, &eval.Context{Map: flat})
	carried(ctx).expose(p.set.name, flag, &r)
	return resolution(value, r)
}

// ObjectEvaluation is [Set.ObjectDetails] for OpenFeature.
func (p *Provider) ObjectEvaluation(ctx context.Context, flag string, defaultValue any, flat openfeature.FlattenedContext) openfeature.InterfaceResolutionDetail {
	doc := p.set.current.Load()
	if doc == nil {
		return resolution(defaultValue, p.set.notReady(flag))
	}
	value, r := doc.compiled.Object(flag, defaultValue, &eval.Context{Map: flat})
	carried(ctx).expose(p.set.name, flag, &r)
	return resolution(value, r)
}

func resolution[T any](value T, r eval.Result) openfeature.GenericResolutionDetail[T] {
	detail := openfeature.GenericResolutionDetail[T]{Value: value}
	detail.Variant = r.Variant
	detail.Reason = openfeature.Reason(r.Reason)
	detail.FlagMetadata = r.Metadata()
	if r.Code != "" {
		detail.ResolutionError = resolutionError(ErrorCode(r.Code), r.Message)
	}
	return detail
}

func resolutionError(code ErrorCode, message string) openfeature.ResolutionError {
	switch code {
	case CodeNotReady:
		return openfeature.NewProviderNotReadyResolutionError(message)
	case CodeFlagNotFound:
		return openfeature.NewFlagNotFoundResolutionError(message)
	case CodeParseError:
		return openfeature.NewParseErrorResolutionError(message)
	case CodeTypeMismatch:
		return openfeature.NewTypeMismatchResolutionError(message)
	default:
		return openfeature.NewGeneralResolutionError(message)
	}
}

// Init is InitWithContext for at most 5 s.
func (p *Provider) Init(evaluationContext openfeature.EvaluationContext) error {
	ctx, cancel := context.WithTimeout(context.Background(), defaultConfig().wait)
	defer cancel()
	return p.InitWithContext(ctx, evaluationContext)
}

// InitWithContext waits until the set serves a document or ctx ends; then it
// returns why there is none, and the client goes on with its callers' default
// values until PROVIDER_READY comes. The evaluation context is not used.
func (p *Provider) InitWithContext(ctx context.Context, _ openfeature.EvaluationContext) (err error) {
	pump := p.start()
	defer func() { pump.begin(err) }()
	for update := range p.set.Updates(ctx) {
		if update.Status.State != NotReady {
			return nil
		}
	}
	switch status := p.set.Status(); {
	case status.State == NotReady:
		return fmt.Errorf("flags: no flags to serve yet: %w", status.Err)
	case p.set.current.Load() == nil:
		return fmt.Errorf("flags: set %q of %q was closed before its first document came: %w", p.set.name, p.set.env, ErrClosed)
	}
	return nil
}

// Shutdown is ShutdownWithContext without a limit; it ends at once.
func (p *Provider) Shutdown() { _ = p.ShutdownWithContext(context.Background()) }

// ShutdownWithContext stops the provider's events. The set is not closed.
func (p *Provider) ShutdownWithContext(ctx context.Context) error {
	p.mu.Lock()
	pump := p.pump
	p.pump = nil
	p.mu.Unlock()
	if pump == nil {
		return nil
	}
	pump.stop()
	select {
	case <-pump.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("flags: shut the provider down: %w", ctx.Err())
	}
}
