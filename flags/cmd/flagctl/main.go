// Command flagctl changes, watches and rolls back feature flags on NATS: the
// operator's side of github.com/evenkeel-go/evenkeel/flags. Run it without
// arguments for its help.
package main

import (
	"context"
	"os"
)

func main() {
	// No handler for Ctrl-C here: it ends a command at once, also one that
	// waits for a person or for the bus. Only watch has something to finish.
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
