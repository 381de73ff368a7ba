package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/evenkeel-go/evenkeel/flags"
)

const (
	env     = "dev"
	setName = "shop"
)

//go:embed flags.json
var firstFlags []byte

// shop is the service: it follows its flags, and keeps what the page shows.
type shop struct {
	bus   *bus // nil if somebody else runs it
	nc    *nats.Conn
	store *flags.Store
	set   *flags.Set
	hub   hub

	stop    context.CancelFunc
	stopped sync.WaitGroup

	mu      sync.Mutex
	latency time.Duration    // protected by mu; of the last change
	list    []flags.Flag     // protected by mu; as the store had them last
	history []flags.Revision // protected by mu; newest first
}

// openShop connects, sets the environment up if it is new, and follows its flags.
func openShop(ctx context.Context, url string, embedded *bus) (*shop, error) {
	options := []nats.Option{
		nats.Name("storefront"),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.ReconnectWait(200 * time.Millisecond), nats.ReconnectJitter(50*time.Millisecond, 50*time.Millisecond),
		nats.PingInterval(2 * time.Second), nats.Timeout(time.Second),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // the set's status says it
	}
	if creds := os.Getenv("NATS_CREDS"); creds != "" {
		options = append(options, nats.UserCredentials(creds))
	}
	nc, err := nats.Connect(url, options...)
	if err != nil {
		return nil, fmt.Errorf("connect to the bus: %w", err)
	}
	s := &shop{bus: embedded, nc: nc}
	if err := s.open(ctx); err != nil {
		nc.Close()
		return nil, err
	}
	return s, nil
}

func (s *shop) open(ctx context.Context) (err error) {
	first, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if s.store, err = flags.OpenStore(first, s.nc, env); err != nil {
		return err
	}
	if _, _, err = s.store.Get(first, setName); errors.Is(err, flags.ErrNotFound) {
		_, err = s.store.Put(first, setName, firstFlags, flags.Change{Actor: "storefront", Reason: "first start"})
	}
	if err != nil && !errors.Is(err, flags.ErrRetired) {
		return err
	}
	// Impatient, so that the page says soon what happens; see flags.WithStaleAfter.
	s.set, err = flags.Open(ctx, s.nc, env, setName, flags.WithStaleAfter(time.Second, time.Minute))
	if err != nil {
		return err
	}
	life, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.stopped.Go(func() { s.follow(life) })
	return nil
}

// follow tells the pages of every change: at once what visitors see, and then
// what only the store knows.
func (s *shop) follow(ctx context.Context) {
	for update := range s.set.Updates(ctx) {
		if update.Latency > 0 {
			s.mu.Lock()
			s.latency = update.Latency
			s.mu.Unlock()
		}
		s.hub.send(s.state())
		if update.Status.Connected {
			s.look(ctx)
			s.hub.send(s.state())
		}
	}
}

// look reads the document and its history; what cannot be read stays as it was.
func (s *shop) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	doc, _, err := s.store.Get(ctx, setName)
	if err != nil {
		return
	}
	history, err := s.store.History(ctx, setName, 10)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list, s.history = doc.Flags(), history
}

func (s *shop) close() {
	s.stop()
	s.stopped.Wait()
	_ = s.set.Close(context.Background()) // it waits for a goroutine only
	s.nc.Close()
}
