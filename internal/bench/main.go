// Command bench compares flag evaluation with its peers, side by side in one
// process, and says which of the project's targets are missed.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"testing"
	"time"
)

const usage = `bench compares flag evaluation with its peers, in turn and in one process.

It prints medians and ratios; what counts are the ratios, since a machine's
absolute times are its own. Exit code 1 if a target is missed.

  go run ./internal/bench
  go run ./internal/bench -rounds 9 -time 300ms
  go run ./internal/bench -json > bench.json

`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	options := flag.NewFlagSet("bench", flag.ContinueOnError)
	options.SetOutput(errs)
	options.Usage = func() { fmt.Fprint(errs, usage); options.PrintDefaults() }
	rounds := options.Int("rounds", 5, "how often everything is measured; the median counts")
	each := options.Duration("time", 100*time.Millisecond, "how long one measurement takes")
	asJSON := options.Bool("json", false, "print JSON")
	if err := options.Parse(args); err != nil {
		return 2
	}
	testing.Init()
	if err := flag.Set("test.benchtime", each.String()); err != nil {
		fmt.Fprintln(errs, "bench:", err)
		return 2
	}
	loaded, err := load(*rounds) // first, while the heap is small
	if err != nil {
		fmt.Fprintln(errs, "bench:", err)
		return 1
	}
	all, err := candidates()
	if err != nil {
		fmt.Fprintln(errs, "bench:", err)
		return 1
	}
	figures := measure(all, *rounds, errs)
	verdicts := judge(figures, loaded)
	if *asJSON {
		if err := json.NewEncoder(out).Encode(map[string]any{"figures": figures, "loading": loaded, "targets": verdicts}); err != nil {
			fmt.Fprintln(errs, "bench:", err)
			return 1
		}
	} else {
		show(out, all, figures, loaded, verdicts)
	}
	for _, v := range verdicts {
		if !v.OK {
			return 1
		}
	}
	return 0
}
