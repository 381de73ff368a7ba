package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

// change is what all commands that change a set share: who, why, and whether
// only to show it.
type change struct {
	actor, reason string
	dryRun        bool
}

// changing gives a command the flags of a change.
func changing(cmd *cobra.Command) *change {
	c := &change{}
	cmd.GroupID = "change"
	cmd.Flags().StringVar(&c.actor, "actor", cmp.Or(os.Getenv("EVENKEEL_ACTOR"), login()), "who makes the change [$EVENKEEL_ACTOR]")
	cmd.Flags().StringVar(&c.reason, "reason", "", "why; it stays in the history")
	cmd.Flags().BoolVar(&c.dryRun, "dry-run", false, "show the change and store nothing")
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if strings.TrimSpace(c.actor) == "" {
			return usageError("--actor is empty: say who makes the change")
		}
		return nil
	}
	return c
}

func (c *change) change() flags.Change { return flags.Change{Actor: c.actor, Reason: c.reason} }

// login is user@host, as far as the system tells.
func login() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		return name + "@" + host
	}
	return name
}

// edit changes a set's document by a function, compare and set: what is
// shown is what was changed, also when others changed the set meanwhile.
func (a *app) edit(ctx context.Context, cmd *cobra.Command, store *flags.Store, c *change, set string, edit func(*flags.Document) error) error {
	doc, latest, err := store.Get(ctx, set)
	if err != nil {
		return err
	}
	seen := string(doc.Bytes())
	var before, after string
	edited := func(doc *flags.Document) error { // it may run again after a conflict
		before = string(doc.Bytes())
		if err := edit(doc); err != nil {
			return err
		}
		after = string(doc.Bytes())
		return nil
	}
	o := outcome{Set: set, Env: a.env, DryRun: c.dryRun}
	if c.dryRun {
		if err := errors.Join(edited(doc), doc.Validate()); err != nil {
			return err
		}
		o.Revision = &latest
	} else {
		revision, err := store.Update(ctx, set, c.change(), edited)
		if err != nil {
			return err
		}
		o.Revision = &revision
	}
	o.Changed, o.Diff = before != after, diff(before, after)
	if o.Changed && !o.DryRun {
		if before == seen {
			o.Undo = fmt.Sprintf("flagctl rollback %s %d%s", set, latest.Number, a.where(cmd))
		} else {
			o.Undo = a.undo(ctx, cmd, store, set, o.Revision.Number)
		}
	}
	return a.done(o)
}

// replace puts a whole document in a set's place, or makes the set.
func (a *app) replace(ctx context.Context, cmd *cobra.Command, store *flags.Store, c *change, set string, next *flags.Document) error {
	err := a.edit(ctx, cmd, store, c, set, func(doc *flags.Document) error {
		*doc = *next
		return nil
	})
	if !errors.Is(err, flags.ErrNotFound) && !errors.Is(err, flags.ErrRetired) && !isInvalid(err) {
		return err
	}
	// There is nothing that could be edited: no set, a retired one, or one
	// that cannot be read.
	o := outcome{Set: set, Env: a.env, Changed: true, DryRun: c.dryRun, Diff: diff("", string(next.Bytes()))}
	if !c.dryRun {
		revision, err := store.Put(ctx, set, next.Bytes(), c.change())
		if err != nil {
			return err
		}
		o.Revision, o.Undo = &revision, a.undo(ctx, cmd, store, set, revision.Number)
	}
	return a.done(o)
}

// undo is the command that brings back what was there before a revision, as
// the history has it.
func (a *app) undo(ctx context.Context, cmd *cobra.Command, store *flags.Store, set string, number uint64) string {
	where := a.where(cmd)
	history, err := store.History(ctx, set, 10)
	at := slices.IndexFunc(history, func(r flags.Revision) bool { return r.Number == number })
	switch {
	case err != nil || at < 0: // it is stored all the same
		return fmt.Sprintf("flagctl rollback %s REVISION%s (a number from \"flagctl history %s%s\")", set, where, set, where)
	case at+1 == len(history) || history[at+1].Retired:
		return "flagctl retire " + set + where
	}
	return fmt.Sprintf("flagctl rollback %s %d%s", set, history[at+1].Number, where)
}
