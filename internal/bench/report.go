package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// verdict is one target and what was reached.
type verdict struct {
	Target string  `json:"target"`
	Got    float64 `json:"got"`
	Limit  float64 `json:"limit"`
	OK     bool    `json:"ok"`
}

// nsLimits are the design's times. They were set on a machine of the kind that
// runs this; on a slower one the ratios beside them are what counts.
var nsLimits = map[string]float64{"rule": 100, "nested": 300, "fractional": 100, "lookup10k": 150}

func judge(figures []figure, l loading) []verdict {
	at := map[string]figure{}
	for _, f := range figures {
		at[f.Candidate+"/"+f.Workload] = f
	}
	var out []verdict
	atMost := func(target string, got, limit float64) {
		out = append(out, verdict{target, got, limit, got <= limit})
	}
	for _, workload := range workloads {
		ours, theirs := at["evenkeel/"+workload], at["launchdarkly/"+workload]
		if limit, ok := nsLimits[workload]; ok {
			atMost(workload+": ns", ours.NS, limit)
		}
		atMost(workload+": × LaunchDarkly", ours.NS/theirs.NS, 1.0/3)
		atMost(workload+": allocations", float64(ours.Allocs), 0)
	}
	// A rule costs what it costs; the plain cases are held to the client's cost.
	through, constant := 0.0, 0.0
	for _, workload := range workloads[:2] {
		through += at["openfeature evenkeel/"+workload].NS
		constant += at["openfeature constant/"+workload].NS
	}
	atMost("static and rule through OpenFeature: × a constant provider", through/constant, 1.10)
	atMost(fmt.Sprintf("load %d flags: ms", l.Flags), float64(l.Load.Microseconds())/1000, 100)
	atMost(fmt.Sprintf("retain %d flags: MB", l.Flags), l.RetainedMB, 15)
	atMost("change 1 flag of 1,000: ms", float64(l.Change.Microseconds())/1000, 2)
	return out
}

func show(out io.Writer, all []candidate, figures []figure, l loading, verdicts []verdict) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	head := []string{"ns/op"}
	for _, c := range all {
		head = append(head, c.name)
	}
	fmt.Fprintln(w, strings.Join(head, "\t")+"\t")
	for i := 0; i < len(figures); i += len(all) {
		row := []string{figures[i].Workload}
		for _, f := range figures[i : i+len(all)] {
			cell := fmt.Sprintf("%.0f", f.NS)
			if f.Allocs > 0 {
				cell += fmt.Sprintf(" (%d allocs)", f.Allocs)
			}
			row = append(row, cell)
		}
		fmt.Fprintln(w, strings.Join(row, "\t")+"\t")
	}
	_ = w.Flush() // as below: a broken pipe is the reader's wish
	fmt.Fprintf(out, "\nload %d flags: %s, retaining %.1f MB; a change of 1 flag in 1,000: %s\n\n",
		l.Flags, l.Load.Round(time.Microsecond), l.RetainedMB, l.Change.Round(time.Microsecond))
	w = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "target\tgot\tat most\t")
	for _, v := range verdicts {
		word := "ok"
		if !v.OK {
			word = "MISSED"
		}
		fmt.Fprintf(w, "%s\t%.3g\t%.3g\t%s\n", v.Target, v.Got, v.Limit, word)
	}
	_ = w.Flush()
}
