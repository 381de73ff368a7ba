package test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/evenkeel-go/evenkeel/flags"
	"github.com/evenkeel-go/evenkeel/internal/testbus"
)

// rights reads the lists of rights from the README, so that what it promises
// is what is tested: of a reader of prod/checkout, and of an operator of prod.
func rights(t *testing.T) (reader, operator string) {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(readme), "```\n# a service that follows one set")
	text, _, ends := strings.Cut(text, "```")
	if !found || !ends {
		t.Fatal("the README has no list of rights")
	}
	readerText, operatorText, found := strings.Cut(text, "# an operator")
	if !found {
		t.Fatal("the README has no list of an operator's rights")
	}
	return permissions(t, readerText), permissions(t, operatorText)
}

// permissions turns a list into a piece of nats-server configuration.
func permissions(t *testing.T, text string) string {
	t.Helper()
	_, text, _ = strings.Cut(text, "\n") // the heading
	lists, kind := map[string][]string{}, ""
	for field := range strings.FieldsSeq(text) {
		if name, is := strings.CutSuffix(field, ":"); is {
			kind = name
			continue
		}
		lists[kind] = append(lists[kind], fmt.Sprintf("%q", field))
	}
	if len(lists) != 2 || len(lists["publish"]) == 0 || len(lists["subscribe"]) == 0 {
		t.Fatalf("the README's rights are %q", lists)
	}
	return fmt.Sprintf("permissions: {publish: {allow: [%s]}, subscribe: {allow: [%s]}}", strings.Join(lists["publish"], ", "), strings.Join(lists["subscribe"], ", "))
}

// rightsBus is a bus where each user has the README's rights and no others,
// with sets checkout and payments in prod and checkout in staging.
func rightsBus(t *testing.T) (bus *testbus.Server, admin *nats.Conn, store *flags.Store) {
	t.Helper()
	reader, operator := rights(t)
	bus = testbus.Start(t, testbus.WithConfig(fmt.Sprintf(`authorization { users: [
		{user: admin, password: p}
		{user: reader, password: p, %s}
		{user: operator, password: p, %s}
		{user: nobody, password: p, permissions: {publish: {deny: [">"]}, subscribe: {deny: ["evenkeel.>"]}}}
	]}`, reader, operator)))
	admin = bus.Connect(nats.UserInfo("admin", "p"))
	for _, at := range []struct{ env, set string }{{"staging", "checkout"}, {"prod", "payments"}, {"prod", "checkout"}} {
		var err error
		if store, err = flags.OpenStore(t.Context(), admin, at.env); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Put(t.Context(), at.set, document(false, 1), someone); err != nil {
			t.Fatal(err)
		}
	}
	return bus, admin, store
}

func follow(t *testing.T, nc *nats.Conn, env, set string, opts ...flags.Option) *flags.Set {
	t.Helper()
	followed, err := flags.Open(t.Context(), nc, env, set, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := followed.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return followed
}

// denied says whether the bus refuses what do tries with a connection.
func denied(t *testing.T, nc *nats.Conn, refused <-chan error, do func() error) bool {
	t.Helper()
	for len(refused) > 0 {
		<-refused
	}
	if err := do(); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	timer := time.NewTimer(200 * time.Millisecond)
	defer timer.Stop()
	select {
	case err := <-refused:
		return strings.Contains(err.Error(), "ermissions")
	case <-timer.C:
		return false
	}
}

func connectAs(bus *testbus.Server, user string, opts ...nats.Option) (*nats.Conn, <-chan error) {
	refused := make(chan error, 100)
	return bus.Connect(append(opts, nats.UserInfo(user, "p"), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))...), refused
}

func TestRights_aReaderFollowsItsSetAndNoMore(t *testing.T) {
	bus, admin, store := rightsBus(t)
	nc, refused := connectAs(bus, "reader", nats.CustomInboxPrefix("_INBOX_checkout"))
	followed := follow(t, nc, "prod", "checkout")
	if status := followed.Status(); status.State != flags.Ready {
		t.Fatalf("got %+v", status)
	}
	if _, err := store.Put(t.Context(), "checkout", document(false, 2), someone); err != nil {
		t.Fatal(err)
	}
	if took := sees(t, followed, 2, time.Second); took > 500*time.Millisecond {
		t.Errorf("seen after %s: was it pushed?", took)
	}
	select {
	case err := <-refused:
		t.Fatalf("following was refused something: %v", err)
	default:
	}
	const stream = "EVENKEEL_FLAGS_prod"
	before := lastSequence(t, admin, stream)
	for _, subject := range []string{
		"evenkeel.flags.prod.checkout", "evenkeel.flags.prod.payments", "evenkeel.push.flags.prod.checkout",
		"$JS.API.DIRECT.GET." + stream + ".evenkeel.flags.prod.payments",
		"$JS.API.DIRECT.GET." + stream,
		"$JS.API.DIRECT.GET.EVENKEEL_FLAGS_staging.evenkeel.flags.staging.checkout",
		"$JS.API.STREAM.MSG.GET." + stream, "$JS.API.STREAM.INFO." + stream, "$JS.API.STREAM.DELETE." + stream,
		"$JS.API.CONSUMER.CREATE." + stream + ".c.evenkeel.flags.prod.payments", "$JS.API.INFO",
	} {
		if !denied(t, nc, refused, func() error { return nc.Publish(subject, []byte(`{"seq": 1}`)) }) {
			t.Errorf("may publish on %s", subject)
		}
	}
	for _, subject := range []string{
		"evenkeel.push.flags.prod.payments", "evenkeel.push.flags.prod.*", "evenkeel.push.>", "evenkeel.flags.prod.checkout", ">",
		"_INBOX.>", "_INBOX_operator.>",
	} {
		if !denied(t, nc, refused, func() error { _, err := nc.SubscribeSync(subject); return err }) {
			t.Errorf("may subscribe to %s", subject)
		}
	}
	// The subject it may ask on answers for itself, whatever the question says.
	for _, body := range []string{`{"seq": 1}`, `{"last_by_subj": "evenkeel.flags.prod.payments"}`, `{"next_by_subj": "evenkeel.flags.prod.payments", "seq": 1}`, `{"multi_last": ["evenkeel.flags.prod.>"]}`} {
		m, err := nc.Request("$JS.API.DIRECT.GET."+stream+".evenkeel.flags.prod.checkout", []byte(body), time.Second)
		if err != nil {
			t.Errorf("%s: %v", body, err)
		} else if got := m.Header.Get("Nats-Subject"); got != "" && got != "evenkeel.flags.prod.checkout" {
			t.Errorf("%s: got a message of %s", body, got)
		}
	}
	if after := lastSequence(t, admin, stream); after != before {
		t.Errorf("the stream's last sequence went from %d to %d", before, after)
	}
	if limit(followed) != 2 {
		t.Errorf("serves %d", limit(followed))
	}
}

func lastSequence(t *testing.T, nc *nats.Conn, stream string) uint64 {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().State.LastSeq
}

func TestRights_anOperatorDoesAllInItsEnvironmentAndNoMore(t *testing.T) {
	bus, admin, _ := rightsBus(t)
	nc, refused := connectAs(bus, "operator", nats.CustomInboxPrefix("_INBOX_operator"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	store, err := flags.OpenStore(ctx, nc, "prod")
	if err != nil {
		t.Fatal(err)
	}
	followed := follow(t, nc, "prod", "checkout")
	step := func(name string, call func() error) {
		t.Helper()
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		select {
		case err := <-refused:
			t.Errorf("%s was refused something: %v", name, err)
		default:
		}
	}
	var second flags.Revision
	step("Put", func() error { second, err = store.Put(ctx, "checkout", document(false, 2), someone); return err })
	sees(t, followed, 2, time.Second)
	step("Get", func() error { _, _, err := store.Get(ctx, "checkout"); return err })
	step("Update", func() error {
		_, err := store.Update(ctx, "checkout", someone, func(d *flags.Document) error { return d.SetEnabled("limit", false) })
		return err
	})
	step("GetRevision", func() error { _, _, err := store.GetRevision(ctx, "checkout", second.Number); return err })
	step("History", func() error {
		history, err := store.History(ctx, "checkout", 0)
		if err == nil && len(history) != 3 {
			err = fmt.Errorf("%d revisions", len(history))
		}
		return err
	})
	step("Retire", func() error { _, err := store.Retire(ctx, "checkout", someone); return err })
	step("Rollback", func() error { _, err := store.Rollback(ctx, "checkout", second.Number, someone); return err })
	step("a new set", func() error { _, err := store.Put(ctx, "new", document(false, 2), someone); return err })
	step("Sets", func() error {
		sets, err := store.Sets(ctx)
		if err == nil && strings.Join(sets, " ") != "checkout new payments" {
			err = fmt.Errorf("got %q", sets)
		}
		return err
	})
	is(t, followed, flags.Ready, time.Second)
	if got := consumersOf(t, admin, "EVENKEEL_FLAGS_prod"); got != 0 {
		t.Errorf("%d consumers are left", got)
	}
	for _, subject := range []string{
		"evenkeel.flags.staging.checkout", "evenkeel.push.flags.prod.checkout", "evenkeel.push.flags.staging.checkout",
		"$JS.API.STREAM.DELETE.EVENKEEL_FLAGS_prod", "$JS.API.STREAM.UPDATE.EVENKEEL_FLAGS_prod", "$JS.API.STREAM.PURGE.EVENKEEL_FLAGS_prod",
		"$JS.API.STREAM.MSG.DELETE.EVENKEEL_FLAGS_prod", "$JS.API.STREAM.CREATE.EVENKEEL_FLAGS_new",
		"$JS.API.STREAM.INFO.EVENKEEL_FLAGS_staging", "$JS.API.STREAM.MSG.GET.EVENKEEL_FLAGS_staging",
		"$JS.API.DIRECT.GET.EVENKEEL_FLAGS_staging", "$JS.API.CONSUMER.CREATE.EVENKEEL_FLAGS_staging.c.evenkeel.flags.staging.checkout",
	} {
		if !denied(t, nc, refused, func() error { return nc.Publish(subject, nil) }) {
			t.Errorf("may publish on %s", subject)
		}
	}
	if !denied(t, nc, refused, func() error { _, err := nc.SubscribeSync("evenkeel.push.flags.staging.checkout"); return err }) {
		t.Error("may subscribe to another environment")
	}
	short, cancelShort := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancelShort()
	if _, err := flags.OpenStore(short, nc, "staging"); err == nil || !strings.Contains(err.Error(), "ermissions") {
		t.Errorf("another environment: got %v, want an error that says permissions", err)
	}
}

func consumersOf(t *testing.T, nc *nats.Conn, stream string) int {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().State.Consumers
}

func TestRights_aWriterWithoutThemIsToldSo(t *testing.T) {
	bus, _, _ := rightsBus(t)
	reader := bus.Connect(nats.UserInfo("reader", "p"), nats.CustomInboxPrefix("_INBOX_checkout"))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, err := flags.OpenStore(ctx, reader, "prod"); err == nil || !strings.Contains(err.Error(), "ermissions") {
		t.Errorf("got %v, want an error that says permissions", err)
	}
}

func TestRights_aReaderWithoutThemIsToldSo(t *testing.T) {
	bus, _, _ := rightsBus(t)
	nc := bus.Connect(nats.UserInfo("nobody", "p"))
	followed := follow(t, nc, "prod", "checkout", flags.WithWait(100*time.Millisecond))
	testbus.Eventually(t, 3*time.Second, "the status says why", func() bool {
		status := followed.Status()
		return status.State == flags.NotReady && strings.Contains(status.Err.Error(), "ermissions")
	})
	t.Log(followed.Status().Err)
}
