package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// The flags that every candidate loads: one of a kind each and size more for
// look-ups among many, each with a rule like "rule", but with a text of its own.
const size = 10_000

// The workloads. In all of them the context has a key and five attributes, and
// is built once.
var workloads = []string{"static", "rule", "nested", "fractional", "lookup10k"}

// The context's attributes.
const (
	userKey = "user-4711"
	email   = "ada.lovelace@example.com"
	country = "de"
	plan    = "pro"
	age     = 36
	beta    = true
)

// keys of the flags that lookup10k asks for, in an order that no cache likes.
var shuffled = func() []string {
	keys := make([]string, size)
	for i := range keys {
		keys[i] = "flag-" + strconv.Itoa(i)
	}
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(size, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return keys
}()

// suffix is what the workload "rule" looks for, suffixOf what another flag does.
const suffix = "@example.com"

func suffixOf(key string) string { return "@" + key + ".example.com" }

// next gives lookup10k's keys in a row.
type next struct{ at int }

func (n *next) key() string {
	n.at++
	if n.at == size {
		n.at = 0
	}
	return shuffled[n.at]
}

const onOff = `"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off"`

// rules are the rules in flagd's language; nested reaches all five conditions.
var rules = map[string]string{
	"static":     ``,
	"rule":       `, "targeting": {"if": [{"ends_with": [{"var": "email"}, "@example.com"]}, "on", "off"]}`,
	"nested":     `, "targeting": {"if": [{"and": [{"==": [{"var": "plan"}, "pro"]}, {"in": [{"var": "country"}, ["at", "ch", "de"]]}, {">=": [{"var": "age"}, 18]}, {"!": [{"starts_with": [{"var": "email"}, "test"]}]}, {"==": [{"var": "beta"}, true]}]}, "on", "off"]}`,
	"fractional": `, "targeting": {"fractional": [["on", 25], ["off", 25], ["on", 50]]}`,
}

// document is the flags in flagd's format; changed decides flag-0.
func document(flags int, changed bool) []byte {
	var b strings.Builder
	b.WriteString(`{"flags": {`)
	for _, name := range workloads[:4] {
		fmt.Fprintf(&b, "\n\"%s\": {%s%s},", name, onOff, rules[name])
	}
	for i := range flags {
		if i > 0 {
			b.WriteByte(',')
		}
		rule := strings.Replace(rules["rule"], suffix, suffixOf(fmt.Sprint("flag-", i)), 1)
		if i == 0 && changed {
			rule = rules["nested"]
		}
		fmt.Fprintf(&b, "\n\"flag-%d\": {%s%s}", i, onOff, rule)
	}
	b.WriteString("\n}}")
	return []byte(b.String())
}
