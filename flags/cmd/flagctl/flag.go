package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

func (a *app) enable() *cobra.Command {
	cmd := &cobra.Command{
		Use: "enable SET FLAG", Short: "switch a flag on",
		Long:    "enable switches a flag on: its rule and its default variant count again.",
		Example: `  flagctl enable shop new-cart -e prod --reason "fixed in 1.4.2"`,
		Args:    setAnd(1), ValidArgsFunction: a.completeFlag,
	}
	return a.switching(cmd, true)
}

func (a *app) disable() *cobra.Command {
	cmd := &cobra.Command{
		Use: "disable SET FLAG", Short: "switch a flag off: the kill switch",
		Long: "disable switches a flag off. Every service then uses the default value in its own code,\n" +
			"within milliseconds, whatever the flag's rule says.",
		Example: `  flagctl disable shop new-cart -e prod --reason "errors since 10:05"`,
		Args:    setAnd(1), ValidArgsFunction: a.completeFlag,
	}
	return a.switching(cmd, false)
}

func (a *app) switching(cmd *cobra.Command, on bool) *cobra.Command {
	c := changing(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.withStore(cmd, func(ctx context.Context, store *flags.Store) error {
			return a.edit(ctx, cmd, store, c, args[0], func(doc *flags.Document) error {
				if flag, ok := doc.Flag(args[1]); ok && flag.Enabled == on {
					return nil // the text may say so by leaving it out
				}
				return doc.SetEnabled(args[1], on)
			})
		}, flags.WithoutSetup())
	}
	return cmd
}

func (a *app) setVariant() *cobra.Command {
	cmd := &cobra.Command{
		Use: "set-variant SET FLAG VARIANT", Short: "choose a flag's default variant",
		Long: "set-variant makes a variant the one that is served where the flag's rule chooses none.\n" +
			"The rule stays; \"flagctl list SET\" shows which flags have one.",
		Example: `  flagctl set-variant shop new-cart on -e dev --reason "launch"`,
		Args:    setAnd(2), ValidArgsFunction: a.completeVariant,
	}
	c := changing(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.withStore(cmd, func(ctx context.Context, store *flags.Store) error {
			return a.edit(ctx, cmd, store, c, args[0], func(doc *flags.Document) error {
				return doc.SetDefaultVariant(args[1], args[2])
			})
		}, flags.WithoutSetup())
	}
	return cmd
}
