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
	changed chan struct{} // holds one token while the store may have something new

	telling sync.Mutex // makes a state and its sending one step: no older one comes later

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
	s := &shop{bus: embedded, nc: nc, changed: make(chan struct{}, 1)}
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
	s.stopped.Go(func() { s.keepLooking(life) })
	return nil
}

// follow tells the pages at once of every change that visitors see.
func (s *shop) follow(ctx context.Context) {
	for update := range s.set.Updates(ctx) {
		if update.Latency > 0 {
			s.mu.Lock()
			s.latency = update.Latency
			s.mu.Unlock()
		}
		s.tell()
		if update.Status.Connected {
			select {
			case s.changed <- struct{}{}:
			default: // it has not looked yet
			}
		}
	}
}

// tell gives the state to the pages.
func (s *shop) tell() {
	s.telling.Lock()
	defer s.telling.Unlock()
	s.hub.send(s.state())
}

// keepLooking adds what only the store knows. It asks until it has an answer,
// while follow goes on: a bus that comes back answers a little later.
func (s *shop) keepLooking(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.changed:
		}
		for s.look(ctx) != nil {
			select {
			case <-ctx.Done():
				return
			case <-time.After(500 * time.Millisecond):
			}
		}
		s.tell()
	}
}

// look reads the document and its history; what cannot be read stays as it was.
func (s *shop) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var list []flags.Flag // stays empty if the set was retired
	doc, _, err := s.store.Get(ctx, setName)
	switch {
	case err == nil:
		list = doc.Flags()
	case !errors.Is(err, flags.ErrRetired):
		return err
	}
	history, err := s.store.History(ctx, setName, 10)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list, s.history = list, history
	return nil
}

func (s *shop) close() {
	s.stop()
	s.stopped.Wait()
	_ = s.set.Close(context.Background()) // it waits for a goroutine only
	s.nc.Close()
}
