package main

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/evenkeel-go/evenkeel/flags"
)

// outcome is what a change did, for people and for machines.
type outcome struct {
	Set      string          `json:"set"`
	Env      string          `json:"env"`
	Changed  bool            `json:"changed"`
	DryRun   bool            `json:"dryRun,omitempty"`
	Revision *flags.Revision `json:"revision,omitempty"` // the new one; the latest if nothing was stored
	Diff     string          `json:"diff,omitempty"`
	Undo     string          `json:"undo,omitempty"` // the command that undoes it
}

// done tells what was changed and how to undo it.
func (a *app) done(o outcome) error {
	if a.json {
		return a.printJSON(o)
	}
	switch {
	case !o.Changed:
		a.printf("Nothing to change: set %q of %q is so already, at revision %d.\n", o.Set, o.Env, o.Revision.Number)
	case o.DryRun:
		a.printf("%sDry run: nothing was stored.\n", clean(o.Diff))
	default:
		a.printf("%sSet %q of %q is at revision %d.\nUndo with: %s\n", clean(head(o.Diff)), o.Set, o.Env, o.Revision.Number, o.Undo)
	}
	return nil
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

// maxDiffLines is what a person reads of a change that is made already; a dry
// run and --json show all.
const maxDiffLines = 200

func head(text string) string {
	lines := strings.SplitAfter(text, "\n")
	if len(lines) <= maxDiffLines {
		return text
	}
	return strings.Join(lines[:maxDiffLines], "") + fmt.Sprintf("… and %d more lines\n", len(lines)-1-maxDiffLines)
}
