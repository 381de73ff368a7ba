// Package flagctl drives the real flagctl command against a real bus.
package flagctl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evenkeel-go/evenkeel/internal/testbus"
)

// binary is the command under test, built once.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "flagctl")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "flagctl")
	build := exec.Command("go", "build", "-o", binary, "github.com/evenkeel-go/evenkeel/flags/cmd/flagctl")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build flagctl: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// shell is a user's shell, with a bus.
type shell struct {
	t   *testing.T
	env []string
	dir string
}

// login starts a bus with an environment called test and gives a shell for it.
func login(t *testing.T) (shell, *testbus.Server) {
	t.Helper()
	bus := testbus.Start(t)
	s := shell{t: t, dir: t.TempDir(), env: append(os.Environ(),
		"NATS_URL="+bus.URL(), "EVENKEEL_ENV=test", "EVENKEEL_ACTOR=ada@example.com", "NATS_CREDS=", "EVENKEEL_INBOX_PREFIX=")}
	s.ok("init")
	return s, bus
}

type result struct {
	code     int
	out, err string
}

// run runs flagctl with nothing on standard input.
func (s shell) run(args ...string) result { return s.feed("", args...) }

func (s shell) feed(in string, args ...string) result {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), binary, args...)
	cmd.Env, cmd.Dir, cmd.Stdin = s.env, s.dir, strings.NewReader(in)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	failure := cmd.Run()
	exit := (*exec.ExitError)(nil)
	if failure != nil && !errors.As(failure, &exit) {
		s.t.Fatal(failure)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), err.String()}
}

// ok runs flagctl, which must succeed, and returns what it printed.
func (s shell) ok(args ...string) string {
	s.t.Helper()
	r := s.run(args...)
	if r.code != 0 {
		s.t.Fatalf("flagctl %s: exit code %d\n%s%s", strings.Join(args, " "), r.code, r.out, r.err)
	}
	return r.out
}

// fails runs flagctl, which must exit with code and say all of want.
func (s shell) fails(code int, want []string, args ...string) result {
	s.t.Helper()
	r := s.run(args...)
	if r.code != code {
		s.t.Errorf("flagctl %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), r.code, code, r.out, r.err)
	}
	for _, text := range want {
		if !strings.Contains(r.err, text) {
			s.t.Errorf("flagctl %s: the error does not say %q:\n%s", strings.Join(args, " "), text, r.err)
		}
	}
	return r
}

// says checks that a text has all of want.
func (s shell) says(text string, want ...string) {
	s.t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			s.t.Errorf("%q is not in:\n%s", w, text)
		}
	}
}

// file writes a file into the shell's directory.
func (s shell) file(name string, content []byte) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// decode reads what --json printed.
func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, text)
	}
	return value
}

const shop = `{
  "flags": {
    "new-cart": {
      "state": "ENABLED",
      "variants": { "on": true, "off": false },
      "defaultVariant": "off"
    },
    "banner": {
      "state": "ENABLED",
      "variants": { "de": "Hallo", "en": "Hello" },
      "defaultVariant": "en",
      "targeting": { "if": [ { "==": [ { "var": "country" }, "de" ] }, "de", null ] }
    }
  }
}
`
