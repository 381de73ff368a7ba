package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// hub gives the latest state to all pages. A slow page misses states in
// between, and delays nobody. The zero hub is ready.
type hub struct {
	mu     sync.Mutex
	latest []byte               // protected by mu
	pages  map[chan []byte]bool // protected by mu
}

func (h *hub) send(now state) {
	text, err := json.Marshal(now)
	if err != nil { // cannot be: a state is plain data
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.latest = text
	for page := range h.pages {
		put(page, text)
	}
}

// put replaces what a page has not taken yet.
func put(page chan []byte, text []byte) {
	select {
	case <-page:
	default:
	}
	page <- text
}

func (h *hub) join() chan []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pages == nil {
		h.pages = map[chan []byte]bool{}
	}
	page := make(chan []byte, 1)
	if h.latest != nil {
		page <- h.latest
	}
	h.pages[page] = true
	return page
}

func (h *hub) leave(page chan []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.pages, page)
}

// ServeHTTP streams the states as server-sent events, see
// https://html.spec.whatwg.org/multipage/server-sent-events.html.
func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	stream := http.NewResponseController(w)
	page := h.join()
	defer h.leave(page)
	heartbeat := time.NewTicker(15 * time.Second)
	defer heartbeat.Stop()
	// Come back soon after the shop was restarted.
	text := []byte("retry: 500\n\n")
	for {
		_ = stream.SetWriteDeadline(time.Now().Add(10 * time.Second)) // a page that takes nothing is gone
		if _, err := w.Write(text); err != nil || stream.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case state := <-page:
			text = fmt.Appendf(nil, "data: %s\n\n", state)
		case <-heartbeat.C:
			text = []byte(": still here\n\n")
		}
	}
}
