package main

import (
	"crypto/rand"
	_ "embed"
	"html/template"
	"net"
	"net/http"
	"strings"
)

//go:embed page/index.html
var pageText string

//go:embed page/page.css
var pageStyle string

//go:embed page/page.js
var pageScript string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// handler serves the page, its events and its buttons, to this machine only.
func (s *shop) handler(addr net.Addr) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", servePage)
	mux.Handle("GET /events", &s.hub)
	mux.HandleFunc("POST /api/flag", s.changeFlag)
	mux.HandleFunc("POST /api/bus", s.switchBus)
	// Another page in the same browser must not press our buttons.
	_, port, _ := net.SplitHostPort(addr.String())
	return local(port, http.NewCrossOriginProtection().Handler(mux))
}

// local refuses requests for other names than this machine's, or another port,
// which a page elsewhere could make a browser send (DNS rebinding).
func local(port string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, asked, err := net.SplitHostPort(r.Host)
		if err != nil { // no port means HTTP's own
			name, asked = strings.Trim(r.Host, "[]"), "80"
		}
		if ip := net.ParseIP(name); asked != port || name != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "this demo answers to 127.0.0.1 and localhost only, at its own port", http.StatusForbidden)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

func servePage(w http.ResponseWriter, _ *http.Request) {
	nonce := rand.Text()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "+
		"style-src 'nonce-"+nonce+"'; script-src 'nonce-"+nonce+"'")
	_ = pageTemplate.Execute(w, map[string]any{ // a browser that has gone needs no page
		"Nonce":  nonce,
		"Style":  template.CSS(pageStyle), //nolint:gosec // our own files
		"Script": template.JS(pageScript), //nolint:gosec // our own files
	})
}
