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

	"github.com/aymanbagabas/go-udiff"
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

// outcome is what a change did, for people and for machines.
type outcome struct {
	Set      string          `json:"set"`
	Env      string          `json:"env"`
	Changed  bool            `json:"changed"`
	DryRun   bool            `json:"dryRun,omitempty"`
	Revision *flags.Revision `json:"revision,omitempty"` // the new one; the latest if nothing changed
	Diff     string          `json:"diff,omitempty"`
	Undo     string          `json:"undo,omitempty"` // the command that undoes it
}

// edit changes a set's document by a function, compare and set.
func (a *app) edit(cmd *cobra.Command, c *change, set string, edit func(*flags.Document) error) error {
	return a.withStore(cmd, func(ctx context.Context, store *flags.Store) error {
		var before, after string
		edited := func(doc *flags.Document) error { // it may run again after a conflict
			before = string(doc.Bytes())
			if err := edit(doc); err != nil {
				return err
			}
			after = string(doc.Bytes())
			return nil
		}
		if !c.dryRun {
			revision, err := store.Update(ctx, set, c.change(), edited)
			if err != nil {
				return err
			}
			return a.done(ctx, store, outcome{Set: set, Changed: before != after, Revision: &revision, Diff: diff(before, after)})
		}
		doc, revision, err := store.Get(ctx, set)
		if err != nil {
			return err
		}
		if err := errors.Join(edited(doc), doc.Validate()); err != nil {
			return err
		}
		return a.done(ctx, store, outcome{Set: set, Changed: before != after, DryRun: true, Revision: &revision, Diff: diff(before, after)})
	}, flags.WithoutSetup())
}

// replace puts a whole document in a set's place.
func (a *app) replace(ctx context.Context, store *flags.Store, c *change, set string, document []byte) error {
	before := ""
	current, latest, err := store.Get(ctx, set)
	switch {
	case err == nil:
		before = string(current.Bytes())
	case !errors.Is(err, flags.ErrNotFound) && !errors.Is(err, flags.ErrRetired) && !isInvalid(err):
		return err
	}
	doc, err := flags.ParseDocument(document)
	if err == nil {
		err = doc.Validate()
	}
	if err != nil {
		return err
	}
	after := string(doc.Bytes())
	done := outcome{Set: set, Changed: before != after, DryRun: c.dryRun, Revision: &latest, Diff: diff(before, after)}
	if !c.dryRun {
		revision, err := store.Put(ctx, set, document, c.change())
		if err != nil {
			return err
		}
		done.Revision = &revision
	}
	return a.done(ctx, store, done)
}

// done tells what was changed and how to undo it.
func (a *app) done(ctx context.Context, store *flags.Store, o outcome) error {
	o.Env = a.env
	if o.Changed && !o.DryRun {
		o.Undo = a.undo(ctx, store, o)
	}
	if a.json {
		return a.printJSON(o)
	}
	switch {
	case !o.Changed && o.Revision.Number == 0:
		a.printf("Nothing to change in set %q of %q.\n", o.Set, o.Env)
	case !o.Changed:
		a.printf("Nothing to change: set %q of %q is so already, at revision %d.\n", o.Set, o.Env, o.Revision.Number)
	case o.DryRun:
		a.printf("%sDry run: nothing was stored.\n", o.Diff)
	default:
		a.printf("%sSet %q of %q is at revision %d.\nUndo with: %s\n", o.Diff, o.Set, o.Env, o.Revision.Number, o.Undo)
	}
	return nil
}

// undo is the command that brings back what was there before.
func (a *app) undo(ctx context.Context, store *flags.Store, o outcome) string {
	where := " -e " + a.env
	history, err := store.History(ctx, o.Set, 10)
	if err != nil {
		return fmt.Sprintf(`flagctl rollback %s REVISION%s ("flagctl history %s%s" shows the revisions)`, o.Set, where, o.Set, where)
	}
	at := slices.IndexFunc(history, func(r flags.Revision) bool { return r.Number == o.Revision.Number })
	if at < 0 || at+1 == len(history) || history[at+1].Retired {
		return "flagctl retire " + o.Set + where
	}
	return fmt.Sprintf("flagctl rollback %s %d%s", o.Set, history[at+1].Number, where)
}

// diff is what changed, in the lines of a unified diff; "" if nothing did.
func diff(before, after string) string {
	if before == after {
		return ""
	}
	// A last line without an end would show as a change of its own.
	before, after = strings.TrimSuffix(before, "\n")+"\n", strings.TrimSuffix(after, "\n")+"\n"
	if before == "\n" {
		before = ""
	}
	return udiff.Unified("before", "after", before, after)
}
