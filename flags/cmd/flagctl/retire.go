package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

const retireEffect = "Services that run keep the last values and turn stale; new ones use the default values in\n" +
	"their code. The history stays, and \"flagctl rollback\" brings the set back."

func (a *app) retire() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "retire SET", Short: "end a set; its history stays",
		Long: "retire ends a set. " + retireEffect + "\n\nIt asks first; where nobody can be asked it takes --yes.",
		Example: `  flagctl retire shop -e dev --reason "moved to checkout"
  flagctl retire shop -e dev --dry-run`,
		Args: setAnd(0), ValidArgsFunction: a.completeSet,
	}
	c := changing(cmd)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var doc *flags.Document
		var latest flags.Revision
		if err := a.withStore(cmd, func(ctx context.Context, store *flags.Store) (err error) {
			doc, latest, err = store.Get(ctx, args[0])
			if isInvalid(err) {
				err = nil // what nobody can read can be retired all the same
			}
			return err
		}, flags.WithoutSetup()); err != nil {
			return err
		}
		o := outcome{Set: args[0], Env: a.env, Changed: true, DryRun: c.dryRun, Revision: &latest}
		what := fmt.Sprintf("set %q of %q", args[0], a.env)
		if doc != nil {
			o.Diff = diff(string(doc.Bytes()), "")
			what += " with " + count(len(doc.Flags()), "flag")
		}
		if c.dryRun {
			return a.done(o)
		}
		if !yes {
			if err := a.confirm("Retire " + what + "?\n" + retireEffect); err != nil {
				return err
			}
		}
		// The answer may have taken longer than the bus may: a new connection.
		return a.withStore(cmd, func(ctx context.Context, store *flags.Store) error {
			revision, err := store.Retire(ctx, args[0], c.change())
			if err != nil {
				return err
			}
			o.Revision, o.Diff = &revision, ""
			o.Undo = fmt.Sprintf("flagctl rollback %s %d%s", args[0], latest.Number, a.where(cmd))
			return a.done(o)
		}, flags.WithoutSetup())
	}
	return cmd
}

// confirm asks a person at a terminal; where there is none, it takes --yes.
func (a *app) confirm(question string) error {
	if !interactive(a.in) {
		return usageError("nothing was done, since there is nobody to ask: say so with --yes")
	}
	fmt.Fprintf(a.err, "%s\nGo on? [y/N] ", question)
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil && answer == "" {
		fmt.Fprintln(a.err)
		return usageError("nothing was done, since nobody answered: say so with --yes")
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errors.New("nothing was done, since the answer was not yes")
	}
	return nil
}
