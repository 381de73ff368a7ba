package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

var (
	errConnect = errors.New("cannot connect to the bus")
	errRights  = errors.New("the bus refused it: this user lacks a right")
)

// withStore runs do with the environment's store, all of it within the timeout.
func (a *app) withStore(cmd *cobra.Command, do func(ctx context.Context, store *flags.Store) error, opts ...flags.StoreOption) error {
	if err := a.check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), a.timeout)
	defer cancel()
	return a.withBus(ctx, func(ctx context.Context, nc *nats.Conn) error {
		store, err := flags.OpenStore(ctx, nc, a.env, opts...)
		if err != nil {
			return err
		}
		return do(ctx, store)
	})
}

// withBus runs do with a connection. A right that is missing ends do's context
// at once: the bus tells the connection, never the one who waits for an answer.
func (a *app) withBus(ctx context.Context, do func(ctx context.Context, nc *nats.Conn) error) error {
	ctx, refuse := context.WithCancelCause(ctx)
	defer refuse(nil)
	nc, err := a.connect(ctx, func(_ *nats.Conn, _ *nats.Subscription, err error) {
		if errors.Is(err, nats.ErrPermissionViolation) {
			refuse(err)
		}
	})
	if err != nil {
		return err
	}
	defer nc.Close()
	err = do(ctx, nc)
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, nats.ErrPermissionViolation) {
		return fmt.Errorf("%w: %w; the README of flags lists what an operator needs, and --inbox-prefix names where answers may be received", errRights, cause)
	}
	return err
}

// connect tries each address once, within the timeout in all: a person waits.
func (a *app) connect(ctx context.Context, onError nats.ErrHandler) (*nats.Conn, error) {
	opts := []nats.Option{
		nats.Name("flagctl"),
		// One address that is silent leaves time for the others.
		nats.Timeout(a.timeout / time.Duration(strings.Count(a.server, ",")+1)),
		nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond), nats.PingInterval(3 * time.Second),
		nats.ErrorHandler(onError),
	}
	if a.creds != "" {
		opts = append(opts, nats.UserCredentials(a.creds))
	}
	if a.inbox != "" {
		opts = append(opts, nats.CustomInboxPrefix(a.inbox))
	}
	type attempt struct {
		nc  *nats.Conn
		err error
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	made := make(chan attempt, 1)
	go func() {
		nc, err := nats.Connect(a.server, opts...)
		made <- attempt{nc, err}
	}()
	var err error
	select {
	case m := <-made:
		if m.err == nil {
			return m.nc, nil
		}
		err = m.err
	case <-ctx.Done(): // the attempt ends by itself, or with the process
		err = fmt.Errorf("no answer within %s: %w", a.timeout, ctx.Err())
	}
	return nil, fmt.Errorf("%w at %s: %w: check --server, --creds and whether it runs", errConnect, redact(a.server), err)
}

// check refuses what could not work before the bus is asked.
func (a *app) check() error {
	if a.timeout <= 0 {
		return usageError(fmt.Sprintf("--timeout %s: it must be more than 0", a.timeout))
	}
	if err := checkName("environment", a.env); err != nil {
		return usageError(err.Error())
	}
	return nil
}
