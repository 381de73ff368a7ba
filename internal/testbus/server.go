package testbus

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// readyWithin bounds how long a server may take to start.
const readyWithin = 20 * time.Second

// setup is what a server is started with; a child process gets it as JSON.
type setup struct {
	Name       string
	Dir        string
	Port       int    // 0: no listener
	Config     string // a piece of a nats-server configuration: accounts, users
	MaxPayload int32
	Cluster    string   // the cluster's name; "" for a single server
	ClusterAt  int      // the port of this node's routes
	Routes     []string // URLs of all nodes' routes
}

// options is a safe configuration: the stock one listens on all interfaces,
// shares a store directory between servers and never syncs.
func (s setup) options() (*server.Options, error) {
	config := fmt.Sprintf("jetstream { store_dir: %q, max_mem: 64M, max_file: 1G, sync_interval: always }\n%s", s.Dir, s.Config)
	file := filepath.Join(s.Dir, "nats.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	o, err := server.ProcessConfigFile(file)
	if err != nil {
		return nil, fmt.Errorf("testbus: the configuration is not valid: %w", err)
	}
	o.ServerName = s.Name
	o.Host = "127.0.0.1"
	o.Port = s.Port
	o.DontListen = s.Port == 0
	o.NoSigs = true
	o.NoLog = true
	o.SyncAlways = true
	if s.MaxPayload > 0 {
		o.MaxPayload = s.MaxPayload
	}
	if s.Cluster != "" {
		o.Cluster = server.ClusterOpts{Name: s.Cluster, Host: "127.0.0.1", Port: s.ClusterAt}
		for _, route := range s.Routes {
			o.Routes = append(o.Routes, server.RoutesFromStr(route)...)
		}
	}
	return o, nil
}

// serve starts a server in this process. It takes no directory that another
// server has: two on one directory destroy each other's data without a word.
func (s setup) serve() (*server.Server, func(), error) {
	unlock, err := lock(s.Dir)
	if err != nil {
		return nil, nil, err
	}
	o, err := s.options()
	if err != nil {
		unlock()
		return nil, nil, err
	}
	running, err := server.NewServer(o)
	if err != nil {
		unlock()
		return nil, nil, fmt.Errorf("testbus: make the server: %w", err)
	}
	go running.Start()
	stop := func() {
		running.Shutdown()
		running.WaitForShutdown()
		unlock()
	}
	if !running.ReadyForConnections(readyWithin) {
		stop()
		return nil, nil, fmt.Errorf("testbus: server %q on port %d was not ready within %s", s.Name, s.Port, readyWithin)
	}
	return running, stop, nil
}

// lock takes the directory for this process.
func lock(dir string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(file.Name())
		_ = file.Close()
		return nil, fmt.Errorf("testbus: directory %q belongs to the server of process %s: %w", dir, holder, err)
	}
	_ = file.Truncate(0)
	_, _ = file.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	return func() { _ = file.Close() }, nil
}

// childVariable holds the setup of a child process, which is this very test
// binary once more: so no command has to be built, and it is always the same
// server version.
const childVariable = "EVENKEEL_TESTBUS_CHILD"

func init() {
	text := os.Getenv(childVariable)
	if text == "" {
		return
	}
	os.Exit(child(text))
}

func child(text string) int {
	var s setup
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	running, stop, err := s.serve()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("ready") // the parent waits for it
	_ = running
	<-ended
	stop()
	return 0
}
