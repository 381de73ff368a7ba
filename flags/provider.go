package flags

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"sync"

	"github.com/open-feature/go-sdk/openfeature"

	"github.com/evenkeel-go/evenkeel/flags/internal/eval"
)

// Provider serves a [Set] to OpenFeature clients. Make it with [NewProvider].
// Safe for concurrent use; one Provider may be bound to several domains.
type Provider struct {
	set        *Set
	provenance bool
	events     chan openfeature.Event

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
func NewProvider(set *Set, opts ...ProviderOption) *Provider {
	p := &Provider{set: set, events: make(chan openfeature.Event, 8)}
	for _, opt := range opts {
		opt.applyProvider(p)
	}
	return p
}

// ProviderOption changes what a [Provider] does; see [NewProvider].
type ProviderOption interface{ applyProvider(p *Provider) }

type providerOptionFunc func(p *Provider)

func (f providerOptionFunc) applyProvider(p *Provider) { f(p) }

// WithProvenance adds to the flag metadata of every evaluation which flag set
// it came from ("flagSetId", unless the document says) and at which revision
// ("version"), where hooks for logs and traces look for them. It costs two maps
// an evaluation, one of them the OpenFeature client's. The default is the
// metadata that the document has, usually none.
func WithProvenance() ProviderOption {
	return providerOptionFunc(func(p *Provider) { p.provenance = true })
}

// Metadata names the provider "evenkeel".
func (p *Provider) Metadata() openfeature.Metadata { return openfeature.Metadata{Name: "evenkeel"} }

// Hooks returns none.
func (p *Provider) Hooks() []openfeature.Hook { return nil }

// BooleanEvaluation is [Set.BoolDetails] for OpenFeature.
func (p *Provider) BooleanEvaluation(ctx context.Context, flag string, def bool, flat openfeature.FlattenedContext) openfeature.BoolResolutionDetail {
	return resolve(ctx, p, flag, def, flat, eval.TypeBool, (*eval.Value).Bool)
}

// StringEvaluation is [Set.StringDetails] for OpenFeature.
func (p *Provider) StringEvaluation(ctx context.Context, flag, def string, flat openfeature.FlattenedContext) openfeature.StringResolutionDetail {
	return resolve(ctx, p, flag, def, flat, eval.TypeString, (*eval.Value).Text)
}

// FloatEvaluation is [Set.FloatDetails] for OpenFeature.
func (p *Provider) FloatEvaluation(ctx context.Context, flag string, def float64, flat openfeature.FlattenedContext) openfeature.FloatResolutionDetail {
	return resolve(ctx, p, flag, def, flat, eval.TypeFloat, (*eval.Value).Float)
}

// IntEvaluation is [Set.IntDetails] for OpenFeature.
func (p *Provider) IntEvaluation(ctx context.Context, flag string, def int64, flat openfeature.FlattenedContext) openfeature.IntResolutionDetail {
	return resolve(ctx, p, flag, def, flat, eval.TypeInt, (*eval.Value).Int)
}

// ObjectEvaluation is [Set.ObjectDetails] for OpenFeature.
func (p *Provider) ObjectEvaluation(ctx context.Context, flag string, def any, flat openfeature.FlattenedContext) openfeature.InterfaceResolutionDetail {
	return resolve(ctx, p, flag, def, flat, eval.TypeObject, (*eval.Value).Copy)
}

var nothing = openfeature.FlattenedContext{}

// resolve is what all evaluations have in common.
func resolve[T any](ctx context.Context, p *Provider, flag string, def T, flat openfeature.FlattenedContext, t eval.Type, as func(*eval.Value) T) openfeature.GenericResolutionDetail[T] {
	if flat == nil { // nor what ctx carries for the typed API
		flat = nothing
	}
	value, r := evaluate(ctx, p.set, flag, def, Context{}, flat, t, as)
	detail := openfeature.GenericResolutionDetail[T]{Value: value}
	detail.Variant = r.Variant()
	detail.Reason = openfeature.Reason(r.Reason())
	detail.FlagMetadata = r.SharedMetadata() // the client copies it
	if p.provenance {
		detail.FlagMetadata = p.set.provenance(detail.FlagMetadata)
	}
	if code := r.Code(); code != "" {
		detail.ResolutionError = resolutionError(ErrorCode(code), r.Message(flag))
	}
	return detail
}

// provenance adds to an evaluation's metadata where it came from.
func (s *Set) provenance(metadata openfeature.FlagMetadata) openfeature.FlagMetadata {
	with := make(openfeature.FlagMetadata, len(metadata)+2)
	with["flagSetId"] = s.name
	maps.Copy(with, metadata)
	if doc := s.current.Load(); doc != nil {
		with["version"] = strconv.FormatUint(doc.version.seq, 10)
	}
	return with
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
