package test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/evenkeel-go/evenkeel/flags"
	"github.com/evenkeel-go/evenkeel/internal/testbus"
)

// badDocument is a document that must not be stored, nor served if somebody
// stores it past the Store.
type badDocument struct {
	name string
	data []byte
	// What Put's error must say.
	refused  []string
	tooLarge bool
	// What the follower's Status.Err must say; "" if only a flag is broken.
	whole string
	// The quarantined flag, and whether its last good value stays.
	flag      string
	lastValue bool
	// For the follower, where the bus itself would refuse what is over the default.
	limits flags.Limits
}

// withLimit is a document whose flag limit is broken and whose flag other is
// good and new.
func withLimit(definition string) []byte {
	return fmt.Appendf(nil, `{"flags": {"limit": %s, "other": {"state": "ENABLED", "variants": {"x": "new"}, "defaultVariant": "x"}}}`, definition)
}

func withRule(rule string) []byte {
	return withLimit(`{"state": "ENABLED", "variants": {"x": 77, "y": 78}, "defaultVariant": "x", "targeting": ` + rule + `}`)
}

func withFlags(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"flags": {`)
	for i := range n {
		fmt.Fprintf(&b, `%s"f%d":{"state":"ENABLED","variants":{"x":1}}`, map[bool]string{true: "", false: ","}[i == 0], i)
	}
	b.WriteString(`}}`)
	return b.Bytes()
}

func compress(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := zw.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func badDocuments(t *testing.T) []badDocument {
	bomb := compress(t, append([]byte(`{"flags": {}, "padding": "`), make([]byte, 17<<20)...))
	good := compress(t, document(true, 99))
	operators := strings.TrimSuffix(strings.Repeat(`{"in":["a",{"var":"b"}]},`, 1100), ",")
	listRule := `{"==": [{"var": "a"}, 1]}`
	for range 3 {
		listRule = `{"some": [{"var": "list"}, ` + listRule + `]}`
	}
	return []badDocument{
		{name: "malformed JSON", data: []byte("{\"flags\": {\n  \"limit\": }}"), refused: []string{"line 2, column 12", "expected a value"}, whole: "line 2, column 12"},
		{name: "torn JSON", data: document(true, 99)[:200], refused: []string{"line ", "column "}, whole: "column "},
		{name: "something behind the end", data: append(document(true, 99), "{}"...), refused: []string{"something follows the end"}, whole: "something follows the end"},
		{name: "top level is a list", data: []byte(`[]`), refused: []string{"an object", "a list"}, whole: "a list"},
		{name: "no flags", data: []byte(`{"flagz": {}}`), refused: []string{"flags is missing"}, whole: "flags is missing"},
		{name: "nothing but white space", data: []byte("\n"), refused: []string{"end of the document"}, whole: "end of the document"},
		{name: "empty body", data: []byte{}, refused: []string{"end of the document"}, whole: "retired"},
		{name: "no body", data: nil, refused: []string{"end of the document"}, whole: "retired"},
		{name: "invalid UTF-8", data: []byte("{\"flags\": {\"limit\": {\"variants\": {\"x\xff\": 1}}}}"), refused: []string{"line 1, column", "UTF-8"}, whole: "UTF-8"},
		{name: "nested 10,000 deep", data: withLimit(strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)), refused: []string{"nested deeper than 64 levels"}, whole: "nested deeper than 64 levels"},
		{name: "a rule nested 10,000 deep", data: withRule(strings.Repeat(`{"!":[`, 10_000) + "true" + strings.Repeat("]}", 10_000)), refused: []string{"nested deeper than 64 levels"}, whole: "nested deeper than 64 levels"},
		{name: "one level too deep", data: withLimit(strings.Repeat("[", 63) + strings.Repeat("]", 63)), refused: []string{"nested deeper than 64 levels"}, whole: "nested deeper than 64 levels"},
		{
			name: "too many bytes", data: append(document(true, 99), bytes.Repeat([]byte(" "), 16<<20)...), refused: []string{"16777216"}, tooLarge: true,
			whole: "2048", limits: flags.Limits{MaxBytes: 2048},
		},
		{name: "too many flags", data: compress(t, withFlags(20_001)), refused: []string{"20001 flags, more than 20000"}, whole: "20001 flags, more than 20000"},
		{name: "gzip bomb", data: bomb, refused: []string{"inflates to more than the 16777216 bytes"}, tooLarge: true, whole: "inflates to more than the 16777216 bytes"},
		{name: "torn gzip", data: good[:len(good)-12], refused: []string{"inflate", "unexpected EOF"}, whole: "unexpected EOF"},
		{name: "gzip with a wrong checksum", data: append(slices.Clone(good[:len(good)-8]), 1, 2, 3, 4, 5, 6, 7, 8), refused: []string{"inflate", "checksum"}, whole: "checksum"},
		{name: "gzip in gzip", data: compress(t, good), refused: []string{"expected a value"}, whole: "expected a value"},

		{name: "unknown operator", data: withRule(`{"if": [{"iff": [true]}, "y"]}`), refused: []string{"flags.limit.targeting.if[0]", `iff`}, flag: "limit", lastValue: true},
		{name: "default variant that names nothing", data: withLimit(`{"state": "ENABLED", "variants": {"x": 77}, "defaultVariant": "z"}`), refused: []string{"flags.limit.defaultVariant", `"z"`}, flag: "limit", lastValue: true},
		{name: "flag that is no object", data: withLimit(`77`), refused: []string{"flags.limit", "a number"}, flag: "limit", lastValue: true},
		{name: "rule with too many operators", data: withRule(`{"if": [{"or": [` + operators + `]}, "y", "x"]}`), refused: []string{"flags.limit.targeting", "more than 2000"}, flag: "limit", lastValue: true},
		{name: "rule that costs too much", data: withRule(`{"if": [` + listRule + `, "y", "x"]}`), refused: []string{"flags.limit.targeting", "more than 10000"}, flag: "limit", lastValue: true},
		{
			name: "a key twice", data: []byte(`{"flags": {"limit": {"state": "ENABLED", "variants": {"x": 76}, "defaultVariant": "x"}, "other": {"state": "ENABLED", "variants": {"x": "new"}, "defaultVariant": "x"}, "limit": {"state": "ENABLED", "variants": {"x": 77}, "defaultVariant": "x"}}}`),
			refused: []string{"flags.limit", "twice"}, flag: "limit",
		},
	}
}

func TestPut_refusesABadDocument(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	put(t, store, document(false, 1))
	for _, row := range badDocuments(t) {
		t.Run(row.name, func(t *testing.T) {
			before := stored(t, nc)
			for name, write := range map[string]func() (flags.Revision, error){
				"put":           func() (flags.Revision, error) { return store.Put(t.Context(), set, row.data, someone) },
				"put a new set": func() (flags.Revision, error) { return store.Put(t.Context(), "not-there", row.data, someone) },
			} {
				revision, err := write()
				if err == nil {
					t.Fatalf("%s: stored as %+v", name, revision)
				}
				for _, want := range row.refused {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%s: got %v, want %q in it", name, err, want)
					}
				}
				if len(err.Error()) > 500 {
					t.Errorf("%s: the error has %d bytes: %.200s…", name, len(err.Error()), err)
				}
				if errors.Is(err, flags.ErrTooLarge) != row.tooLarge {
					t.Errorf("%s: ErrTooLarge is %v: %v", name, !row.tooLarge, err)
				}
				var invalid *flags.DocumentError
				if row.flag != "" && (!errors.As(err, &invalid) || invalid.Problems[0].Flag != row.flag || invalid.Problems[0].Line == 0) {
					t.Errorf("%s: got %#v, want the flag and its place", name, err)
				}
				if got := stored(t, nc); got != before {
					t.Errorf("%s: the stream's last sequence went from %d to %d", name, before, got)
				}
			}
		})
	}
}

// stored returns the stream's last sequence.
func stored(t *testing.T, nc *nats.Conn) uint64 {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), "EVENKEEL_FLAGS_"+env)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().State.LastSeq
}

func TestFollower_keepsTheLastGoodValuesOverABadDocument(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	for _, row := range badDocuments(t) {
		for _, how := range []string{"with our headers", "with none"} {
			t.Run(row.name+"/"+how, func(t *testing.T) {
				data := row.data
				if row.limits.MaxBytes > 0 {
					data = append(document(true, 99), bytes.Repeat([]byte(" "), row.limits.MaxBytes)...)
				}
				put(t, store, document(false, 1))
				followed := open(t, nc, flags.WithLimits(row.limits))
				seq := past(t, nc, data, how == "with our headers")
				if row.whole != "" {
					keepsAll(t, followed, seq, row.whole)
				} else {
					quarantines(t, followed, seq, row)
				}
				second := put(t, store, document(true, 2))
				took := sees(t, followed, 2, time.Second)
				is(t, followed, flags.Ready, time.Second) // values are served a moment before they are reported
				status := followed.Status()
				if status.State != flags.Ready || status.Err != nil || len(status.Problems) > 0 || status.Revision.Number != second.Number {
					t.Errorf("after a good one: %+v", status)
				}
				t.Logf("healed after %s", took)
			})
		}
	}
}

// past stores data past the Store.
func past(t *testing.T, nc *nats.Conn, data []byte, headers bool) uint64 {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	m := nats.NewMsg("evenkeel.flags." + env + "." + set)
	m.Data = data
	if headers {
		m.Header.Set("Evenkeel-Actor", "mallory@example.com")
		m.Header.Set("Evenkeel-Reason", "to see what happens")
		m.Header.Set("Evenkeel-Changed", `["limit"]`)
	}
	ack, err := js.PublishMsg(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return ack.Sequence
}

// keepsAll waits until the set says that it does not serve revision seq.
func keepsAll(t *testing.T, followed *flags.Set, seq uint64, why string) {
	t.Helper()
	is(t, followed, flags.Stale, time.Second)
	status := followed.Status()
	for _, want := range []string{why, fmt.Sprintf("revision %d", seq), "the last good one is"} {
		if status.Err == nil || !strings.Contains(status.Err.Error(), want) {
			t.Errorf("got %v, want %q in it", status.Err, want)
		}
	}
	if limit(followed) != 1 || status.Revision.Number >= seq || status.Flags != 5 {
		t.Errorf("serves limit %d of %+v", limit(followed), status)
	}
}

// quarantines waits until the set serves revision seq but for one flag.
func quarantines(t *testing.T, followed *flags.Set, seq uint64, row badDocument) {
	t.Helper()
	testbus.Eventually(t, time.Second, "the revision is served", func() bool { return followed.Status().Revision.Number == seq })
	status := followed.Status()
	if status.State != flags.Ready || len(status.Problems) != 1 || status.Problems[0].Flag != row.flag {
		t.Errorf("got %+v", status)
	}
	for _, want := range row.refused {
		if !strings.Contains(status.Problems[0].Error(), want) {
			t.Errorf("got %v, want %q in it", status.Problems[0].Error(), want)
		}
	}
	if got := followed.String(t.Context(), "other", "", flags.Context{}); got != "new" {
		t.Errorf("a good flag of the revision: got %q", got)
	}
	want := int64(77)
	if row.lastValue {
		want = 1
	}
	if got := limit(followed); got != want {
		t.Errorf("the broken flag: got %d, want %d", got, want)
	}
}

func TestFollower_startsOnABadDocument(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	past(t, nc, []byte("{"), true)
	followed := open(t, nc)
	if status := followed.Status(); status.State != flags.NotReady || status.Err == nil || !strings.Contains(status.Err.Error(), "mallory@example.com") || limit(followed) != -1 {
		t.Errorf("got %+v", status)
	}
	seq := past(t, nc, withRule(`{"nonsense": 1}`), true)
	testbus.Eventually(t, time.Second, "the revision is served", func() bool { return followed.Status().Revision.Number == seq })
	if got := followed.IntDetails(t.Context(), "limit", -1, flags.Context{}); got.Value != -1 || got.ErrorCode != flags.CodeParseError || !strings.Contains(got.ErrorMessage, "nonsense") {
		t.Errorf("a broken flag without an earlier version: got %+v", got)
	}
	put(t, store, document(false, 1))
	sees(t, followed, 1, time.Second)
}

func TestFollower_obeysDisabledInABrokenFlag(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	put(t, openStore(t, nc), document(false, 1))
	followed := open(t, nc)
	seq := past(t, nc, withLimit(`{"state": "DISABLED", "variants": {"x": 77}, "defaultVariant": "z", "targeting": {"nonsense": 1}}`), false)
	testbus.Eventually(t, time.Second, "the revision is served", func() bool { return followed.Status().Revision.Number == seq })
	if got := followed.IntDetails(t.Context(), "limit", -1, flags.Context{}); got.Value != -1 || got.Reason != flags.ReasonDisabled {
		t.Errorf("got %+v", got)
	}
}

func TestFollower_ignoresForgedPushes(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	good := put(t, store, document(false, 1))
	followed := open(t, nc)
	now := time.Now().Add(time.Hour).UTC().Format(time.RFC3339Nano)
	subject := "evenkeel.flags." + env + "." + set
	for name, header := range map[string]nats.Header{
		"no headers":        nil,
		"another subject":   {"Nats-Subject": {"evenkeel.flags." + env + ".other"}, "Nats-Sequence": {"999"}, "Nats-Time-Stamp": {now}},
		"no subject":        {"Nats-Sequence": {"999"}, "Nats-Time-Stamp": {now}},
		"no sequence":       {"Nats-Subject": {subject}, "Nats-Time-Stamp": {now}},
		"sequence 0":        {"Nats-Subject": {subject}, "Nats-Sequence": {"0"}, "Nats-Time-Stamp": {now}},
		"negative sequence": {"Nats-Subject": {subject}, "Nats-Sequence": {"-5"}, "Nats-Time-Stamp": {now}},
		"no time":           {"Nats-Subject": {subject}, "Nats-Sequence": {"999"}},
		"nonsense for time": {"Nats-Subject": {subject}, "Nats-Sequence": {"999"}, "Nats-Time-Stamp": {"tomorrow"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := nats.NewMsg("evenkeel.push.flags." + env + "." + set)
			m.Data, m.Header = document(true, 666), header
			if err := nc.PublishMsg(m); err != nil {
				t.Fatal(err)
			}
		})
	}
	// Pushes arrive in the order they were sent: behind this one all forged
	// ones have been seen.
	updates := watch(t, followed)
	put(t, store, document(false, 2))
	sees(t, followed, 2, time.Second)
	for _, update := range updates() {
		if n := update.Status.Revision.Number; n < good.Number || n > good.Number+1 || update.Status.State != flags.Ready {
			t.Errorf("got %+v", update.Status)
		}
	}
}

// watch collects a set's updates until the function it returns is called.
func watch(t *testing.T, s *flags.Set) func() []flags.Update {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var got []flags.Update
	done := make(chan struct{})
	go func() {
		defer close(done)
		for update := range s.Updates(ctx) {
			got = append(got, update)
		}
	}()
	return func() []flags.Update {
		cancel()
		<-done
		return got
	}
}

// The bus adds its own headers behind those of the writer, who may have copied
// a message with all its headers from elsewhere: a backup, another environment.
func TestFollower_believesTheBusAndNotTheWriterAboutTheRevision(t *testing.T) {
	bus := testbus.Start(t)
	nc := bus.Connect()
	store := openStore(t, nc)
	put(t, store, document(false, 1))
	followed := open(t, nc)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	m := nats.NewMsg("evenkeel.flags." + env + "." + set)
	m.Data = document(false, 2)
	m.Header = nats.Header{
		"Nats-Subject": {"evenkeel.flags.prod.checkout"}, "Nats-Sequence": {"999"}, "Nats-Last-Sequence": {"998"},
		"Nats-Time-Stamp": {"2126-01-01T00:00:00Z"}, "Nats-Stream": {"EVENKEEL_FLAGS_prod"}, "Status": {"404"}, "Description": {"Message Not Found"},
	}
	ack, err := js.PublishMsg(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	sees(t, followed, 2, time.Second)
	if revision := followed.Status().Revision; revision.Number != ack.Sequence || time.Since(revision.Time).Abs() > time.Minute {
		t.Errorf("pushed: got %+v, want revision %d", revision, ack.Sequence)
	}
	if _, revision, err := store.Get(t.Context(), set); err != nil || revision.Number != ack.Sequence || time.Since(revision.Time).Abs() > time.Minute {
		t.Errorf("read: got %+v, %v, want revision %d", revision, err, ack.Sequence)
	}
	put(t, store, document(false, 3))
	sees(t, followed, 3, time.Second)
}
