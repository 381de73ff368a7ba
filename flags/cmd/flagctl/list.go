package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

// listedSet is a set as list shows it.
type listedSet struct {
	flags.Revision

	Flags int    `json:"flags"`
	Error string `json:"error,omitempty"` // why its document cannot be read
}

func (a *app) list() *cobra.Command {
	return &cobra.Command{
		Use: "list [SET]", Short: "list the sets of an environment, or the flags of a set", GroupID: "see",
		Long: "list shows the environment's flag sets with their latest revision, or, for a set,\n" +
			"its flags: whether they are on, what is served by default, and their rule.",
		Example: "  flagctl list -e dev\n  flagctl list shop -e dev\n  flagctl list shop --json | jq '.[] | select(.enabled | not)'",
		Args:    maybeSet, ValidArgsFunction: a.completeSet,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, store *flags.Store) error {
				if len(args) == 1 {
					return a.listFlags(ctx, store, args[0])
				}
				return a.listSets(ctx, cmd, store)
			}, flags.WithoutSetup())
		},
	}
}

func (a *app) listSets(ctx context.Context, cmd *cobra.Command, store *flags.Store) error {
	names, err := store.Sets(ctx)
	if err != nil {
		return err
	}
	sets := make([]listedSet, 0, len(names))
	for _, name := range names {
		doc, revision, err := store.Get(ctx, name)
		set := listedSet{Revision: revision}
		switch {
		case err == nil:
			set.Flags = len(doc.Flags())
		case isInvalid(err):
			set.Error = err.Error()
		case !errors.Is(err, flags.ErrRetired):
			return err
		}
		sets = append(sets, set)
	}
	if a.json {
		return a.printJSON(sets)
	}
	if len(sets) == 0 {
		a.printf("No flag sets in %q yet: flagctl put SET FILE%s\n", a.env, a.where(cmd))
		return nil
	}
	rows := [][]string{{"SET", "FLAGS", "REVISION", "AGE", "ACTOR", "REASON"}}
	for _, s := range sets {
		contents := strconv.Itoa(s.Flags)
		switch {
		case s.Retired:
			contents = "retired"
		case s.Error != "":
			contents = "unreadable"
		}
		rows = append(rows, []string{s.Set, contents, strconv.FormatUint(s.Number, 10), age(s.Time), orDash(s.Actor), orDash(cut(s.Reason, 60))})
	}
	return a.table(rows)
}

func (a *app) listFlags(ctx context.Context, store *flags.Store, set string) error {
	doc, _, err := store.Get(ctx, set)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(doc.Flags())
	}
	rows := [][]string{{"FLAG", "STATE", "DEFAULT", "VARIANTS", "RULE"}}
	for _, f := range doc.Flags() {
		state := "on"
		if !f.Enabled {
			state = "off"
		}
		rows = append(rows, []string{f.Key, state, orDash(f.DefaultVariant), cut(strings.Join(f.Variants, ","), 40), orDash(cut(compact(f.Targeting), 60))})
	}
	if err := a.table(rows); err != nil {
		return err
	}
	for _, p := range doc.Problems() {
		a.printf("%s\n", clean(p.Error()))
	}
	return nil
}

// compact takes the white space out of a rule.
func compact(rule string) string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(rule)); err != nil {
		return rule
	}
	return b.String()
}
