package test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/evenkeel-go/evenkeel/flags"
	"github.com/evenkeel-go/evenkeel/internal/testbus"
)

func TestPut_storesARevisionWithItsStory(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect())
	start := time.Now()
	first := put(t, store, document(false, 1))
	if first.Set != set || first.Number != 1 || first.Actor != someone.Actor || first.Reason != someone.Reason || first.Retired ||
		first.Time.Before(start.Add(-time.Second)) || first.Time.After(time.Now().Add(time.Second)) ||
		!slices.Equal(first.Changed, []string{"banner", "limit", "new-cart", "ratio", "theme"}) {
		t.Errorf("first: %+v", first)
	}
	second := put(t, store, document(false, 2))
	if second.Number != 2 || !slices.Equal(second.Changed, []string{"limit"}) {
		t.Errorf("second: %+v", second)
	}
	doc, revision, err := store.Get(t.Context(), set)
	if err != nil || !bytes.Equal(doc.Bytes(), document(false, 2)) || !alike(revision, second) {
		t.Errorf("Get: got %+v, %v", revision, err)
	}
	doc, revision, err = store.GetRevision(t.Context(), set, first.Number)
	if err != nil || !bytes.Equal(doc.Bytes(), document(false, 1)) || !alike(revision, first) {
		t.Errorf("GetRevision: got %+v, %v", revision, err)
	}
	history, err := store.History(t.Context(), set, 0)
	if err != nil || len(history) != 2 || !alike(history[0], second) || !alike(history[1], first) {
		t.Errorf("History: got %+v, %v", history, err)
	}
	if history, err = store.History(t.Context(), set, 1); err != nil || len(history) != 1 || !alike(history[0], second) {
		t.Errorf("History of 1: got %+v, %v", history, err)
	}
}

func alike(a, b flags.Revision) bool {
	return a.Set == b.Set && a.Number == b.Number && a.Time.Equal(b.Time) && a.Actor == b.Actor && a.Reason == b.Reason &&
		a.Retired == b.Retired && slices.Equal(a.Changed, b.Changed)
}

func TestPut_ofWhatIsThereStoresNothing(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect())
	first := put(t, store, document(false, 1))
	for name, data := range map[string][]byte{"as it is": document(false, 1), "as gzip": compress(t, document(false, 1))} {
		if got := put(t, store, data); !alike(got, first) {
			t.Errorf("%s: got %+v, want the first revision", name, got)
		}
	}
	unchanged, err := store.Update(t.Context(), set, someone, func(*flags.Document) error { return nil })
	if err != nil || !alike(unchanged, first) {
		t.Errorf("an edit that changes nothing: got %+v, %v", unchanged, err)
	}
}

func TestUpdate_returnsTheErrorOfItsEdit(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	put(t, store, document(false, 1))
	oops := errors.New("oops")
	if _, err := store.Update(t.Context(), set, someone, func(*flags.Document) error { return oops }); err != oops { //nolint:errorlint // as it is
		t.Errorf("got %v, want the very error", err)
	}
	var invalid *flags.DocumentError
	_, err := store.Update(t.Context(), set, someone, func(d *flags.Document) error {
		return d.SetTargeting("limit", []byte(`{"nonsense": 1}`))
	})
	if !errors.As(err, &invalid) || invalid.Problems[0].Flag != "limit" {
		t.Errorf("a broken rule: got %v", err)
	}
	_, err = store.Update(t.Context(), set, someone, func(d *flags.Document) error {
		return d.SetFlag("big", fmt.Appendf(nil, `{"state": "ENABLED", "variants": {"x": "%s"}}`, strings.Repeat("x", 16<<20)))
	})
	if !errors.Is(err, flags.ErrTooLarge) {
		t.Errorf("an edit beyond the limit: got %v", err)
	}
	if got := stored(t, nc); got != 1 {
		t.Errorf("the stream's last sequence is %d, want 1", got)
	}
}

func TestStore_tellsWhatIsNotThere(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect())
	put(t, store, document(false, 1))
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"Get":         func() error { _, _, err := store.Get(ctx, "nope"); return err },
		"GetRevision": func() error { _, _, err := store.GetRevision(ctx, "nope", 1); return err }, // it is another set's
		"a number not reached": func() error {
			_, _, err := store.GetRevision(ctx, set, 99)
			return err
		},
		"revision 0": func() error { _, _, err := store.GetRevision(ctx, set, 0); return err },
		"Update": func() error {
			_, err := store.Update(ctx, "nope", someone, func(*flags.Document) error { return nil })
			return err
		},
		"History":  func() error { _, err := store.History(ctx, "nope", 0); return err },
		"Rollback": func() error { _, err := store.Rollback(ctx, set, 99, someone); return err },
		"Retire":   func() error { _, err := store.Retire(ctx, "nope", someone); return err },
	} {
		if err := call(); !errors.Is(err, flags.ErrNotFound) || !strings.Contains(err.Error(), env) {
			t.Errorf("%s: got %v, want ErrNotFound that names the environment", name, err)
		}
	}
}

func TestRollback_storesTheOldDocumentAnew(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect())
	first := put(t, store, document(false, 1))
	put(t, store, document(true, 2))
	back, err := store.Rollback(t.Context(), set, first.Number, flags.Change{Actor: "bob", Reason: "it broke"})
	if err != nil || back.Number != 3 || back.Actor != "bob" || !slices.Equal(back.Changed, []string{"limit", "new-cart"}) {
		t.Errorf("got %+v, %v", back, err)
	}
	if doc, _, err := store.Get(t.Context(), set); err != nil || !bytes.Equal(doc.Bytes(), document(false, 1)) {
		t.Errorf("Get: %v", err)
	}
}

func TestRollback_toARevisionThatHistoryDropped(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect(), flags.WithRevisions(2))
	for i := range 4 {
		put(t, store, document(false, i))
	}
	if _, err := store.Rollback(t.Context(), set, 1, someone); !errors.Is(err, flags.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if history, err := store.History(t.Context(), set, 0); err != nil || len(history) != 2 || history[0].Number != 4 || history[1].Number != 3 {
		t.Errorf("got %+v, %v", history, err)
	}
}

func TestRetire_leavesHistoryAndCanBeUndone(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect())
	ctx := t.Context()
	first := put(t, store, document(false, 1))
	gone, err := store.Retire(ctx, set, someone)
	if err != nil || !gone.Retired || gone.Number != 2 || len(gone.Changed) != 0 || gone.Actor != someone.Actor {
		t.Fatalf("got %+v, %v", gone, err)
	}
	if again, err := store.Retire(ctx, set, someone); err != nil || !alike(again, gone) {
		t.Errorf("once more: got %+v, %v", again, err)
	}
	if _, revision, err := store.Get(ctx, set); !errors.Is(err, flags.ErrRetired) || !alike(revision, gone) {
		t.Errorf("Get: got %+v, %v", revision, err)
	}
	if _, err := store.Update(ctx, set, someone, func(*flags.Document) error { return nil }); !errors.Is(err, flags.ErrRetired) {
		t.Errorf("Update: got %v", err)
	}
	if _, err := store.Rollback(ctx, set, gone.Number, someone); !errors.Is(err, flags.ErrRetired) {
		t.Errorf("Rollback to the tombstone: got %v", err)
	}
	if history, err := store.History(ctx, set, 0); err != nil || len(history) != 2 || !alike(history[0], gone) || !alike(history[1], first) {
		t.Errorf("History: got %+v, %v", history, err)
	}
	back := put(t, store, document(false, 1))
	if back.Number != 3 || back.Retired || len(back.Changed) != 5 {
		t.Errorf("put back: got %+v", back)
	}
}

func TestSets_listsAllOfTheEnvironment(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	if sets, err := store.Sets(t.Context()); err != nil || len(sets) != 0 {
		t.Errorf("none: got %q, %v", sets, err)
	}
	other, err := flags.OpenStore(t.Context(), nc, "other-env")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Put(t.Context(), "not-ours", document(false, 1), someone); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"shop", "checkout", "a"} {
		if _, err := store.Put(t.Context(), name, document(false, 1), someone); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Retire(t.Context(), "checkout", someone); err != nil {
		t.Fatal(err)
	}
	if sets, err := store.Sets(t.Context()); err != nil || !slices.Equal(sets, []string{"a", "checkout", "shop"}) {
		t.Errorf("got %q, %v", sets, err)
	}
}

func TestUpdate_losesNothingToWritersAtTheSameTime(t *testing.T) {
	const writers, times = 16, 10
	bus := testbus.Start(t)
	put(t, openStore(t, bus.Connect()), []byte(`{"flags": {}}`))
	var wait sync.WaitGroup
	for w := range writers {
		store := openStore(t, bus.Connect())
		wait.Go(func() {
			key, actor := fmt.Sprintf("flag-%02d", w), fmt.Sprintf("writer-%02d", w)
			for i := range times {
				revision, err := store.Update(t.Context(), set, flags.Change{Actor: actor}, func(d *flags.Document) error {
					if flag, ok := d.Flag(key); ok != (i > 0) || ok && flag.DefaultVariant != strconv.Itoa(i-1) {
						t.Errorf("%s: update %d sees %+v", actor, i, flag)
					}
					return d.SetFlag(key, fmt.Appendf(nil, `{"state": "ENABLED", "variants": {"%d": %[1]d}, "defaultVariant": "%[1]d"}`, i))
				})
				if err != nil || revision.Actor != actor || !slices.Equal(revision.Changed, []string{key}) {
					t.Errorf("%s: update %d: got %+v, %v", actor, i, revision, err)
					return
				}
			}
		})
	}
	wait.Wait()
	store := openStore(t, bus.Connect())
	doc, latest, err := store.Get(t.Context(), set)
	if err != nil || latest.Number != writers*times+1 {
		t.Fatalf("got %+v, %v, want revision %d", latest, err, writers*times+1)
	}
	for _, flag := range doc.Flags() {
		if flag.DefaultVariant != strconv.Itoa(times-1) {
			t.Errorf("got %+v", flag)
		}
	}
	history, err := store.History(t.Context(), set, 0)
	if err != nil || len(history) != writers*times+1 {
		t.Fatalf("%d revisions, %v", len(history), err)
	}
	counts := map[string]int{}
	for i, revision := range history[:len(history)-1] {
		counts[revision.Actor]++
		if want := "flag-" + strings.TrimPrefix(revision.Actor, "writer-"); !slices.Equal(revision.Changed, []string{want}) {
			t.Errorf("revision %d by %s changed %q", revision.Number, revision.Actor, revision.Changed)
		}
		if revision.Number != uint64(len(history)-i) {
			t.Errorf("place %d of the history has revision %d", i, revision.Number)
		}
	}
	for actor, n := range counts {
		if n != times {
			t.Errorf("%s has %d revisions, want %d", actor, n, times)
		}
	}
}

func TestUpdate_givesUpWhenOthersAreAlwaysFirst(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect())
	put(t, store, document(false, 0))
	tries := 0
	_, err := store.Update(t.Context(), set, someone, func(d *flags.Document) error {
		tries++
		put(t, store, document(false, tries)) // somebody else
		return d.SetEnabled("limit", false)
	})
	if !errors.Is(err, flags.ErrConflict) || tries != 64 {
		t.Errorf("after %d tries: %v", tries, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = store.Update(ctx, set, someone, func(d *flags.Document) error {
		tries++
		put(t, store, document(false, tries))
		cancel()
		return d.SetEnabled("limit", false)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// The bus takes the write and its answer is lost: the repeated one is refused
// for its expected sequence, before its id is looked at.
func TestUpdate_storesOnceThoughTheAnswerIsLost(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect())
	put(t, store, document(false, 1))
	tries := 0
	revision, err := store.Update(t.Context(), set, someone, func(d *flags.Document) error {
		if tries++; tries == 1 {
			bus.Pause() // longer than a write waits for its answer
			time.AfterFunc(2500*time.Millisecond, bus.Resume)
		}
		return d.SetEnabled("limit", false)
	})
	if err != nil || tries != 1 || revision.Number != 2 {
		t.Errorf("after %d tries: %+v, %v", tries, revision, err)
	}
	if history, err := store.History(t.Context(), set, 0); err != nil || len(history) != 2 {
		t.Errorf("got %+v, %v", history, err)
	}
}

func TestChange_mustSayWho(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	for name, change := range map[string]flags.Change{
		"Actor is empty":       {Reason: "x"},
		"Actor is empty: ":     {Actor: " \t\n"},
		"Actor is empty: say":  {Actor: "\x00\x01\x7f"},
		"Actor has 201 bytes":  {Actor: strings.Repeat("a", 201)},
		"Reason has 1001":      {Actor: "a", Reason: strings.Repeat("a", 1001)},
		"Reason has 1500":      {Actor: "a", Reason: strings.Repeat("\xff", 500)}, // each becomes U+FFFD
		"Reason has 1002 byte": {Actor: "a", Reason: strings.Repeat("€", 334)},
	} {
		if _, err := store.Put(t.Context(), set, document(false, 1), change); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%+v: got %v, want %q in it", change, err, name)
		}
	}
	if got := stored(t, nc); got != 0 {
		t.Errorf("%d messages stored", got)
	}
}

func TestChange_cannotAddHeaders(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect())
	put(t, store, document(false, 1))
	revision, err := store.Put(t.Context(), set, document(false, 2), flags.Change{
		Actor:  "eve\r\nNats-Rollup: all\r\n\r\n",
		Reason: "first line\r\nEvenkeel-Retired: true\n\tsecond\x00line — ✓",
	})
	if err != nil || revision.Actor != "eve  Nats-Rollup: all" || revision.Reason != "first line  Evenkeel-Retired: true  second line — ✓" || revision.Retired {
		t.Errorf("got %+v, %v", revision, err)
	}
	if history, err := store.History(t.Context(), set, 0); err != nil || len(history) != 2 || !alike(history[0], revision) {
		t.Errorf("got %+v, %v", history, err)
	}
}

// manyFlags is a document of n flags with long random values.
func manyFlags(n, bytesEach int, key func(i int) string) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	b.WriteString(`{"flags": {`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `%q: {"state": "ENABLED", "variants": {"x": "`, key(i))
		for range bytesEach {
			b.WriteByte("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[random.IntN(64)])
		}
		b.WriteString("\"}, \"defaultVariant\": \"x\"}\n")
	}
	b.WriteString(`}}`)
	return b.Bytes()
}

func TestPut_cutsTheListOfChangedFlags(t *testing.T) {
	bus := testbus.Start(t)
	store := openStore(t, bus.Connect())
	name := func(i int) string { return fmt.Sprintf("a-flag-with-a-long-name-%04d", i) }
	for i, row := range []struct {
		name      string
		doc       []byte
		want      int    // keys in the list at least, and "…"
		firstWant string // the first of them
	}{
		{"5,000 flags", manyFlags(5000, 1, name), 60, name(0)},
		{"one key too long", manyFlags(1, 1, func(int) string { return strings.Repeat("k", 3000) }), 0, "…"},
		{"keys that HTML would escape", manyFlags(6, 1, func(i int) string { return strconv.Itoa(i) + strings.Repeat("<", 400) }), 4, "0" + strings.Repeat("<", 400)},
	} {
		t.Run(row.name, func(t *testing.T) {
			name := fmt.Sprintf("set-%d", i)
			revision, err := store.Put(t.Context(), name, row.doc, someone)
			if err != nil {
				t.Fatal(err)
			}
			if len(revision.Changed) < row.want+1 || revision.Changed[0] != row.firstWant || revision.Changed[len(revision.Changed)-1] != "…" {
				t.Errorf("%d keys: %.200q", len(revision.Changed), revision.Changed)
			}
			size := 0
			for _, key := range revision.Changed {
				size += len(key) + 3
			}
			if size > 2100 {
				t.Errorf("the list has about %d bytes", size)
			}
			if history, err := store.History(t.Context(), name, 1); err != nil || !alike(history[0], revision) {
				t.Errorf("History: %v", err)
			}
		})
	}
}

func TestPut_holdsADocumentToTheBussPayload(t *testing.T) {
	const payload = 64 << 10
	bus := testbus.Start(t, testbus.WithMaxPayload(payload))
	nc := bus.Connect()
	store := openStore(t, nc)
	// Keys that take most when quoted: the header must not outgrow its room.
	nasty := func(i int) string { return fmt.Sprintf("%03d", i) + strings.Repeat("\x01", 300) }
	story := flags.Change{Actor: strings.Repeat("a", 200), Reason: strings.Repeat("r", 1000)}
	document := func(n int) []byte {
		return bytes.ReplaceAll(manyFlags(7, n, nasty), []byte(`\x01`), []byte(`\u0001`))
	}
	low, high := 1000, 20_000 // stored, refused
	for high-low > 1 {
		n := (low + high) / 2
		switch _, err := store.Put(t.Context(), set, document(n), story); {
		case err == nil:
			low = n
		case errors.Is(err, flags.ErrTooLarge) && strings.Contains(err.Error(), "after gzip") && strings.Contains(err.Error(), "split the set"):
			high = n
		default:
			t.Fatalf("%d bytes a flag: %v", n, err)
		}
	}
	got, _, err := store.Get(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	if size := len(got.Bytes()); size < payload || size > 2*payload {
		t.Errorf("the largest document has %d bytes", size)
	}
	t.Logf("the largest document of random bytes has %d", len(got.Bytes()))
}

func TestPut_compressesALargeDocument(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	large := manyFlags(8000, 200, func(i int) string { return fmt.Sprintf("flag-%d", i) }) // 2 MB, 1 MB of it random
	small := document(true, 1)
	middle := manyFlags(100, 10, func(i int) string { return fmt.Sprintf("%d%s", i, strings.Repeat("k", 400)) })
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), "EVENKEEL_FLAGS_"+env)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), set, large, someone); !errors.Is(err, flags.ErrTooLarge) {
		t.Errorf("%d bytes: got %v, want ErrTooLarge", len(large), err)
	}
	for _, row := range []struct {
		name string
		doc  []byte
		gzip bool
	}{{"small", small, false}, {"middle", middle, true}, {"small again, given as gzip", compress(t, small), false}} {
		t.Run(row.name, func(t *testing.T) {
			revision := put(t, store, row.doc)
			message, err := stream.GetMsg(t.Context(), revision.Number)
			if err != nil {
				t.Fatal(err)
			}
			if packed := message.Header.Get("Content-Encoding") == "gzip"; packed != row.gzip || bytes.HasPrefix(message.Data, []byte{0x1f, 0x8b}) != row.gzip {
				t.Errorf("%d bytes stored as %d, gzip: %v", len(row.doc), len(message.Data), packed)
			}
			want, err := flags.ParseDocument(row.doc)
			if err != nil {
				t.Fatal(err)
			}
			if doc, _, err := store.GetRevision(t.Context(), set, revision.Number); err != nil || !bytes.Equal(doc.Bytes(), want.Bytes()) {
				t.Errorf("read back: %v", err)
			}
		})
	}
	put(t, store, middle)
	followed := open(t, nc)
	if status := followed.Status(); status.State != flags.Ready || status.Flags != 100 {
		t.Errorf("a follower: %+v", status)
	}
}

func TestStore_refusesNamesThatReachFurther(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	put(t, store, document(false, 1))
	ctx, before := t.Context(), stored(t, nc)
	for _, name := range []string{"", "a.b", "*", ">", "shop.>", "shop*", "a b", "a\tb", "a\nb", "shop\n", "Shop", "SHOP", "-shop", "shöp", "a/b", `a\b`, "$JS", "_", "a_b", "shop\x00", strings.Repeat("a", 64)} {
		for what, call := range map[string]func() error{
			"OpenStore":   func() error { _, err := flags.OpenStore(ctx, nc, name); return err },
			"Open env":    func() error { _, err := flags.Open(ctx, nc, name, set); return err },
			"Open set":    func() error { _, err := flags.Open(ctx, nc, env, name); return err },
			"Put":         func() error { _, err := store.Put(ctx, name, document(false, 2), someone); return err },
			"Get":         func() error { _, _, err := store.Get(ctx, name); return err },
			"GetRevision": func() error { _, _, err := store.GetRevision(ctx, name, 1); return err },
			"History":     func() error { _, err := store.History(ctx, name, 0); return err },
			"Rollback":    func() error { _, err := store.Rollback(ctx, name, 1, someone); return err },
			"Retire":      func() error { _, err := store.Retire(ctx, name, someone); return err },
			"Update": func() error {
				_, err := store.Update(ctx, name, someone, func(*flags.Document) error { return nil })
				return err
			},
		} {
			if err := call(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q: a name has 1 to 63 characters", name)) {
				t.Errorf("%s %q: got %v", what, name, err)
			}
		}
	}
	if got := stored(t, nc); got != before {
		t.Errorf("the stream's last sequence went from %d to %d", before, got)
	}
	longest := strings.Repeat("a", 63)
	other, err := flags.OpenStore(ctx, nc, longest)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Put(ctx, longest, document(false, 1), someone); err != nil {
		t.Errorf("the longest name: %v", err)
	}
}

func TestUpdate_switchesAFlagOffBesideOneThatIsBroken(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	put(t, store, document(true, 1))
	past(t, nc, []byte(`{"flags": {
		"new-cart": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"},
		"broken": {"state": "ENABLED", "variants": {"x": 1}, "defaultVariant": "none"}}}`), true)
	if _, err := store.Update(t.Context(), set, someone, func(d *flags.Document) error { return d.SetEnabled("new-cart", false) }); err != nil {
		t.Fatalf("the kill switch: %v", err)
	}
	doc, _, err := store.Get(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	if f, _ := doc.Flag("new-cart"); f.Enabled {
		t.Error("the flag is still on")
	}
	var invalid *flags.DocumentError
	_, err = store.Update(t.Context(), set, someone, func(d *flags.Document) error {
		return d.SetTargeting("new-cart", []byte(`{"nonsense": 1}`))
	})
	if !errors.As(err, &invalid) || len(invalid.Problems) != 1 || invalid.Problems[0].Flag != "new-cart" {
		t.Errorf("an edit that breaks one more: %v", err)
	}
}
