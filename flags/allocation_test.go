package flags_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/evenkeel-go/evenkeel/flags"
)

// workloads are the rules that the benchmarks measure, for values of a type.
var workloads = map[string]string{
	"static":     ``,
	"rule":       `, "targeting": {"if": [{"ends_with": [{"var": "email"}, "@example.com"]}, "on", "off"]}`,
	"nested":     `, "targeting": {"if": [{"and": [{"==": [{"var": "plan"}, "pro"]}, {"in": [{"var": "country"}, ["at", "ch", "de"]]}, {">=": [{"var": "age"}, 18]}, {"!": [{"starts_with": [{"var": "email"}, "test"]}]}, {"sem_ver": [{"var": "version"}, ">=", "1.2.0"]}]}, "on", "off"]}`,
	"fractional": `, "targeting": {"fractional": [["on", 25], ["off", 25], ["on", 50]]}`,
}

func TestSet_doesNotAllocate(t *testing.T) {
	values := map[string]string{"bool": "true", "string": `"text"`, "int": "42", "float": "0.5"}
	var members []string
	for kind, value := range values {
		for workload, rule := range workloads {
			members = append(members, strconv.Quote(workload+"/"+kind)+`: {"state": "ENABLED", "variants": {"on": `+value+`, "off": `+value+`}, "defaultVariant": "off"`+rule+`}`)
		}
		for i := range 2500 {
			members = append(members, strconv.Quote("lookup/"+kind+strconv.Itoa(i))+`: {"state": "ENABLED", "variants": {"on": `+value+`, "off": `+value+`}, "defaultVariant": "off"`+workloads["rule"]+`}`)
		}
	}
	set := static(t, `{"flags": {`+strings.Join(members, ",\n")+`}}`)
	ctx := context.Background()
	ec := flags.NewContext("user-1", flags.StringAttr("email", "ada@example.com"), flags.StringAttr("country", "de"),
		flags.StringAttr("plan", "pro"), flags.IntAttr("age", 36), flags.StringAttr("version", "1.3.0"))
	evaluate := map[string]func(key string){
		"bool":   func(key string) { set.Bool(ctx, key, false, ec) },
		"string": func(key string) { set.String(ctx, key, "", ec) },
		"int":    func(key string) { set.Int(ctx, key, 0, ec) },
		"float":  func(key string) { set.Float(ctx, key, 0, ec) },
	}
	for kind, run := range evaluate {
		for workload := range workloads {
			key := workload + "/" + kind
			if got := testing.AllocsPerRun(100, func() { run(key) }); got != 0 {
				t.Errorf("%s: %v allocations, want 0", key, got)
			}
			if d := set.BoolDetails(ctx, key, false, ec); kind == "bool" && d.ErrorCode != "" {
				t.Errorf("%s: %+v", key, d)
			}
		}
		keys := make([]string, 2500)
		for i := range keys {
			keys[i] = "lookup/" + kind + strconv.Itoa(i)
		}
		i := 0
		if got := testing.AllocsPerRun(2000, func() { i++; run(keys[i%len(keys)]) }); got != 0 {
			t.Errorf("lookup/%s: %v allocations, want 0", kind, got)
		}
	}
}
