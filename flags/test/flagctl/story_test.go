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

func TestPut_showsAndUndoesWhatItReplaced(t *testing.T) {
	t.Parallel()
	s, bus := login(t)
	s.file("a.json", []byte(shop))
	s.file("b.json", []byte(strings.Replace(shop, "Hello", "Good day", 1)))
	s.ok("put", "shop", "a.json")
	s.says(s.ok("put", "shop", "b.json"), "Undo with: flagctl rollback shop 1 -e test\n")
	const writers = 8
	var group sync.WaitGroup
	outcomes := make(chan outcome, writers)
	for i := range writers {
		name := s.file("w"+strconv.Itoa(i)+".json", []byte(strings.Replace(shop, "Hello", "Hello "+strconv.Itoa(i), 1)))
		group.Go(func() {
			outcomes <- decode[outcome](t, s.ok("put", "shop", name, "--json"))
		})
	}
	group.Wait()
	close(outcomes)
	for o := range outcomes { // each diff starts where its undo leads, whoever else was writing
		previous := strings.Fields(o.Undo)[3]
		_, replaced, _ := strings.Cut(o.Diff, "\n-")
		replaced, _, _ = strings.Cut(replaced, "\n")
		if got := s.ok("get", "shop", "--revision", previous); replaced == "" || !strings.Contains(got, replaced+"\n") {
			t.Errorf("revision %d shows that it replaced\n%s\nbut its undo %q leads to\n%s", o.Revision.Revision, replaced, o.Undo, got)
		}
	}
	// What was given by flags has to be given again; secrets are not shown.
	s.says(s.ok("disable", "shop", "banner", "-s", "nats://ada:sesame@"+bus.Addr()), "--server nats://xxxxx@"+bus.Addr())
	s.says(s.ok("enable", "shop", "banner", "-s", bus.URL()), "-e test --server "+bus.URL())
}

// outcome is what --json says of a change.
type outcome struct {
	Changed    bool
	Diff, Undo string
	Revision   struct{ Revision uint64 }
}

func TestPut_takesStandardInputAndGzip(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	if r := s.feed(shop, "put", "shop", "-"); r.code != 0 {
		t.Fatal(r.err)
	}
	if r := s.feed(string(zipped(t, []byte(shop))), "put", "shop", "-"); r.code != 0 || !strings.Contains(r.out, "Nothing to change") {
		t.Errorf("the same in gzip: %s%s", r.out, r.err)
	}
	if got := s.ok("get", "shop"); got != shop {
		t.Errorf("got %s", got)
	}
}

func TestFlagctl_keepsATerminalFromObeyingADocument(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	s.file("evil.json", []byte(strings.Replace(shop, "Hello", "\u009b31mHello\u007f", 1)))
	for _, out := range []string{
		s.ok("put", "evil", "evil.json", "--reason", "\u009b2J"), s.ok("history", "evil"), s.ok("list"), s.ok("list", "evil"),
	} {
		if strings.ContainsAny(out, "\u009b\u007f\x1b") {
			t.Errorf("a control character is shown: %q", out)
		}
	}
}
