package testbus

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// Option changes how a server is started.
type Option func(*setup)

// WithConfig adds a piece of a nats-server configuration, such as accounts.
func WithConfig(text string) Option { return func(s *setup) { s.Config += text + "\n" } }

// WithMaxPayload sets the largest message that the server takes.
func WithMaxPayload(bytes int32) Option { return func(s *setup) { s.MaxPayload = bytes } }

// Server is a nats-server in a process of its own, on one port and one
// directory for its whole life. Not safe for concurrent use.
type Server struct {
	t     testing.TB
	setup setup
	cmd   *exec.Cmd // nil while it is down
	ended chan struct{}
}

// Start runs a server and waits until it is ready.
func Start(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s := newServer(t, setup{Name: "single", Dir: t.TempDir(), Port: freePort(t)}, opts)
	s.Restart()
	return s
}

func newServer(t testing.TB, start setup, opts []Option) *Server {
	for _, opt := range opts {
		opt(&start)
	}
	s := &Server{t: t, setup: start}
	t.Cleanup(s.Kill)
	return s
}

// Restart starts the server again where it was, and waits until it is ready.
func (s *Server) Restart() {
	s.t.Helper()
	ready := s.launch()
	if err := <-ready; err != nil {
		s.t.Fatal(err)
	}
}

// launch starts the process; the channel says when it is ready.
func (s *Server) launch() <-chan error {
	s.t.Helper()
	if s.cmd != nil {
		s.t.Fatal("testbus: the server runs already")
	}
	text, err := json.Marshal(s.setup)
	if err != nil {
		s.t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // no server outlives its test
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ready, ended := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(ended)
		line, _ := bufio.NewReader(stdout).ReadString('\n')
		if line == "ready\n" {
			ready <- nil
		}
		_ = cmd.Wait() // a killed process is no error here
		if line != "ready\n" {
			ready <- fmt.Errorf("testbus: server %q did not start: %s", s.setup.Name, stderr.String())
		}
	}()
	s.cmd, s.ended = cmd, ended
	return ready
}

// Stop ends the server in good order.
func (s *Server) Stop() { s.signal(syscall.SIGTERM, true) }

// Kill ends the server with SIGKILL. Killing one that is down does nothing.
func (s *Server) Kill() { s.signal(syscall.SIGKILL, true) }

// Pause halts the server with SIGSTOP: its connections stay open and silent.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP, false) }

// Resume lets a paused server go on.
func (s *Server) Resume() { s.signal(syscall.SIGCONT, false) }

func (s *Server) signal(sig syscall.Signal, ends bool) {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(sig) // it may have ended by itself
	if ends {
		<-s.ended
		s.cmd = nil
	}
}

// Addr returns the server's host and port.
func (s *Server) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.setup.Port) }

// URL returns the server's address for clients.
func (s *Server) URL() string { return "nats://" + s.Addr() }

// Connect returns a connection that never gives up, closed with the test.
func (s *Server) Connect(opts ...nats.Option) *nats.Conn {
	s.t.Helper()
	return Connect(s.t, s.URL(), opts...)
}

// Connect connects to url the way a service should: it never gives up, comes
// back within 100 ms and notices a dead peer in seconds.
func Connect(t testing.TB, url string, opts ...nats.Option) *nats.Conn {
	t.Helper()
	opts = append([]nats.Option{
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.ReconnectWait(50 * time.Millisecond), nats.ReconnectJitter(50*time.Millisecond, 50*time.Millisecond),
		nats.PingInterval(time.Second), nats.MaxPingsOutstanding(2),
		// The stock handler writes to standard error.
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}, opts...)
	nc, err := nats.Connect(url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// freePort returns a loopback port that was free a moment ago.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // it is TCP
}
