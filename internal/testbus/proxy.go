package testbus

import (
	"net"
	"sync"
	"testing"
)

// Proxy passes TCP connections on, until it is told not to. The one library
// for this that could be had (toxiproxy 2.5.0) drops the bytes of a stalled
// connection and brings a metrics server; these lines hold them back, as a
// network does.
type Proxy struct {
	t        testing.TB
	listener net.Listener
	target   string
	wait     sync.WaitGroup

	mu      sync.Mutex
	conns   map[net.Conn]bool // protected by mu
	refuse  bool              // protected by mu
	flowing chan struct{}     // protected by mu; closed while bytes may pass
}

// StartProxy runs a proxy on loopback in front of target, a host and port.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{t: t, listener: l, target: target, conns: map[net.Conn]bool{}, flowing: make(chan struct{})}
	close(p.flowing)
	p.wait.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.Cut()
		p.Heal()
		p.wait.Wait()
	})
	return p
}

// URL returns the proxy's address for clients.
func (p *Proxy) URL() string { return "nats://" + p.listener.Addr().String() }

// Cut closes all connections and refuses new ones until Heal.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = true
	for conn := range p.conns {
		_ = conn.Close()
	}
}

// Stall lets nothing pass until Heal, but keeps all connections open: what a
// dead network looks like to both ends.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flowing = make(chan struct{})
}

// Heal undoes Cut and Stall.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = false
	select {
	case <-p.flowing:
	default:
		close(p.flowing)
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // the test has ended
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil || !p.add(client, server) {
			_ = client.Close()
			if server != nil {
				_ = server.Close()
			}
			continue
		}
		p.wait.Go(func() { p.pass(client, server) })
		p.wait.Go(func() { p.pass(server, client) })
	}
}

func (p *Proxy) add(client, server net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.refuse {
		p.conns[client], p.conns[server] = true, true
	}
	return !p.refuse
}

// pass copies bytes one way; when it ends, so does the other way.
func (p *Proxy) pass(from, to net.Conn) {
	defer func() {
		_ = from.Close()
		_ = to.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, from)
	}()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		flowing := p.flowing
		p.mu.Unlock()
		<-flowing
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
