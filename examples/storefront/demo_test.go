package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The programs under test, built once.
var storefrontBinary, flagctlBinary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "storefront")
	if err != nil {
		panic(err)
	}
	storefrontBinary, flagctlBinary = filepath.Join(dir, "storefront"), filepath.Join(dir, "flagctl")
	for binary, path := range map[string]string{
		storefrontBinary: "github.com/evenkeel-go/evenkeel/examples/storefront",
		flagctlBinary:    "github.com/evenkeel-go/evenkeel/flags/cmd/flagctl",
	} {
		args := []string{"build", "-o", binary}
		if underRace() { // or the detector would see only the tests
			args = append(args, "-race")
		}
		if out, err := exec.Command("go", append(args, path)...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n%s", path, err, out)
			os.Exit(1)
		}
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// underRace says whether these tests were built with the race detector.
func underRace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// demo is a running storefront.
type demo struct {
	t    *testing.T
	cmd  *exec.Cmd
	dir  string
	page string // its address
	bus  string // the bus's URL
	end  chan error
}

// startDemo starts the storefront on a free port, on its own bus or on url.
func startDemo(t *testing.T, dir, url string) *demo {
	t.Helper()
	d := &demo{t: t, dir: dir, bus: url, end: make(chan error, 1)}
	d.cmd = exec.Command(storefrontBinary, "-addr", "127.0.0.1:0", "-dir", dir)
	d.cmd.Env = append(os.Environ(), "NATS_URL="+url, "NATS_CREDS=")
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var stderr bytes.Buffer
	d.cmd.Stderr = &stderr
	stdout, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if match := regexp.MustCompile(`http://\S+`).FindString(lines.Text()); match != "" {
				found <- match
			}
		}
		d.end <- d.cmd.Wait()
		close(d.end)
	}()
	t.Cleanup(func() {
		_ = d.cmd.Process.Kill()
		for range d.end {
		}
		if strings.Contains(stderr.String(), "DATA RACE") {
			t.Error(stderr.String())
		}
	})
	select {
	case d.page = <-found:
	case <-d.end:
		t.Fatalf("the storefront has ended: %s", stderr.String())
	case <-time.After(20 * time.Second):
		t.Fatal("the storefront did not start within 20s")
	}
	if url == "" {
		text, err := os.ReadFile(filepath.Join(dir, "bus.url"))
		if err != nil {
			t.Fatal(err)
		}
		d.bus = strings.TrimSpace(string(text))
	}
	return d
}

// flagctl runs flagctl against the demo's bus.
func (d *demo) flagctl(args ...string) string {
	d.t.Helper()
	cmd := exec.Command(flagctlBinary, args...)
	cmd.Env = append(os.Environ(), "NATS_URL="+d.bus, "EVENKEEL_ENV=dev", "EVENKEEL_ACTOR=ada@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		d.t.Fatalf("flagctl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// interrupt presses Ctrl-C and waits for the end.
func (d *demo) interrupt() {
	d.t.Helper()
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		d.t.Fatal(err)
	}
	select {
	case err := <-d.end:
		if err != nil {
			d.t.Errorf("after Ctrl-C: %v", err)
		}
	case <-time.After(5 * time.Second):
		d.t.Error("it has not ended 5s after Ctrl-C")
	}
}

func TestStorefront_endsCleanAndKeepsItsState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := startDemo(t, dir, "")
	stream, err := http.Get(first.page + "/events") // a page that stays open must not hold up the end
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	// Nor must a connection that a browser opened for later.
	ahead, err := net.Dial("tcp", strings.TrimPrefix(first.page, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer ahead.Close()
	first.flagctl("set-variant", "shop", "new-checkout", "on", "--reason", "keep me")
	first.interrupt()
	second := startDemo(t, dir, "")
	if second.bus != first.bus {
		t.Error("the bus has another address than before")
	}
	if out := second.flagctl("history", "shop"); !strings.Contains(out, "keep me") {
		t.Errorf("the change is gone:\n%s", out)
	}
	if info, err := os.Stat(filepath.Join(dir, "bus.url")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file with the token: %v %v", info.Mode(), err)
	}
}

func TestStorefront_refusesADirectoryInUse(t *testing.T) {
	t.Parallel()
	first := startDemo(t, t.TempDir(), "")
	cmd := exec.Command(storefrontBinary, "-addr", "127.0.0.1:0", "-dir", first.dir)
	cmd.Env = append(os.Environ(), "NATS_URL=")
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "in use by another storefront") || !strings.Contains(string(out), "-dir") {
		t.Errorf("exit code %d: %s", cmd.ProcessState.ExitCode(), out)
	}
}

func TestStorefront_refusesRequestsOfOthers(t *testing.T) {
	t.Parallel()
	d := startDemo(t, t.TempDir(), "")
	change := `{"key": "new-checkout", "enabled": false}`
	_, port, _ := strings.Cut(strings.TrimPrefix(d.page, "http://"), ":")
	for name, test := range map[string]struct {
		host, origin, kind, body string
		want                     int
	}{
		"our own page":       {"", d.page, "application/json", change, http.StatusNoContent},
		"another host name":  {"evil.example", "", "application/json", change, http.StatusForbidden},
		"another name here":  {"evil.example:" + port, "", "application/json", change, http.StatusForbidden},
		"another port":       {"127.0.0.1:1", "", "application/json", change, http.StatusForbidden},
		"no port":            {"localhost", "", "application/json", change, http.StatusForbidden},
		"localhost":          {"localhost:" + port, "", "application/json", change, http.StatusNoContent},
		"another origin":     {"", "http://evil.example", "application/json", change, http.StatusForbidden},
		"a form":             {"", d.page, "application/x-www-form-urlencoded", "key=x", http.StatusUnsupportedMediaType},
		"a flag that is not": {"", d.page, "application/json", `{"key": "nothing", "enabled": true}`, http.StatusUnprocessableEntity},
		"too much":           {"", d.page, "application/json", `{"key": "` + strings.Repeat("x", 5000) + `"}`, http.StatusBadRequest},
	} {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, d.page+"/api/flag", strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = test.host
		r.Header.Set("Content-Type", test.kind)
		if test.origin != "" {
			r.Header.Set("Origin", test.origin)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != test.want {
			t.Errorf("%s: %d, want %d", name, answer.StatusCode, test.want)
		}
	}
}

// TestStorefront_saysSoonThatAHungBusDoesNotAnswer stops the process that has
// the bus, so that connections stay open and nothing is answered.
func TestStorefront_saysSoonThatAHungBusDoesNotAnswer(t *testing.T) {
	t.Parallel()
	owner := startDemo(t, t.TempDir(), "")
	d := startDemo(t, t.TempDir(), owner.bus)
	if err := owner.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for range 3 { // the connection notices meanwhile, and reconnects in vain
		start := time.Now()
		answer, err := http.Post(d.page+"/api/flag", "application/json", strings.NewReader(`{"key": "new-checkout", "enabled": false}`))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d after %s: %s", answer.StatusCode, time.Since(start), text)
		if answer.StatusCode != http.StatusServiceUnavailable || !strings.HasPrefix(string(text), "the bus ") {
			t.Errorf("%d: %s", answer.StatusCode, text)
		}
		if took := time.Since(start); took > 3500*time.Millisecond {
			t.Errorf("the answer took %s, want about 3s at most", took)
		}
	}
}
