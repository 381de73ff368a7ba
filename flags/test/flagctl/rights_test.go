package flagctl

import (
	"strings"
	"testing"
	"time"

	"github.com/evenkeel-go/evenkeel/internal/testbus"
)

// rights has an operator with what the README of flags lists, and a reader
// who may only look at one set.
const rights = `authorization { users: [
  { user: root, password: secret-root }
  { user: oper, password: secret-oper, permissions: {
    publish: [
      "evenkeel.flags.test.*"
      "$JS.API.STREAM.INFO.EVENKEEL_FLAGS_test"
      "$JS.API.STREAM.MSG.GET.EVENKEEL_FLAGS_test"
      "$JS.API.DIRECT.GET.EVENKEEL_FLAGS_test.>"
      "$JS.API.CONSUMER.CREATE.EVENKEEL_FLAGS_test.>"
      "$JS.API.CONSUMER.MSG.NEXT.EVENKEEL_FLAGS_test.>"
      "$JS.API.CONSUMER.DELETE.EVENKEEL_FLAGS_test.>"
    ]
    subscribe: [ "evenkeel.push.flags.test.*", "_INBOX_oper.>" ]
  } }
  { user: reader, password: secret-reader, permissions: {
    publish: [ "$JS.API.STREAM.INFO.EVENKEEL_FLAGS_test", "$JS.API.DIRECT.GET.EVENKEEL_FLAGS_test.evenkeel.flags.test.shop" ]
    subscribe: [ "_INBOX_reader.>" ]
  } }
] }`

func TestFlagctl_needsOnlyAnOperatorsRights(t *testing.T) {
	t.Parallel()
	s, as := guarded(t)
	s.env = append(s.env, as("oper")...)
	s.ok("put", "shop", "shop.json")
	s.ok("set-variant", "shop", "new-cart", "on")
	s.ok("disable", "shop", "new-cart")
	s.ok("list")
	s.ok("list", "shop")
	s.says(s.ok("history", "shop"), "new-cart")
	s.ok("get", "shop", "--revision", "1")
	s.ok("rollback", "shop", "1")
	s.ok("retire", "shop", "--yes")
}

func TestFlagctl_saysWhichRightIsMissingAtOnce(t *testing.T) {
	t.Parallel()
	s, as := guarded(t)
	s.env = append(s.env, as("root")...)
	s.ok("put", "shop", "shop.json")
	s.env = append(s.env, as("reader")...)
	s.ok("list", "shop")
	start := time.Now()
	for subject, args := range map[string][]string{
		"evenkeel.flags.test.shop":      {"disable", "shop", "new-cart"},
		"$JS.API.CONSUMER.CREATE":       {"history", "shop"},
		"$JS.API.STREAM.MSG.GET":        {"rollback", "shop", "1"},
		"evenkeel.push.flags.test.shop": {"watch", "shop"},
		"_INBOX":                        {"list", "shop", "--inbox-prefix", "_INBOX"},
	} {
		r := s.fails(4, []string{"lacks a right", "Permissions Violation", subject, "--inbox-prefix"}, append(args, "--timeout", "1m")...)
		if strings.Contains(r.err+r.out, "secret-reader") {
			t.Errorf("the password is shown: %s", r.err)
		}
	}
	if took := time.Since(start); took > 20*time.Second { // of five times a minute
		t.Errorf("it took %s", took)
	}
	s.env = append(s.env, as("root")...)
	if got := s.ok("get", "shop"); got != shop {
		t.Errorf("something was stored: %s", got)
	}
}

// guarded gives a shell on a bus with rights, and the variables that make it
// a user's.
func guarded(t *testing.T) (shell, func(user string) []string) {
	t.Helper()
	bus := testbus.Start(t, testbus.WithConfig(rights))
	as := func(user string) []string {
		return []string{"NATS_URL=nats://" + user + ":secret-" + user + "@" + bus.Addr(), "EVENKEEL_INBOX_PREFIX=_INBOX_" + user}
	}
	s := shell{t: t, dir: t.TempDir(), env: []string{"EVENKEEL_ENV=test", "EVENKEEL_ACTOR=ada@example.com"}}
	s.file("shop.json", []byte(shop))
	s.env = append(s.env, as("root")...)
	s.ok("init")
	return s, as
}
