package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/evenkeel-go/evenkeel/flags"
)

// patience is how long a press of a button waits for the bus. The connection
// may hold it up for another nats.Timeout while it reconnects.
const patience = 2 * time.Second

// maxBody bounds what a button sends.
const maxBody = 4 << 10

var errAway = errors.New("the bus is away; visitors keep what they have")

// changeFlag switches a flag, or chooses its default variant.
func (s *shop) changeFlag(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Key     string
		Enabled *bool
		Variant *string
	}
	if !read(w, r, &ask) {
		return
	}
	if !s.nc.IsConnected() { // or it would wait, to fail in the end
		answer(w, errAway)
		return
	}
	reason := "switched " + ask.Key + " off"
	switch {
	case ask.Variant != nil:
		reason = "chose " + *ask.Variant + " for " + ask.Key
	case ask.Enabled != nil && *ask.Enabled:
		reason = "switched " + ask.Key + " on"
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	_, err := s.store.Update(ctx, setName, flags.Change{Actor: "page", Reason: reason}, func(doc *flags.Document) error {
		switch {
		case ask.Variant != nil:
			return doc.SetDefaultVariant(ask.Key, *ask.Variant)
		case ask.Enabled != nil:
			return doc.SetEnabled(ask.Key, *ask.Enabled)
		}
		return errors.New("nothing to change: say enabled or variant")
	})
	answer(w, err)
}

// switchBus stops or starts the bus, to see what the shop does without one.
func (s *shop) switchBus(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Running bool }
	if !read(w, r, &ask) {
		return
	}
	if s.bus == nil {
		answer(w, errors.New("the bus is not ours to stop"))
		return
	}
	var err error
	if ask.Running {
		err = s.bus.start()
	} else {
		s.bus.stop()
	}
	s.tell()
	answer(w, err)
}

// read reads what a button sent.
func read(w http.ResponseWriter, r *http.Request, ask any) bool {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") { // forms of other pages cannot send it
		http.Error(w, "send JSON", http.StatusUnsupportedMediaType)
		return false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(ask); err != nil {
		http.Error(w, "not the JSON that was expected", http.StatusBadRequest)
		return false
	}
	return true
}

// answer says whether it worked, in words that the page shows.
func answer(w http.ResponseWriter, err error) {
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, errAway):
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case errors.Is(err, context.DeadlineExceeded):
		http.Error(w, fmt.Sprintf("the bus did not answer within %s: the change may still come, so look before you repeat it", patience), http.StatusServiceUnavailable)
	default:
		http.Error(w, strings.TrimPrefix(err.Error(), "flags: "), http.StatusUnprocessableEntity)
	}
}
