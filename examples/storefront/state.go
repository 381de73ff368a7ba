package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/evenkeel-go/evenkeel/flags"
)

// state is all that the page shows.
type state struct {
	State     flags.State      `json:"state"`
	Error     string           `json:"error,omitempty"`
	Revision  flags.Revision   `json:"revision"`
	LatencyMS float64          `json:"latencyMs,omitempty"`
	Flags     []flagState      `json:"flags"`
	Visitors  []visitorState   `json:"visitors"`
	History   []flags.Revision `json:"history"`
	Bus       string           `json:"bus"` // running, stopped, or external
}

type flagState struct {
	Key      string   `json:"key"`
	Enabled  bool     `json:"enabled"`
	Default  string   `json:"default"`
	Variants []string `json:"variants"`
	Rule     bool     `json:"rule"`
}

type visitorState struct {
	Name     string            `json:"name"`
	About    string            `json:"about"`
	Shop     storefront        `json:"shop"`
	Variants map[string]string `json:"variants"` // flag → what was served, and why
}

// storefront is what a visitor gets to see; each field is a flag.
type storefront struct {
	NewCheckout      bool    `json:"newCheckout"`
	Banner           string  `json:"banner"`
	FreeShippingFrom int64   `json:"freeShippingFrom"`
	Discount         float64 `json:"discount"`
	Theme            any     `json:"theme"`
}

// The shop's flags, declared in one place.
var (
	newCheckout      = flags.Bool("new-checkout", false)
	banner           = flags.String("banner", "Welcome")
	freeShippingFrom = flags.Int("free-shipping-from", 90)
	discount         = flags.Float("discount", 0)
	theme            = flags.Object("theme", map[string]any{"accent": "#55606e", "name": "Plain"})
)

var visitors = []struct {
	name, about string
	context     flags.Context
}{
	{"Ada", "Germany, free plan", visitor("ada", "de", "free")},
	{"Bo", "United States, pro plan", visitor("bo", "us", "pro")},
	{"Chloé", "France, free plan", visitor("chloe", "fr", "free")},
	{"Dev", "Germany, pro plan", visitor("dev", "de", "pro")},
}

func visitor(key, country, plan string) flags.Context {
	return flags.NewContext(key, flags.StringAttr("country", country), flags.StringAttr("plan", plan))
}

// state evaluates every flag for every visitor.
func (s *shop) state() state {
	status := s.set.Status()
	now := state{State: status.State, Revision: status.Revision, Bus: "external"}
	if status.Err != nil {
		now.Error = strings.TrimPrefix(status.Err.Error(), "flags: ")
		now.Error = strings.TrimPrefix(now.Error, fmt.Sprintf("set %q of %q: ", setName, env)) // the page has no other
	}
	if s.bus != nil {
		now.Bus = "stopped"
		if s.bus.running() {
			now.Bus = "running"
		}
	}
	for _, v := range visitors {
		now.Visitors = append(now.Visitors, s.serve(v.name, v.about, v.context))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now.LatencyMS = float64(s.latency.Microseconds()) / 1000
	now.History = s.history
	for _, f := range s.list {
		now.Flags = append(now.Flags, flagState{f.Key, f.Enabled, f.DefaultVariant, f.Variants, f.Targeting != ""})
	}
	return now
}

// serve is the request of one visitor, as a service would handle it.
func (s *shop) serve(name, about string, who flags.Context) visitorState {
	ctx := flags.WithContext(flags.WithSet(context.Background(), s.set), who)
	ctx = flags.WithExposures(ctx)
	seen := visitorState{Name: name, About: about, Variants: map[string]string{}, Shop: storefront{
		NewCheckout:      newCheckout.Value(ctx),
		Banner:           banner.Value(ctx),
		FreeShippingFrom: freeShippingFrom.Value(ctx),
		Discount:         discount.Value(ctx),
		Theme:            theme.Value(ctx),
	}}
	for _, e := range flags.Exposures(ctx) {
		seen.Variants[e.Key] = e.Variant + " " + string(e.Reason)
	}
	return seen
}
