package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

func (a *app) history() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "history SET", Short: "show who changed a set, when and why", GroupID: "see",
		Long:    "history shows a set's revisions, newest first.",
		Example: "  flagctl history shop -e prod\n  flagctl history shop -n 0 --json",
		Args:    setAnd(0), ValidArgsFunction: a.completeSet,
	}
	cmd.Flags().IntVarP(&limit, "number", "n", 20, "how many revisions; 0 for all")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if limit < 0 {
			return usageError(fmt.Sprintf("--number %d: it cannot be negative", limit))
		}
		return a.withStore(cmd, func(ctx context.Context, store *flags.Store) error {
			revisions, err := store.History(ctx, args[0], limit)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(revisions)
			}
			rows := [][]string{{"REVISION", "TIME", "ACTOR", "CHANGED", "REASON"}}
			for _, r := range revisions {
				changed := cut(strings.Join(r.Changed, ","), 60)
				if r.Retired {
					changed = "(retired)"
				}
				rows = append(rows, []string{
					strconv.FormatUint(r.Number, 10), r.Time.In(time.Local).Format("2006-01-02 15:04:05"), //nolint:gosmopolitan // a person reads it here
					orDash(r.Actor), orDash(changed), orDash(r.Reason),
				})
			}
			return a.table(rows)
		}, flags.WithoutSetup())
	}
	return cmd
}

func (a *app) rollback() *cobra.Command {
	cmd := &cobra.Command{
		Use: "rollback SET REVISION", Short: "bring back an earlier revision",
		Long: "rollback stores the document of an earlier revision again, as a new revision:\n" +
			"nothing is taken out of the history.",
		Example: `  flagctl rollback shop 12 -e prod --reason "revert the launch"`,
		Args:    setAnd(1), ValidArgsFunction: a.completeRevision,
	}
	c := changing(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		number, err := strconv.ParseUint(args[1], 10, 64)
		if err != nil || number == 0 {
			return usageError(fmt.Sprintf("revision %q: it is a number from \"flagctl history %s\"", args[1], args[0]))
		}
		return a.withStore(cmd, func(ctx context.Context, store *flags.Store) error {
			doc, _, err := store.GetRevision(ctx, args[0], number)
			if err != nil {
				return err
			}
			if c.reason == "" {
				c.reason = fmt.Sprintf("roll back to revision %d", number)
			}
			return a.replace(ctx, cmd, store, c, args[0], doc)
		}, flags.WithoutSetup())
	}
	return cmd
}
