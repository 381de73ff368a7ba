package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

// seen is one line of watch.
type seen struct {
	At        time.Time       `json:"at"`
	State     flags.State     `json:"state"`
	Connected bool            `json:"connected"`
	Revision  *flags.Revision `json:"revision,omitempty"`
	Changed   []string        `json:"changed,omitempty"`
	LatencyMS float64         `json:"latencyMs,omitempty"`
	Flags     int             `json:"flags"`
	Problems  []flags.Problem `json:"problems,omitempty"`
	Error     string          `json:"error,omitempty"`
}

func (a *app) watch() *cobra.Command {
	return &cobra.Command{
		Use: "watch SET", Short: "show each change as services see it", GroupID: "see",
		Long: "watch follows a set the way a service does, and prints each change as it lands, how long\n" +
			"it took to arrive (by the clocks of the bus and of this machine), and when the set turns\n" +
			"stale or ready. It ends with Ctrl-C. With --json it prints one object a line.",
		Example: "  flagctl watch shop -e prod\n  flagctl watch shop --json | jq -c '{at, changed}'",
		Args:    setAnd(0), ValidArgsFunction: a.completeSet,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.check(); err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			err := a.withBus(ctx, func(ctx context.Context, nc *nats.Conn) error { return a.follow(ctx, nc, args[0]) })
			if ctx.Err() != nil {
				return nil // it was asked to end
			}
			return err
		},
	}
}

// follow prints what becomes of a set, until ctx ends.
func (a *app) follow(ctx context.Context, nc *nats.Conn, name string) error {
	set, err := flags.Open(ctx, nc, a.env, name, flags.WithWait(a.timeout), flags.WithStaleAfter(time.Second, time.Minute))
	if err != nil {
		return err
	}
	defer set.Close(context.Background())
	// A service waits for an environment; a person has mistyped its name.
	if status := set.Status(); status.State == flags.NotReady && errors.Is(status.Err, flags.ErrNoStream) {
		return status.Err
	}
	for update := range set.Updates(ctx) {
		if err := a.printUpdate(update); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (a *app) printUpdate(update flags.Update) error {
	line := seen{
		At: time.Now(), State: update.Status.State, Connected: update.Status.Connected, Changed: update.Changed,
		Flags: update.Status.Flags, Problems: update.Status.Problems,
		LatencyMS: float64(update.Latency.Microseconds()) / 1000,
	}
	if update.Status.Revision.Number > 0 {
		line.Revision = &update.Status.Revision
	}
	if update.Status.Err != nil {
		line.Error = scrub(strings.TrimPrefix(update.Status.Err.Error(), "flags: "), a.server)
	}
	if a.json {
		return a.printJSON(line)
	}
	a.printf("%s\n", line.text())
	return nil
}

func (s seen) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s", s.At.Format("15:04:05.000"), s.State)
	if s.Revision != nil {
		fmt.Fprintf(&b, "  revision %d by %s", s.Revision.Number, orDash(s.Revision.Actor))
		if s.Revision.Reason != "" {
			fmt.Fprintf(&b, " (%s)", s.Revision.Reason)
		}
	}
	switch {
	case len(s.Changed) > 0:
		fmt.Fprintf(&b, ": %s", cut(strings.Join(s.Changed, ", "), 200))
	case !s.Connected:
		b.WriteString(", disconnected from the bus")
	case s.Error == "":
		b.WriteString(", " + count(s.Flags, "flag"))
	}
	if s.LatencyMS > 0 {
		fmt.Fprintf(&b, "  [%.1f ms]", s.LatencyMS)
	}
	if s.Error != "" {
		fmt.Fprintf(&b, "\n    %s", s.Error)
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = oneLine(lines[i])
	}
	for _, p := range s.Problems {
		lines = append(lines, "    "+oneLine(p.Error()))
	}
	return strings.Join(lines, "\n")
}
