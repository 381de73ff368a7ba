package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/evenkeel-go/evenkeel/flags"
)

// figure is what one candidate takes for one workload.
type figure struct {
	Candidate string  `json:"candidate"`
	Workload  string  `json:"workload"`
	NS        float64 `json:"nsPerOp"` // the median of all rounds
	Allocs    int64   `json:"allocsPerOp"`
	Bytes     int64   `json:"bytesPerOp"`
}

// measure runs every candidate on every workload in turn, rounds times over,
// so that whatever else the machine does hits all alike.
func measure(all []candidate, rounds int, progress io.Writer) []figure {
	type cell struct{ candidate, workload int }
	times := map[cell][]float64{}
	figures := map[cell]figure{}
	cases := append(slices.Clone(workloads), "rule, parallel")
	for round := range rounds {
		fmt.Fprintf(progress, "\rround %d of %d", round+1, rounds)
		for w, workload := range cases {
			for c := range all {
				result := testing.Benchmark(benchmark(all[c].eval, workload))
				at := cell{c, w}
				times[at] = append(times[at], float64(result.T.Nanoseconds())/float64(result.N))
				figures[at] = figure{Candidate: all[c].name, Workload: workload, Allocs: result.AllocsPerOp(), Bytes: result.AllocedBytesPerOp()}
			}
		}
	}
	fmt.Fprint(progress, "\r                    \r")
	var out []figure
	for w := range cases {
		for c := range all {
			f := figures[cell{c, w}]
			f.NS = median(times[cell{c, w}])
			out = append(out, f)
		}
	}
	return out
}

func benchmark(eval func(string) bool, workload string) func(b *testing.B) {
	switch workload {
	case "lookup10k":
		return func(b *testing.B) {
			b.ReportAllocs()
			var keys next
			for b.Loop() {
				eval(keys.key())
			}
		}
	case "rule, parallel":
		return func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					eval("rule")
				}
			})
		}
	}
	return func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			eval(workload)
		}
	}
}

func median[T cmp.Ordered](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// loading is what it takes to load documents.
type loading struct {
	Flags      int           `json:"flags"`
	Load       time.Duration `json:"loadNs"`
	RetainedMB float64       `json:"retainedMB"`
	Change     time.Duration `json:"changeNs"` // one flag of 1,000 changed, from bytes to served
}

// load measures a first load of size flags, what it keeps, and a change.
func load(rounds int) (loading, error) {
	l := loading{Flags: size}
	text := document(size, false)
	var times, changes []time.Duration
	for range rounds {
		before := heap()
		start := time.Now()
		set, err := flags.Static(text)
		if err != nil {
			return l, err
		}
		times = append(times, time.Since(start))
		l.RetainedMB = float64(heap()-before) / (1 << 20)
		runtime.KeepAlive(set)
	}
	small, err := flags.Static(document(1000, false))
	if err != nil {
		return l, err
	}
	for i := range 10 * rounds {
		text := document(1000, i%2 == 0)
		start := time.Now()
		if err := small.Replace(text); err != nil {
			return l, err
		}
		changes = append(changes, time.Since(start))
	}
	l.Load, l.Change = median(times), median(changes)
	return l, nil
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools kept goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
