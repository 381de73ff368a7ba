package flagctl

import (
	"bytes"
	"compress/gzip"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/evenkeel-go/evenkeel/internal/testbus"
)

// failure is what --json says of one.
type failure struct {
	Error struct {
		Message string
		Code    int
	}
}

// flag is a document with one flag that has the given members.
func flag(members string) []byte {
	return []byte(`{"flags": {"bad": {"state": "ENABLED", "variants": {"on": true}, ` + members + `}}}`)
}

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPut_refusesWhatIsNotValidAndStoresNothing(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	s.file("shop.json", []byte(shop))
	s.ok("put", "shop", "shop.json")
	for name, test := range map[string]struct {
		document []byte
		want     []string
	}{
		"malformed":      {[]byte("{\"flags\": {\n  \"a\": }"), []string{"expected a value, found '}'", "malformed.json:2:8: "}},
		"operator":       {flag(`"defaultVariant": "on", "targeting": {"matches": [1, 2]}`), []string{"flags.bad.targeting.matches", "operator.json:1:", `unknown operator "matches"`}},
		"defaultVariant": {flag(`"defaultVariant": "off"`), []string{"flags.bad.defaultVariant", `"off" is none of the flag's variants`}},
		"large":          {[]byte(`{"flags": {}}` + strings.Repeat(" ", 17<<20)), []string{"more than the 16777216 allowed", "over the limit"}},
		"deep":           {flag(`"defaultVariant": "on", "targeting": ` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)), []string{"nested deeper than 64 levels"}},
		"bomb":           {zipped(t, bytes.Repeat([]byte(" "), 64<<20)), []string{"inflates to more than the 16777216 bytes allowed"}},
		"torn":           {zipped(t, []byte(shop))[:60], []string{"inflate the document"}},
		"empty":          {nil, []string{"is empty"}},
	} {
		s.file(name+".json", test.document)
		want := append([]string{name + ".json"}, test.want...)
		s.fails(3, want, "put", "shop", name+".json")
		got := decode[failure](t, s.fails(3, nil, "put", "shop", name+".json", "--json").err)
		if !strings.Contains(got.Error.Message, test.want[0]) {
			t.Errorf("%s: --json says %q", name, got.Error.Message)
		}
		if r := s.run("validate", name+".json"); r.code != 3 || !strings.Contains(r.out, name+".json") {
			t.Errorf("validate %s: exit code %d: %s%s", name, r.code, r.out, r.err)
		}
	}
	if got := s.ok("get", "shop"); got != shop {
		t.Errorf("something was stored: %s", got)
	}
	if lines := strings.Count(s.ok("history", "shop"), "\n"); lines != 2 {
		t.Errorf("%d lines of history, want 2", lines)
	}
}

func TestValidate_listsAllProblemsAndNeedsNoBus(t *testing.T) {
	t.Parallel()
	s := shell{t: t, dir: t.TempDir(), env: []string{"NATS_URL=nats://127.0.0.1:1"}}
	s.file("good.json", []byte(shop))
	s.file("bad.json", []byte(`{"flags": {
  "a": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "off"},
  "b": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on", "targeting": {"foo": [1]}}
}}`))
	s.says(s.ok("validate", "good.json"), "good.json: valid, 2 flags")
	r := s.run("validate", "good.json", "bad.json", "missing.json")
	if r.code != 3 {
		t.Errorf("exit code %d", r.code)
	}
	s.says(r.out, "good.json: valid", "bad.json:2:", "bad.json:3:", "flags.a.defaultVariant", "flags.b.targeting.foo", "missing.json: read the document")
	s.fails(1, []string{"missing.json"}, "validate", "good.json", "missing.json") // it says nothing of a document
	s.says(s.feed(shop, "validate", "-").out, "-: valid, 2 flags")
	verdicts := decode[[]struct {
		File     string
		Valid    bool
		Problems []struct{ Path string }
	}](t, s.run("validate", "--json", "good.json", "bad.json").out)
	if len(verdicts) != 2 || !verdicts[0].Valid || verdicts[1].Valid || len(verdicts[1].Problems) != 2 {
		t.Errorf("got %+v", verdicts)
	}
}

func TestFlagctl_saysWhatWasWrongWithItsUse(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	s.file("shop.json", []byte(shop))
	s.ok("put", "shop", "shop.json")
	s.fails(2, []string{`unknown command "nonsense"`}, "nonsense")
	s.fails(2, []string{"accepts 2 arg(s)", "flagctl put SET FILE"}, "put", "shop")
	s.fails(2, []string{"--colour"}, "list", "--colour")
	s.fails(2, []string{`revision "x"`}, "rollback", "shop", "x")
	s.fails(2, []string{"--yes"}, "retire", "shop")
	s.fails(1, []string{`no variant "blue"`, `"on", "off"`}, "set-variant", "shop", "new-cart", "blue")
	s.fails(1, []string{`no flag "cart"`, "new-cart"}, "disable", "shop", "cart")
	s.fails(1, []string{"not found"}, "get", "nothing")
	s.fails(1, []string{"not found"}, "rollback", "shop", "99")
	s.fails(2, []string{"a-z, 0-9"}, "get", "shop.*")
	s.fails(2, []string{"a-z, 0-9"}, "list", "-e", "a.b")
	s.fails(2, []string{"--timeout"}, "list", "--timeout", "0s")
	s.fails(2, []string{"1, 3 or 5"}, "init", "--replicas", "2")
	s.fails(2, []string{"at least 2"}, "init", "--revisions", "1")
	s.fails(2, []string{`unknown command "tcsh"`}, "completion", "tcsh")
	if got := decode[failure](t, s.fails(2, nil, "list", "--colour", "--json").err); got.Error.Code != 2 || got.Error.Message == "" {
		t.Errorf("got %+v", got)
	}
	s.fails(1, []string{"not set up", "flagctl init --env nowhere"}, "list", "-e", "nowhere")
	s.fails(1, []string{"not set up", "flagctl init -e nowhere"}, "watch", "shop", "-e", "nowhere")
	s.fails(2, []string{"--actor"}, "disable", "shop", "banner", "--actor", " ")
	if got := s.ok("get", "shop"); got != shop {
		t.Errorf("something was stored: %s", got)
	}
}

func TestFlagctl_saysSoWhenTheBusIsAwayAndKeepsSecrets(t *testing.T) {
	t.Parallel()
	bus := testbus.Start(t, testbus.WithConfig(`authorization { user: ada, password: sesame99 }`))
	s := shell{t: t, dir: t.TempDir(), env: []string{"HOME=" + t.TempDir()}}
	secret := func(r result) {
		t.Helper()
		for _, word := range []string{"sesame", "wr0ng", "t0ken"} {
			if strings.Contains(r.out+r.err, word) {
				t.Errorf("%q is shown: %s%s", word, r.out, r.err)
			}
		}
	}
	at := func(user string) string { return "nats://" + user + "@" + bus.Addr() }
	secret(s.fails(4, []string{"Authorization Violation", "xxxxx@" + bus.Addr()}, "list", "-s", at("ada:wr0ng-pass")))
	secret(s.fails(4, []string{"Authorization Violation"}, "list", "-s", at("t0ken-t0ken"), "--json"))
	if r := s.fails(4, nil, "list", "-s", "nats://u:a@localhost:bad"); strings.Contains(r.err, "u:a") {
		t.Errorf("a short password is shown: %s", r.err)
	}
	s.ok("init", "-s", at("ada:sesame99"))
	s.env = append(s.env, "NATS_URL="+at("ada:sesame99"))
	secret(s.run("list", "--help"))
	bus.Pause()
	start := time.Now()
	secret(s.fails(4, []string{"cannot connect"}, "list", "--timeout", "1s"))
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("it took %s, with a timeout of 1s", took)
	}
	bus.Resume()
	bus.Stop()
	secret(s.fails(4, []string{"cannot connect", "check --server"}, "list"))
}

func TestHelp_hasAnExampleForEveryCommand(t *testing.T) {
	t.Parallel()
	s := shell{t: t, dir: t.TempDir()}
	commands := regexp.MustCompile(`(?m)^  ([a-z-]+) +\S`).FindAllStringSubmatch(s.ok("--help"), -1)
	if len(commands) < 13 {
		t.Fatalf("only %d commands in the help", len(commands))
	}
	for _, match := range commands {
		if name := match[1]; name != "flagctl" && name != "export" && name != "help" {
			s.says(s.ok(name, "--help"), "Examples:", "flagctl "+name)
		}
	}
	for _, name := range []string{"bash", "zsh", "fish", "powershell"} {
		s.says(s.ok("completion", name, "--help"), "Examples:", "flagctl completion "+name)
	}
	s.says(s.ok("--help"), "Exit codes:")
}

func TestCompletion_knowsSetsFlagsAndVariants(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	s.file("shop.json", []byte(shop))
	s.ok("put", "shop", "shop.json")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"disable", ""}, "shop"},
		{[]string{"disable", "shop", ""}, "new-cart\nbanner"},
		{[]string{"set-variant", "shop", "banner", ""}, "de\nen"},
		{[]string{"rollback", "shop", ""}, "1\t"},
	} {
		got := s.ok(append([]string{"__complete"}, test.args...)...)
		if !strings.HasPrefix(got, test.want) {
			t.Errorf("after %q: %s", test.args, got)
		}
	}
	script := s.file("complete.bash", []byte(s.ok("completion", "bash")))
	if out, err := exec.Command("bash", "-n", script).CombinedOutput(); err != nil {
		t.Errorf("the script is not bash: %v\n%s", err, out)
	}
}

func TestJSON_isPrintedByEveryCommand(t *testing.T) {
	t.Parallel()
	s, _ := login(t)
	s.file("shop.json", []byte(shop))
	for _, args := range [][]string{
		{"init"},
		{"put", "shop", "shop.json"},
		{"list"},
		{"list", "shop"},
		{"get", "shop"},
		{"set-variant", "shop", "new-cart", "on"},
		{"disable", "shop", "new-cart"},
		{"enable", "shop", "new-cart", "--dry-run"},
		{"history", "shop"},
		{"rollback", "shop", "1"},
		{"validate", "shop.json"},
		{"retire", "shop", "--yes"},
		{"version"},
	} {
		decode[any](t, s.ok(append(args, "--json")...))
	}
}
