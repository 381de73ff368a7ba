// Command storefront is a small shop whose page shows live feature flags: flip
// one on the page or with flagctl and see it arrive. It runs its own bus, or
// uses the one that NATS_URL names.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const usage = `storefront is a small shop whose page shows live feature flags.

Usage: go run ./examples/storefront [-addr 127.0.0.1:8080] [-dir .evenkeel]

It starts a bus of its own, which keeps its data in -dir, or uses the one that
NATS_URL names. Ctrl-C ends it.

  go run ./examples/storefront
  go run ./examples/storefront -addr 127.0.0.1:9000
  NATS_URL=nats://127.0.0.1:4222 go run ./examples/storefront

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program; it returns the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	options := flag.NewFlagSet("storefront", flag.ContinueOnError)
	options.SetOutput(errs)
	options.Usage = func() { fmt.Fprint(errs, usage); options.PrintDefaults() }
	addr := options.String("addr", "", "address of the page; 127.0.0.1:8080, or a free port if that is taken")
	dir := options.String("dir", ".evenkeel", "directory of the embedded bus")
	switch err := options.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil || options.NArg() > 0:
		return 2
	}
	if err := serve(ctx, *addr, *dir, os.Getenv("NATS_URL"), out); err != nil {
		fmt.Fprintln(errs, "storefront:", err)
		return 1
	}
	return 0
}

// serve runs the shop until ctx ends.
func serve(ctx context.Context, addr, dir, url string, out io.Writer) (err error) {
	var embedded *bus
	if url == "" {
		if embedded, err = openBus(dir); err != nil {
			return err
		}
		defer embedded.close()
		url = embedded.url
	}
	listener, err := listen(addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	shop, err := openShop(ctx, url, embedded)
	if err != nil {
		return err
	}
	defer shop.close()

	// Streams to browsers end with their context, so a shutdown waits for nobody.
	life, end := context.WithCancel(context.Background())
	defer end()
	web := &http.Server{
		Handler:           shop.handler(listener.Addr()),
		BaseContext:       func(net.Listener) context.Context { return life },
		ReadHeaderTimeout: 5 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	greet(out, listener.Addr(), embedded)
	select {
	case err := <-failed:
		return fmt.Errorf("serve the page: %w", err)
	case <-ctx.Done():
	}
	end()
	fmt.Fprintln(out, "\nBye.")
	last, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if web.Shutdown(last) != nil { // browsers open connections ahead of need, which nobody has to wait for
		_ = web.Close()
	}
	return nil
}

// listen takes the address, or finds a free port where none was asked for.
func listen(addr string) (net.Listener, error) {
	if addr != "" {
		listener, err := net.Listen("tcp", addr)
		if err != nil {
			return nil, fmt.Errorf("open the page: %w: choose another address with -addr", err)
		}
		return listener, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:8080")
	if err != nil {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("open the page: %w", err)
	}
	return listener, nil
}

// greet says where the page is and what to try.
func greet(out io.Writer, addr net.Addr, embedded *bus) {
	fmt.Fprintf(out, "The shop is open: http://%s   (Ctrl-C ends it)\n\nTry this in another terminal, and watch the page:\n\n", addr)
	if embedded != nil {
		fmt.Fprintf(out, "  export NATS_URL=\"$(cat %s)\"\n", embedded.urlFile())
	}
	fmt.Fprint(out, `  go run ./flags/cmd/flagctl set-variant shop new-checkout on --reason "launch"
  go run ./flags/cmd/flagctl disable shop discount --reason "too generous"
  go run ./flags/cmd/flagctl watch shop
`)
}
