package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

var errConnect = errors.New("cannot connect to the bus")

// connect connects once, or fails: a person waits for it.
func (a *app) connect(timeout time.Duration) (*nats.Conn, error) {
	opts := []nats.Option{
		nats.Name("flagctl"), nats.Timeout(timeout),
		nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond), nats.PingInterval(3 * time.Second),
		// The stock handler writes to standard error; the connection keeps the last error for us.
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
	if a.creds != "" {
		opts = append(opts, nats.UserCredentials(a.creds))
	}
	if a.inbox != "" {
		opts = append(opts, nats.CustomInboxPrefix(a.inbox))
	}
	nc, err := nats.Connect(a.server, opts...)
	if err != nil {
		return nil, fmt.Errorf("%w at %s: %w: check --server, --creds and whether it runs", errConnect, redact(a.server), err)
	}
	return nc, nil
}

// withStore runs do with the environment's store, within the timeout.
func (a *app) withStore(cmd *cobra.Command, do func(ctx context.Context, store *flags.Store) error, opts ...flags.StoreOption) error {
	nc, err := a.connect(a.timeout)
	if err != nil {
		return err
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(cmd.Context(), a.timeout)
	defer cancel()
	store, err := flags.OpenStore(ctx, nc, a.env, opts...)
	if err != nil {
		return err
	}
	return do(ctx, store)
}

// redact takes user names, passwords and tokens out of addresses.
func redact(servers string) string {
	parts := strings.Split(servers, ",")
	for i, part := range parts {
		if at := strings.LastIndexByte(part, '@'); at >= 0 {
			scheme, _, found := strings.Cut(part, "://")
			if found {
				scheme += "://"
			} else {
				scheme = ""
			}
			parts[i] = scheme + "xxxxx" + part[at:]
		}
	}
	return strings.Join(parts, ",")
}

// scrub takes the secrets of servers out of a text.
func scrub(text, servers string) string {
	for part := range strings.SplitSeq(servers, ",") {
		_, rest, found := strings.Cut(part, "://")
		if !found {
			rest = part
		}
		at := strings.LastIndexByte(rest, '@')
		if at < 0 {
			continue
		}
		user, password, _ := strings.Cut(rest[:at], ":")
		for _, secret := range []string{rest[:at], password, user} {
			if len(secret) > 3 { // shorter ones would garble the text and say nothing
				text = strings.ReplaceAll(text, secret, "xxxxx")
				if plain, err := url.PathUnescape(secret); err == nil {
					text = strings.ReplaceAll(text, plain, "xxxxx")
				}
			}
		}
	}
	return text
}
