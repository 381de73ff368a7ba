package main

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

func (a *app) get() *cobra.Command {
	var number uint64
	cmd := &cobra.Command{
		Use: "get SET", Short: "print a set's document", GroupID: "see",
		Long: "get prints a set's document as it was stored, byte for byte; with --json, inside an object\n" +
			"with its revision.",
		Example: "  flagctl get shop -e dev > flags.json\n  flagctl get shop --revision 12",
		Args:    setAnd(0), ValidArgsFunction: a.completeSet,
	}
	cmd.Flags().Uint64Var(&number, "revision", 0, "an earlier revision; the latest if not given")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.withStore(cmd, func(ctx context.Context, store *flags.Store) error {
			doc, revision, err := a.document(ctx, store, args[0], number)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(struct {
					flags.Revision

					Document json.RawMessage `json:"document"`
				}{revision, doc.Bytes()})
			}
			_, err = a.out.Write(doc.Bytes())
			return err
		}, flags.WithoutSetup())
	}
	return cmd
}

// document reads a set at a revision, or the latest for 0.
func (a *app) document(ctx context.Context, store *flags.Store, set string, number uint64) (*flags.Document, flags.Revision, error) {
	if number == 0 {
		return store.Get(ctx, set)
	}
	return store.GetRevision(ctx, set, number)
}
