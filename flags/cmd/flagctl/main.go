// Command flagctl changes, watches and rolls back feature flags on NATS: the
// operator's side of github.com/evenkeel-go/evenkeel/flags. Run it without
// arguments for its help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
