package testbus

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func store(t *testing.T, nc *nats.Conn, replicas int) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	Eventually(t, 20*time.Second, "the stream is made", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: "s", Subjects: []string{"s.>"}, Replicas: replicas})
		return err == nil
	})
	return js
}

func put(js jetstream.JetStream, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err := js.Publish(ctx, "s.x", []byte(text))
	return err
}

func messages(t *testing.T, js jetstream.JetStream) uint64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s, err := js.Stream(ctx, "s")
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().State.Msgs
}

func TestServer_keepsWhatItAcknowledgedOverKillAndRestart(t *testing.T) {
	s := Start(t)
	nc := s.Connect()
	js := store(t, nc, 1)
	for range 10 {
		if err := put(js, "x"); err != nil {
			t.Fatal(err)
		}
	}
	s.Kill()
	s.Restart()
	Eventually(t, 5*time.Second, "the client is back", nc.IsConnected)
	s.Stop()
	s.Restart()
	Eventually(t, 5*time.Second, "the client is back", nc.IsConnected)
	if got := messages(t, js); got != 10 {
		t.Errorf("%d messages, want 10", got)
	}
}

func TestServer_pausedLooksAlive(t *testing.T) {
	s := Start(t)
	nc := s.Connect()
	js := store(t, nc, 1)
	s.Pause()
	if err := put(js, "x"); err == nil {
		t.Error("a paused server acknowledged")
	}
	s.Resume()
	Eventually(t, 10*time.Second, "puts work again", func() bool { return put(js, "x") == nil })
}

func TestServer_refusesADirectoryThatIsTaken(t *testing.T) {
	s := Start(t)
	_, _, err := setup{Name: "second", Dir: s.setup.Dir}.serve()
	if err == nil || !strings.Contains(err.Error(), "belongs to the server of process") {
		t.Errorf("got %v, want a refusal that names the holder", err)
	}
}

func TestInProcess_stores(t *testing.T) {
	s, stop := InProcess(t)
	defer stop()
	nc := s.Connect()
	defer nc.Close()
	js := store(t, nc, 1)
	if err := put(js, "x"); err != nil {
		t.Fatal(err)
	}
}

func TestCluster_outlivesItsLeader(t *testing.T) {
	c := StartCluster(t, 3)
	nc := c.Connect()
	js := store(t, nc, 3)
	if err := put(js, "x"); err != nil {
		t.Fatal(err)
	}
	leader := c.Leader(nc, "s")
	leader.Kill()
	Eventually(t, 30*time.Second, "puts work again", func() bool { return put(js, "x") == nil })
	leader.Restart()
	if got := messages(t, js); got < 2 {
		t.Errorf("%d messages, want 2 or more", got)
	}
}

func TestProxy_cutsStallsAndHeals(t *testing.T) {
	s := Start(t)
	p := StartProxy(t, s.Addr())
	nc := Connect(t, p.URL())
	Eventually(t, 5*time.Second, "the client is connected", nc.IsConnected)
	p.Cut()
	Eventually(t, 5*time.Second, "the client notices the cut", func() bool { return !nc.IsConnected() })
	p.Heal()
	Eventually(t, 5*time.Second, "the client is back", nc.IsConnected)
	p.Stall()
	if err := nc.FlushTimeout(200 * time.Millisecond); err == nil {
		t.Error("a stalled connection answered")
	}
	Eventually(t, 10*time.Second, "the client notices the silence", func() bool { return !nc.IsConnected() })
	p.Heal()
	Eventually(t, 5*time.Second, "the client is back", nc.IsConnected)
}
