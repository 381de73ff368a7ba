package testbus

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Cluster is several servers that replicate, each in a process of its own.
type Cluster struct {
	t     testing.TB
	Nodes []*Server
}

// StartCluster runs a cluster of n servers and waits until it can store.
func StartCluster(t testing.TB, n int, opts ...Option) *Cluster {
	t.Helper()
	c := &Cluster{t: t}
	routes := make([]string, n)
	ports := make([]int, n)
	for i := range n {
		ports[i] = freePort(t)
		routes[i] = fmt.Sprintf("nats://127.0.0.1:%d", ports[i])
	}
	var ready []<-chan error
	for i := range n {
		node := newServer(t, setup{
			Name: fmt.Sprintf("node-%d", i), Dir: t.TempDir(), Port: freePort(t),
			Cluster: "test", ClusterAt: ports[i], Routes: routes,
		}, opts)
		ready = append(ready, node.launch())
		c.Nodes = append(c.Nodes, node)
	}
	for _, r := range ready {
		if err := <-r; err != nil {
			t.Fatal(err)
		}
	}
	js, err := jetstream.New(c.Connect())
	if err != nil {
		t.Fatal(err)
	}
	Eventually(t, readyWithin, "the cluster has elected its leaders", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		info, err := js.AccountInfo(ctx)
		return err == nil && info != nil
	})
	return c
}

// URL returns the addresses of all nodes, for clients.
func (c *Cluster) URL() string {
	urls := make([]string, len(c.Nodes))
	for i, node := range c.Nodes {
		urls[i] = node.URL()
	}
	return strings.Join(urls, ",")
}

// Connect returns a connection that knows all nodes, closed with the test.
func (c *Cluster) Connect(opts ...nats.Option) *nats.Conn {
	c.t.Helper()
	return Connect(c.t, c.URL(), opts...)
}

// Leader returns the node that leads a stream, as nc sees it.
func (c *Cluster) Leader(nc *nats.Conn, stream string) *Server {
	c.t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		c.t.Fatal(err)
	}
	var leader *Server
	Eventually(c.t, readyWithin, "stream "+stream+" has a leader", func() bool {
		ctx, cancel := context.WithTimeout(c.t.Context(), time.Second)
		defer cancel()
		s, err := js.Stream(ctx, stream)
		if err != nil || s.CachedInfo().Cluster == nil {
			return false
		}
		for _, node := range c.Nodes {
			if node.setup.Name == s.CachedInfo().Cluster.Leader {
				leader = node
			}
		}
		return leader != nil
	})
	return leader
}
