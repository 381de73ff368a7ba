package testbus

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Embedded is a server inside this process that nobody else can reach.
type Embedded struct {
	t      testing.TB
	server *server.Server
}

// InProcess runs a server in this process without a listener, which is the
// fastest and works in a testing/synctest bubble if stop is called inside it.
func InProcess(t testing.TB, opts ...Option) (e *Embedded, stop func()) {
	t.Helper()
	s := setup{Name: "in-process", Dir: t.TempDir()}
	for _, opt := range opts {
		opt(&s)
	}
	running, stop, err := s.serve()
	if err != nil {
		t.Fatal(err)
	}
	return &Embedded{t, running}, stop
}

// Connect returns a connection to the server; the caller closes it.
func (e *Embedded) Connect(opts ...nats.Option) *nats.Conn {
	e.t.Helper()
	nc, err := nats.Connect("", append([]nats.Option{nats.InProcessServer(e.server)}, opts...)...)
	if err != nil {
		e.t.Fatal(err)
	}
	return nc
}
