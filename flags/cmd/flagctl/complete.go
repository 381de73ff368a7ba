package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

// completeWithin bounds what a shell waits for after a Tab.
const completeWithin = time.Second

// Completions ask the bus; one that does not answer completes nothing.

func (a *app) completeSet(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.complete(cmd, func(ctx context.Context, store *flags.Store) ([]string, error) { return store.Sets(ctx) })
}

func (a *app) completeSetThenFile(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 1 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return a.completeSet(cmd, args, toComplete)
}

func (a *app) completeFlag(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return a.completeSet(cmd, args, toComplete)
	}
	return a.complete(cmd, func(ctx context.Context, store *flags.Store) ([]string, error) {
		doc, _, err := store.Get(ctx, args[0])
		if err != nil {
			return nil, err
		}
		var keys []string
		for _, f := range doc.Flags() {
			keys = append(keys, f.Key)
		}
		return keys, nil
	})
}

func (a *app) completeVariant(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 2 {
		return a.completeFlag(cmd, args, toComplete)
	}
	return a.complete(cmd, func(ctx context.Context, store *flags.Store) ([]string, error) {
		doc, _, err := store.Get(ctx, args[0])
		if err != nil {
			return nil, err
		}
		f, _ := doc.Flag(args[1])
		return f.Variants, nil
	})
}

func (a *app) completeRevision(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return a.completeSet(cmd, args, toComplete)
	}
	return a.complete(cmd, func(ctx context.Context, store *flags.Store) ([]string, error) {
		revisions, err := store.History(ctx, args[0], 20)
		if err != nil {
			return nil, err
		}
		var numbers []string
		for _, r := range revisions {
			numbers = append(numbers, fmt.Sprintf("%s\t%s ago by %s: %s", strconv.FormatUint(r.Number, 10), age(r.Time), r.Actor, r.Reason))
		}
		return numbers, nil
	})
}

func (a *app) complete(cmd *cobra.Command, names func(context.Context, *flags.Store) ([]string, error)) ([]string, cobra.ShellCompDirective) {
	a.timeout = completeWithin
	var found []string
	err := a.withStore(cmd, func(ctx context.Context, store *flags.Store) (err error) {
		found, err = names(ctx, store)
		return err
	}, flags.WithoutSetup())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
