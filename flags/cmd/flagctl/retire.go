package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

func (a *app) retire() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "retire SET", Short: "end a set; its history stays",
		Long: "retire ends a set: new services find no flags and use the default values in their code;\n" +
			"running ones keep the last values, and say that they are stale. The history stays, and\n" +
			"\"flagctl rollback\" brings the set back.",
		Example: `  flagctl retire shop -e dev --reason "moved to checkout"`,
		Args:    cobra.ExactArgs(1), ValidArgsFunction: a.completeSet,
	}
	c := changing(cmd)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.withStore(cmd, func(ctx context.Context, store *flags.Store) error {
			doc, latest, err := store.Get(ctx, args[0])
			if err != nil {
				return err
			}
			done := outcome{Set: args[0], Changed: true, DryRun: c.dryRun, Revision: &latest, Diff: diff(string(doc.Bytes()), "")}
			if c.dryRun {
				return a.done(ctx, store, done)
			}
			if !yes {
				if err := a.confirm(fmt.Sprintf("Retire set %q of %q with its %d flags?", args[0], a.env, len(doc.Flags()))); err != nil {
					return err
				}
				// The question may have taken longer than the bus may.
				fresh, cancel := context.WithTimeout(cmd.Context(), a.timeout)
				defer cancel()
				ctx = fresh
			}
			revision, err := store.Retire(ctx, args[0], c.change())
			if err != nil {
				return err
			}
			done.Revision, done.Diff = &revision, ""
			return a.done(ctx, store, done)
		}, flags.WithoutSetup())
	}
	return cmd
}

// confirm asks a person; where there is none, it takes --yes.
func (a *app) confirm(question string) error {
	fmt.Fprintf(a.err, "%s [y/N] ", question)
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	switch {
	case errors.Is(err, io.EOF) && answer == "":
		fmt.Fprintln(a.err)
		return usageError("nothing was done, since nobody answered: say so with --yes")
	case err != nil && !errors.Is(err, io.EOF):
		return fmt.Errorf("read the answer: %w", err)
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errors.New("nothing was done, since the answer was no")
	}
	return nil
}
