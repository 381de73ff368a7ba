package flags

import (
	"container/heap"
	"flag"
	"math/rand/v2"
	"testing"
	"time"
)

var modelSeed = flag.Uint64("model.seed", 0, "the seed of the first interleaving of the model test; 0: by the clock")

// What the model's network and servers may do at most; the tracker's rule is
// sound as long as a replica lags for less than adoptAfter.
const (
	modelResync    = 30 * time.Second
	modelFaults    = 2 * time.Minute // how long things go wrong
	modelLag       = 9 * time.Second
	modelPushDelay = 5 * time.Second
	modelReadTime  = time.Second
	// The store has been still for so long and nothing is on its way.
	modelQuiet = max(modelLag, modelPushDelay) + modelReadTime
	// From then on: one resync finds the difference, and it must last.
	modelBound = modelResync + adoptAfter + doubtLast + 5*modelReadTime
	modelReads = 6
)

// The rules that decide what a follower holds, run against a simulated store:
// pushes are lost, repeated, delayed and forged, replicas lag, the stream is
// made anew, restored and its clock set back, processes start again with a
// file. Whatever happened, a follower ends with what the store has; and while
// the store itself only goes forward, so does every follower.
func TestModel_convergesToTheStoreInRandomInterleavings(t *testing.T) {
	runs := 10_000
	if testing.Short() {
		runs = 500
	}
	seed := *modelSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("%d interleavings from -model.seed %d", runs, seed)
	var total modelFigures
	for i := range runs {
		m := newModel(seed + uint64(i))
		m.run()
		if m.wrong != "" {
			t.Fatalf("-model.seed %d: %s", seed+uint64(i), m.wrong)
		}
		total.join(m.figures)
	}
	t.Logf("%+v", total)
	for name, n := range map[string]int{
		"pushes": total.Pushes, "lost": total.Lost, "ignored": total.Ignored, "doubts": total.Doubts,
		"adoptions": total.Adoptions, "forged": total.Forged, "starts": total.Starts, "backward": total.Backward,
	} {
		if n == 0 {
			t.Errorf("no interleaving had any %s", name)
		}
	}
}

type modelFigures struct {
	Pushes, Lost, Ignored, Doubts, Adoptions, Forged, Starts, Backward int

	Slowest time.Duration // from quiet to convergence
	Reads   int           // most reads from quiet to convergence
}

func (f *modelFigures) join(g modelFigures) {
	f.Pushes += g.Pushes
	f.Lost += g.Lost
	f.Ignored += g.Ignored
	f.Doubts += g.Doubts
	f.Adoptions += g.Adoptions
	f.Forged += g.Forged
	f.Starts += g.Starts
	f.Backward += g.Backward
	f.Slowest, f.Reads = max(f.Slowest, g.Slowest), max(f.Reads, g.Reads)
}

// stored is a revision in the model: its version and whether it can be served.
type stored struct {
	version
	good bool
}

type model struct {
	random  *rand.Rand
	now     time.Time
	events  modelEvents
	ordered int // of events made

	store    []moment // what the store had from when on; the last is what it has
	clock    time.Duration
	backward bool // whether the store went back, or somebody forged
	lag      time.Duration

	followers []*modelFollower
	file      version
	quiet     time.Time // when the store is still and nothing is on its way
	figures   modelFigures
	wrong     string
}

type moment struct {
	from time.Time
	stored
}

func newModel(seed uint64) *model {
	m := &model{random: rand.New(rand.NewPCG(seed, seed)), now: time.Unix(1_000_000, 0)}
	m.lag = m.upTo(modelLag)
	m.store = []moment{{m.now, stored{version{m.now, 1}, true}}}
	for range 1 + m.random.IntN(2) {
		f := &modelFollower{m: m}
		m.followers = append(m.followers, f)
		f.start()
	}
	// The kinds of faults differ by run, so that some runs have only a few.
	backward := m.random.IntN(2) == 0
	for range m.random.IntN(30) {
		m.at(m.now.Add(m.upTo(modelFaults)), func() { m.fault(backward) })
	}
	m.quiet = m.now.Add(modelFaults + modelQuiet)
	return m
}

func (m *model) upTo(d time.Duration) time.Duration {
	return time.Duration(m.random.Int64N(int64(d) + 1))
}

func (m *model) run() {
	for m.wrong == "" && len(m.events) > 0 {
		next := heap.Pop(&m.events).(*modelEvent)
		m.now = next.at
		next.do()
	}
}

func (m *model) at(at time.Time, do func()) {
	m.ordered++
	heap.Push(&m.events, &modelEvent{at, m.ordered, do})
}

// fault is one thing that happens to the store or a process.
func (m *model) fault(backward bool) {
	kind := m.random.IntN(10)
	if !backward && kind > 6 {
		kind = 0
	}
	switch kind {
	case 0, 1, 2, 3, 4:
		m.change(m.last().seq+1, m.random.IntN(4) > 0)
	case 5:
		m.change(1, true) // the stream was made anew
	case 6:
		m.followers[m.random.IntN(len(m.followers))].start()
	case 7: // a copy is put back
		m.back()
		m.store = append(m.store, moment{m.now, m.store[m.random.IntN(len(m.store))].stored})
	case 8: // the leader's clock is set back
		m.back()
		m.clock -= m.upTo(time.Hour)
		m.change(m.last().seq+1, true)
	case 9: // somebody pushes what is not in the stream
		m.back()
		m.figures.Forged++
		v := version{m.now.Add(m.upTo(time.Hour)), m.last().seq + uint64(m.random.IntN(3))}
		m.push(stored{v, m.random.IntN(2) == 0}, m.last().seq)
	}
}

func (m *model) back() {
	m.backward = true
	m.figures.Backward++
}

func (m *model) last() stored { return m.store[len(m.store)-1].stored }

func (m *model) change(seq uint64, good bool) {
	before := m.last()
	s := stored{version{m.now.Add(m.clock), seq}, good}
	m.store = append(m.store, moment{m.now, s})
	m.push(s, before.seq)
	if m.random.IntN(8) == 0 { // again, later
		m.push(s, before.seq)
	}
}

// push sends a revision to each follower, or loses it.
func (m *model) push(s stored, previous uint64) {
	for _, f := range m.followers {
		if m.random.IntN(3) == 0 {
			m.figures.Lost++
			continue
		}
		life := f.life
		m.at(m.now.Add(m.upTo(modelPushDelay)), func() {
			if f.life == life {
				f.pushed(s, previous)
			}
		})
	}
}

// answer is what a replica says now: it may be behind.
func (m *model) answer() stored {
	behind := m.now
	if m.now.Before(m.quiet) {
		behind = m.now.Add(-m.upTo(m.lag))
	}
	answer := m.store[0].stored
	for _, s := range m.store {
		if !s.from.After(behind) {
			answer = s.stored
		}
	}
	return answer
}

// modelFollower reads when follower does, with the tracker that it has.
type modelFollower struct {
	m         *model
	life      int
	tracker   tracker
	served    version // zero: none
	abandoned version
	due       int // the number of the read that is due; earlier ones were called off
	reads     int // since quiet
	done      bool
}

// start is a new process, with the file that the last one left.
func (f *modelFollower) start() {
	f.m.figures.Starts++
	*f = modelFollower{m: f.m, life: f.life + 1}
	if !f.m.file.time.IsZero() {
		f.tracker.hold(f.m.file)
		f.served = f.m.file
	}
	f.readIn(0)
}

func (f *modelFollower) readIn(wait time.Duration) {
	f.due++
	life, due := f.life, f.due
	f.m.at(f.m.now.Add(wait), func() {
		if f.life != life || f.due != due {
			return
		}
		answer := f.m.answer()
		f.m.at(f.m.now.Add(f.m.upTo(modelReadTime)), func() {
			if f.life == life && f.due == due {
				f.read(answer)
			}
		})
	})
}

func (f *modelFollower) pushed(s stored, previous uint64) {
	f.m.figures.Pushes++
	before := f.tracker.held
	if !f.tracker.push(s.version, f.m.now) {
		f.m.figures.Ignored++
		return
	}
	if before.newer(s.version) && !f.m.backward {
		f.m.wrong = "a push took a follower back"
	}
	gap := previous != before.seq
	f.apply(s, version{})
	if gap {
		f.readIn(0)
	}
}

func (f *modelFollower) read(s stored) {
	if !f.m.now.Before(f.m.quiet) {
		f.reads++
	}
	before := f.tracker.held
	switch f.tracker.read(s.version, f.m.now) {
	case doubted:
		f.m.figures.Doubts++
		f.readIn(f.tracker.recheck(f.m.now))
		return
	case confirmed:
		if f.served == s.version {
			f.save(s.version)
		}
	case advanced:
		f.apply(s, version{})
	case adopted:
		f.m.figures.Adoptions++
		if !f.m.backward {
			f.m.wrong = "a follower went back, though the store did not"
		}
		f.apply(s, before)
	}
	f.check()
	if !f.done {
		f.readIn(modelResync - f.m.upTo(modelResync/5))
	}
}

func (f *modelFollower) apply(s stored, abandoned version) {
	if !s.good {
		return
	}
	f.served = s.version
	if abandoned.newer(f.abandoned) {
		f.abandoned = abandoned
	}
	f.save(s.version)
}

func (f *modelFollower) save(v version) {
	instead := f.abandoned
	if v.newer(instead) {
		instead = v
	}
	if !f.m.file.newer(instead) {
		f.m.file = v
	}
}

// check looks whether the follower has what the store has, once all is quiet.
func (f *modelFollower) check() {
	quietFor := f.m.now.Sub(f.m.quiet)
	if quietFor < 0 {
		return
	}
	want := f.m.last()
	f.done = f.tracker.held == want.version && (!want.good || f.served == want.version)
	switch {
	case f.done:
		f.m.figures.Slowest = max(f.m.figures.Slowest, quietFor)
		f.m.figures.Reads = max(f.m.figures.Reads, f.reads)
	case quietFor > modelBound:
		f.m.wrong = "not what the store has after " + quietFor.String()
	}
	if f.reads > modelReads {
		f.m.wrong = "more reads than the bound"
	}
}

type modelEvent struct {
	at    time.Time
	order int
	do    func()
}

type modelEvents []*modelEvent

func (e modelEvents) Len() int { return len(e) }
func (e modelEvents) Less(i, j int) bool {
	return e[i].at.Before(e[j].at) || e[i].at.Equal(e[j].at) && e[i].order < e[j].order
}
func (e modelEvents) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *modelEvents) Push(x any)   { *e = append(*e, x.(*modelEvent)) }
func (e *modelEvents) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
