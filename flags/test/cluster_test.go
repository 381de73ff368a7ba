package test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/evenkeel-go/evenkeel/flags"
	"github.com/evenkeel-go/evenkeel/internal/testbus"
)

const clusterStream = "EVENKEEL_FLAGS_" + env

// While servers find each other again, a push can be lost; then the bound is
// the resync's: 1.2 × this and a second.
var often = flags.WithResync(2 * time.Second)

const resynced = 3400 * time.Millisecond

// startCluster runs three servers with an environment on all of them.
func startCluster(t *testing.T) (*testbus.Cluster, *nats.Conn, *flags.Store) {
	t.Helper()
	c := testbus.StartCluster(t, 3)
	nc := c.Connect()
	store := openStore(t, nc, flags.WithReplicas(3))
	testbus.Eventually(t, 20*time.Second, "the first document is stored", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := store.Put(ctx, set, counter("start", 0), someone)
		return err == nil
	})
	return c, nc, store
}

// counter is a document with one flag, which the writers count up.
func counter(by string, n int) []byte {
	return fmt.Appendf(nil, `{"metadata": {"by": %q}, "flags": {"limit": {"state": "ENABLED", "variants": {"x": %d}, "defaultVariant": "x"}}}`, by, n)
}

// count adds one to the counter.
func count(ctx context.Context, store *flags.Store, by string) (flags.Revision, error) {
	return store.Update(ctx, set, flags.Change{Actor: by}, func(d *flags.Document) error {
		n, err := valueOf(d)
		if err != nil {
			return err
		}
		return d.SetFlag("limit", fmt.Appendf(nil, `{"state": "ENABLED", "variants": {"x": %d}, "defaultVariant": "x"}`, n+1))
	})
}

func valueOf(d *flags.Document) (int64, error) {
	served, err := flags.Static(d.Bytes())
	if err != nil {
		return 0, err
	}
	return limit(served), nil
}

func TestCluster_losesAndDoublesNoWriteWhenItsLeaderDies(t *testing.T) {
	const writers, times = 4, 25
	c, nc, store := startCluster(t)
	followed := open(t, c.Connect(), often)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var wait sync.WaitGroup
	half := make(chan struct{}, writers)
	for w := range writers {
		writer, err := flags.OpenStore(ctx, c.Connect(), env)
		if err != nil {
			t.Fatal(err)
		}
		wait.Go(func() {
			for i := range times {
				if i == times/3 {
					half <- struct{}{}
				}
				if _, err := count(ctx, writer, "writer-"+strconv.Itoa(w)); err != nil {
					t.Errorf("writer %d, update %d: %v", w, i, err)
					return
				}
			}
		})
	}
	<-half
	leader := c.Leader(nc, clusterStream)
	start := time.Now()
	leader.Kill()
	wait.Wait()
	t.Logf("all writes done %s after the kill", time.Since(start))
	t.Logf("the follower has the last value %s later", sees(t, followed, writers*times, resynced))
	is(t, followed, flags.Ready, 5*time.Second)
	checkCount(t, store, writers*times)
	leader.Restart()
	last, err := count(ctx, store, "after")
	if err != nil {
		t.Fatal(err)
	}
	sees(t, followed, writers*times+1, resynced)
	if got := followed.Status().Revision.Number; got != last.Number {
		t.Errorf("follows at revision %d, want %d", got, last.Number)
	}
}

// checkCount checks that the counter stands at n and that each revision is one
// more than the one before.
func checkCount(t *testing.T, store *flags.Store, n int) {
	t.Helper()
	testbus.Eventually(t, 10*time.Second, "the history can be read", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		history, err := store.History(ctx, set, 0)
		if err != nil {
			t.Log(err)
			return false
		}
		if len(history) != n+1 {
			t.Fatalf("%d revisions, want %d", len(history), n+1)
		}
		for i, revision := range history {
			doc, _, err := store.GetRevision(ctx, set, revision.Number)
			if err != nil {
				t.Log(err)
				return false
			}
			if got, err := valueOf(doc); err != nil || got != int64(n-i) {
				t.Fatalf("revision %d has %d, %v, want %d", revision.Number, got, err, n-i)
			}
		}
		return true
	})
}

func TestCluster_outlivesALeaderThatHangs(t *testing.T) {
	c, nc, _ := startCluster(t)
	leader := c.Leader(nc, clusterStream)
	var others []string // clients of the other nodes: theirs are not what hangs
	for _, node := range c.Nodes {
		if node != leader {
			others = append(others, node.URL())
		}
	}
	store, err := flags.OpenStore(t.Context(), testbus.Connect(t, others[0]), env)
	if err != nil {
		t.Fatal(err)
	}
	followed := open(t, testbus.Connect(t, others[1]), often)
	sees(t, followed, 0, time.Second)
	leader.Pause()
	ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
	defer cancel()
	start := time.Now()
	for i := range 3 {
		if _, err := count(ctx, store, "writer"); err != nil {
			t.Fatalf("update %d: %v", i, err)
		}
	}
	t.Logf("written %s after the leader hung", time.Since(start))
	sees(t, followed, 3, resynced)
	leader.Resume()
	for range 2 { // the old leader finds that it is none
		if _, err := count(ctx, store, "writer"); err != nil {
			t.Fatal(err)
		}
	}
	sees(t, followed, 5, resynced)
	checkCount(t, store, 5)
}

func TestCluster_followerMovesToAnotherServer(t *testing.T) {
	c, nc, store := startCluster(t)
	leader := c.Leader(nc, clusterStream)
	// A node that does not lead, so that only the follower has to move.
	var own *testbus.Server
	var urls strings.Builder
	for _, node := range c.Nodes {
		if own == nil && node != leader {
			own = node
		} else {
			urls.WriteString("," + node.URL())
		}
	}
	connection := testbus.Connect(t, own.URL()+urls.String(), nats.DontRandomize())
	followed := open(t, connection, often)
	sees(t, followed, 0, time.Second)
	if got := connection.ConnectedUrl(); got != own.URL() {
		t.Fatalf("connected to %s", got)
	}
	own.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := count(ctx, store, "writer"); err != nil {
		t.Fatal(err)
	}
	t.Logf("the change was seen %s after it was stored", sees(t, followed, 1, resynced))
	is(t, followed, flags.Ready, 3*time.Second)
	if got := connection.ConnectedUrl(); got == own.URL() {
		t.Errorf("still connected to %s", got)
	}
}
