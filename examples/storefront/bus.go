package main

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats-server/v2/server"
)

// bus is a nats-server inside this process, for one developer's machine: on
// loopback, behind a token, alone in its directory. Production runs a cluster.
type bus struct {
	dir  string
	url  string
	lock *flock.Flock

	mu     sync.Mutex
	server *server.Server // protected by mu; nil while stopped
}

// openBus starts the bus that lives in dir, at the address it had before.
func openBus(dir string) (*bus, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the bus's directory: %w", err)
	}
	// Two servers on one directory would destroy each other's data.
	lock := flock.New(filepath.Join(dir, "lock"))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock directory %s: %w", dir, err)
	}
	if !locked {
		return nil, fmt.Errorf("directory %s is in use by another storefront: end that one, or choose another directory with -dir", dir)
	}
	b := &bus{dir: dir, lock: lock}
	err = b.address()
	if err == nil {
		err = b.start()
	}
	if err != nil {
		_ = lock.Unlock()
		return nil, err
	}
	return b, nil
}

func (b *bus) urlFile() string { return filepath.Join(b.dir, "bus.url") }

// address reads the address that the bus had before, or makes one: a free port
// and a random token.
func (b *bus) address() error {
	if text, err := os.ReadFile(b.urlFile()); err == nil {
		b.url = strings.TrimSpace(string(text))
		if at, err := url.Parse(b.url); err == nil && at.User != nil && isFree(at.Host) {
			return nil
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("find a port for the bus: %w", err)
	}
	defer listener.Close()
	b.url = fmt.Sprintf("nats://%s@%s", rand.Text(), listener.Addr())
	if err := os.WriteFile(b.urlFile(), []byte(b.url+"\n"), 0o600); err != nil {
		return fmt.Errorf("note the bus's address: %w", err)
	}
	return nil
}

func isFree(host string) bool {
	listener, err := net.Listen("tcp", host)
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

// start starts the server; one that runs stays as it is.
func (b *bus) start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server != nil {
		return nil
	}
	at, err := url.Parse(b.url)
	if err != nil {
		return fmt.Errorf("the bus's address in %s: %w: delete the file", b.urlFile(), err)
	}
	port, err := strconv.Atoi(at.Port())
	if err != nil {
		return fmt.Errorf("the bus's address in %s: %w: delete the file", b.urlFile(), err)
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "storefront", Host: "127.0.0.1", Port: port, Authorization: at.User.Username(),
		JetStream: true, StoreDir: filepath.Join(b.dir, "data"), SyncAlways: true,
		NoSigs: true, NoLog: true,
	})
	if err != nil {
		return fmt.Errorf("start the bus: %w", err)
	}
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		s.Shutdown()
		return fmt.Errorf("start the bus: it was not ready within 10s at 127.0.0.1:%d", port)
	}
	b.server = s
	return nil
}

// stop stops the server; its data stays.
func (b *bus) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
		b.server = nil
	}
}

func (b *bus) running() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.server != nil
}

func (b *bus) close() {
	b.stop()
	_ = b.lock.Unlock() // the process ends, and the lock with it
}
