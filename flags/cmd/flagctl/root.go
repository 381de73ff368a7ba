package main

import (
	"cmp"
	"context"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
)

// app is one run of the command: its global flags and its streams.
type app struct {
	server, env, creds, inbox string
	json                      bool
	timeout                   time.Duration

	in       io.Reader
	out, err io.Writer
	started  bool // the arguments were understood: what fails now is no wrong use
}

const rootLong = `flagctl changes, watches and rolls back feature flags that services follow over NATS.

A flag set is one document in flagd's format; a change replaces it as a whole,
takes effect within milliseconds, and stays in the set's history with who made
it and why. Nothing invalid can be stored, and no edit loses another one that
was made at the same time.

Exit codes:
  0  done
  1  failed
  2  wrong use: unknown command, flag or arguments
  3  the document is not valid, or over a limit
  4  the bus cannot be reached, did not answer in time, or refused the credentials
     or a right`

const rootExample = `  export NATS_URL=nats://127.0.0.1:4222
  flagctl init -e dev
  flagctl put shop flags.json -e dev --reason "first flags"
  flagctl set-variant shop new-cart on -e dev --reason "launch"
  flagctl disable shop new-cart -e dev --reason "errors since 10:05"
  flagctl watch shop -e dev`

// run runs the command and returns its exit code.
func run(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	a := &app{in: in, out: out, err: err}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(err)
	cmd, failure := root.ExecuteContextC(ctx)
	if !a.started && slices.Contains(args, "--json") {
		a.json = true // a mistake before it kept it from being read
	}
	return a.exitCode(cmd, failure)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "flagctl", Short: "change, watch and roll back feature flags on NATS",
		Long: rootLong, Example: rootExample,
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRun: func(*cobra.Command, []string) { a.started = true },
	}
	global := root.PersistentFlags()
	global.StringVarP(&a.server, "server", "s", cmp.Or(os.Getenv("NATS_URL"), "nats://127.0.0.1:4222"), "the bus's address, or several with commas [$NATS_URL]")
	global.StringVarP(&a.env, "env", "e", cmp.Or(os.Getenv("EVENKEEL_ENV"), "dev"), "the environment [$EVENKEEL_ENV]")
	global.StringVar(&a.creds, "creds", os.Getenv("NATS_CREDS"), "file with NATS credentials [$NATS_CREDS]")
	global.StringVar(&a.inbox, "inbox-prefix", os.Getenv("EVENKEEL_INBOX_PREFIX"), "where answers may be received, for a restricted user, such as _INBOX_operator [$EVENKEEL_INBOX_PREFIX]")
	global.BoolVar(&a.json, "json", false, "print JSON for machines; errors too, on standard error")
	global.DurationVar(&a.timeout, "timeout", 5*time.Second, "how long to wait for the bus")
	// The default may hold a password; help must not show it.
	global.Lookup("server").DefValue = redact(a.server)
	root.AddGroup(
		&cobra.Group{ID: "see", Title: "See:"},
		&cobra.Group{ID: "change", Title: "Change:"},
		&cobra.Group{ID: "set up", Title: "Set up:"},
	)
	root.SetHelpCommandGroupID("set up")
	root.SetCompletionCommandGroupID("set up")
	root.AddCommand(
		a.list(), a.get(), a.history(), a.watch(), a.validate(),
		a.enable(), a.disable(), a.setVariant(), a.put(), a.rollback(), a.retire(),
		a.init(), a.version(),
	)
	explainBuiltins(root)
	return root
}

// explainBuiltins gives cobra's own commands what ours have: examples, and an
// error for arguments that mean nothing.
func explainBuiltins(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Example = "  flagctl help put"
		case "completion":
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			cmd.Example = "  source <(flagctl completion bash)\n  flagctl completion fish | source"
			for _, shell := range cmd.Commands() {
				shell.Example = "  flagctl completion " + shell.Name()
			}
		}
	}
}
