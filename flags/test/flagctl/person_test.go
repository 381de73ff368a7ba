package flagctl

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/evenkeel-go/evenkeel/internal/testbus"
)

// terminal runs flagctl at a terminal and returns it with what it prints there.
func (s shell) terminal(args ...string) (*exec.Cmd, *os.File) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), binary, args...)
	cmd.Env, cmd.Dir = s.env, s.dir
	screen, err := pty.Start(cmd)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { screen.Close() })
	return cmd, screen
}

// reads waits until the terminal shows text, and returns all it showed.
func (s shell) reads(screen io.Reader, text string) string {
	s.t.Helper()
	var shown bytes.Buffer
	one := make([]byte, 1)
	for !strings.Contains(shown.String(), text) {
		if _, err := screen.Read(one); err != nil {
			s.t.Fatalf("%v, after:\n%s", err, shown.String())
		}
		shown.Write(one)
	}
	return shown.String()
}

func TestRetire_asksAtATerminal(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	s.file("shop.json", []byte(shop))
	s.ok("put", "shop", "shop.json")
	for _, answer := range []string{"\n", "n\n", "\x03", "yes\n"} {
		cmd, screen := s.terminal("retire", "shop", "--reason", "moved")
		s.says(s.reads(screen, "[y/N] "), `set "shop" of "test" with 2 flags`, "turn stale", "history stays")
		if _, err := io.WriteString(screen, answer); err != nil { // \x03 is Ctrl-C
			t.Fatal(err)
		}
		if answer == "yes\n" {
			s.reads(screen, "Undo with: flagctl rollback shop 1 -e test")
		}
		err := cmd.Wait()
		if retired := strings.Contains(s.ok("list"), "retired"); retired != (answer == "yes\n") || retired != (err == nil) {
			t.Errorf("answer %q: retired %t, %v", answer, retired, err)
		}
	}
	s.fails(1, []string{"retired"}, "retire", "shop", "--yes")
}

func TestRetire_asksNobodyWhereThereIsNoTerminal(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	s.file("shop.json", []byte(shop))
	s.ok("put", "shop", "shop.json")
	if r := s.feed("yes\n", "retire", "shop"); r.code != 2 || !strings.Contains(r.err, "--yes") {
		t.Errorf("exit code %d: %s", r.code, r.err)
	}
	s.ok("get", "shop")
}

func TestFlagctl_endsWithCtrlCWhileTheBusIsSilent(t *testing.T) {
	t.Parallel()
	bus := testbus.Start(t)
	bus.Pause()
	defer bus.Resume()
	for _, args := range [][]string{{"list"}, {"watch", "shop"}} {
		cmd := exec.CommandContext(t.Context(), binary, append(args, "--timeout", "1m", "-s", bus.URL())...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// It has started when it has a socket: before that, Go's runtime may not be up.
		testbus.Eventually(t, 10*time.Second, "it connects", func() bool { return hasSocket(cmd.Process.Pid) })
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err := cmd.Wait()
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q: it took %s to end", args, took)
		}
		if watching := args[0] == "watch"; watching != (err == nil) {
			t.Errorf("%q: %v", args, err)
		}
	}
}

func hasSocket(pid int) bool {
	dir := "/proc/" + strconv.Itoa(pid) + "/fd/"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, entry := range entries {
		if target, err := os.Readlink(dir + entry.Name()); err == nil && strings.HasPrefix(target, "socket:") {
			return true
		}
	}
	return false
}
