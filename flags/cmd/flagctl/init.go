package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

func (a *app) init() *cobra.Command {
	var replicas, revisions int
	cmd := &cobra.Command{
		Use: "init", Short: "set an environment up on the bus", GroupID: "set up",
		Long: "init makes the JetStream stream that keeps the flag sets of an environment. Where it is there\n" +
			"already, init checks that it is as it must be, and changes nothing.",
		Example: "  flagctl init -e dev\n  flagctl init -e prod --replicas 3",
		Args:    cobra.NoArgs,
	}
	cmd.Flags().IntVar(&replicas, "replicas", 0, "servers that keep each document: 1, 3 or 5; use 3 in production (1 for a new environment)")
	cmd.Flags().IntVar(&revisions, "revisions", 0, "revisions that are kept of each set (1000 for a new environment)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case cmd.Flags().Changed("replicas") && replicas != 1 && replicas != 3 && replicas != 5:
			return usageError(fmt.Sprintf("--replicas %d: 1, 3 or 5", replicas))
		case cmd.Flags().Changed("revisions") && revisions < 2:
			return usageError(fmt.Sprintf("--revisions %d: at least 2, or there is nothing to roll back to", revisions))
		}
		var opts []flags.StoreOption
		if cmd.Flags().Changed("replicas") {
			opts = append(opts, flags.WithReplicas(replicas))
		}
		if cmd.Flags().Changed("revisions") {
			opts = append(opts, flags.WithRevisions(revisions))
		}
		return a.withStore(cmd, func(context.Context, *flags.Store) error {
			if a.json {
				return a.printJSON(map[string]any{"env": a.env, "ready": true})
			}
			a.printf("Environment %q is ready. Next: flagctl put SET FILE%s\n", a.env, a.where(cmd))
			return nil
		}, opts...)
	}
	return cmd
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version of flagctl", GroupID: "set up",
		Long:    "version prints which version this is and what it was built with. It needs no bus.",
		Example: "  flagctl version\n  flagctl version --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			version, goVersion := "(devel)", ""
			if info, ok := debug.ReadBuildInfo(); ok {
				version, goVersion = info.Main.Version, info.GoVersion
			}
			if a.json {
				return a.printJSON(map[string]string{"version": version, "go": goVersion})
			}
			a.printf("flagctl %s %s\n", version, goVersion)
			return nil
		},
	}
}
