package flagctl

import (
	"bufio"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/evenkeel-go/evenkeel/flags"
)

func TestFlagctl_tellsTheWholeStoryOfASet(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	s.file("shop.json", []byte(shop))
	s.says(s.ok("list"), `No flag sets in "test" yet`)
	s.says(s.ok("put", "shop", "shop.json", "--reason", "first flags"), "+++ after", "revision 1.", "Undo with: flagctl retire shop -e test")
	s.says(s.ok("put", "shop", "shop.json"), "Nothing to change")
	s.says(s.ok("list"), "shop", "ada@example.com", "first flags")
	s.says(s.ok("set-variant", "shop", "new-cart", "on", "--reason", "launch"),
		`-      "defaultVariant": "off"`, `+      "defaultVariant": "on"`, "revision 2.", "Undo with: flagctl rollback shop 1 -e test")
	s.says(s.ok("disable", "shop", "new-cart", "--reason", "errors since 10:05"), `+      "state": "DISABLED"`, "revision 3.")
	s.says(s.ok("list", "shop"), "new-cart  off    on", `{"if":[{"==":[{"var":"country"},"de"]},"de",null]}`)
	history := s.ok("history", "shop")
	s.says(history, "errors since 10:05", "launch", "first flags", "banner,new-cart")
	if lines := strings.Split(strings.TrimSpace(history), "\n"); len(lines) != 4 || !strings.HasPrefix(lines[1], "3 ") {
		t.Errorf("not newest first:\n%s", history)
	}
	s.says(s.ok("rollback", "shop", "1"), "revision 4.")
	if got := s.ok("get", "shop"); got != shop {
		t.Errorf("the document did not come back as it was:\n%s", got)
	}
	if got := s.ok("get", "shop", "--revision", "1"); got != shop {
		t.Errorf("revision 1 is not what was put:\n%s", got)
	}
	s.says(s.ok("retire", "shop", "--yes", "--reason", "moved"), "revision 5.", "Undo with: flagctl rollback shop 4")
	s.says(s.ok("list"), "retired")
	s.fails(1, []string{"retired", "rollback"}, "get", "shop")
	s.ok("rollback", "shop", "4")
	if got := s.ok("get", "shop"); got != shop {
		t.Errorf("the retired set did not come back as it was:\n%s", got)
	}
}

func TestFlagctl_undoIsACommandThatUndoes(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	s.file("shop.json", []byte(shop))
	s.ok("put", "shop", "shop.json")
	out := s.ok("disable", "shop", "banner")
	_, undo, found := strings.Cut(strings.TrimSpace(out), "Undo with: flagctl ")
	if !found {
		t.Fatal(out)
	}
	s.ok(strings.Fields(undo)...)
	if got := s.ok("get", "shop"); got != shop {
		t.Errorf("undone, but it is:\n%s", got)
	}
}

func TestFlagctl_dryRunStoresNothing(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	s.file("shop.json", []byte(shop))
	s.says(s.ok("put", "shop", "shop.json", "--dry-run"), "+++ after", "nothing was stored")
	s.fails(1, []string{"not found"}, "get", "shop")
	s.ok("put", "shop", "shop.json")
	for _, args := range [][]string{
		{"disable", "shop", "banner"},
		{"set-variant", "shop", "new-cart", "on"},
		{"retire", "shop"},
	} {
		s.says(s.ok(append(args, "--dry-run")...), "--- before", "nothing was stored")
	}
	if got := s.ok("get", "shop"); got != shop {
		t.Errorf("a dry run has changed it to:\n%s", got)
	}
}

func TestFlagctl_changesAtTheSameTimeAllHold(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	const writers = 8
	var members []string
	for i := range writers {
		members = append(members, `"f`+strconv.Itoa(i)+`": {"state": "ENABLED", "variants": {"a": 1, "b": 2}, "defaultVariant": "a"}`)
	}
	s.file("many.json", []byte(`{"flags": {`+strings.Join(members, ",")+`}}`))
	s.ok("put", "many", "many.json")
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			if r := s.run("set-variant", "many", "f"+strconv.Itoa(i), "b"); r.code != 0 {
				t.Errorf("writer %d: %s", i, r.err)
			}
		})
	}
	group.Wait()
	for _, f := range decode[[]flags.Flag](t, s.ok("list", "many", "--json")) {
		if f.DefaultVariant != "b" {
			t.Errorf("the change of %s was lost", f.Key)
		}
	}
}

func TestWatch_showsEachChangeAndEndsWithCtrlC(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	s.file("shop.json", []byte(shop))
	s.ok("put", "shop", "shop.json")
	cmd := exec.CommandContext(t.Context(), binary, "watch", "shop", "--json")
	cmd.Env = s.env
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	type line struct {
		State     string
		Changed   []string
		LatencyMS float64
		Revision  struct{ Actor, Reason string }
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || decode[line](t, lines.Text()).State != "READY" {
		t.Fatalf("first line: %s", lines.Text())
	}
	s.ok("disable", "shop", "banner", "--reason", "watch me")
	for lines.Scan() {
		got := decode[line](t, lines.Text())
		if len(got.Changed) == 0 {
			continue // a confirmation
		}
		if got.Changed[0] != "banner" || got.Revision.Reason != "watch me" || got.Revision.Actor != "ada@example.com" || got.LatencyMS <= 0 {
			t.Errorf("got %s", lines.Text())
		}
		t.Logf("seen after %.1f ms", got.LatencyMS)
		break
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		for lines.Scan() { // until it closes its end
		}
		ended <- cmd.Wait()
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("after Ctrl-C: %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("it does not end with Ctrl-C")
	}
}
