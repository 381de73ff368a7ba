package flags

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"
)

func TestInflate_neverReadsOverTheLimit(t *testing.T) {
	limits, err := Limits{MaxBytes: 1000}.check()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		data []byte
		ok   bool
	}{
		{"raw at the limit", bytes.Repeat([]byte(" "), 1000), true},
		{"raw over it", bytes.Repeat([]byte(" "), 1001), false},
		{"gzip at the limit", deflate(bytes.Repeat([]byte(" "), 1000)), true},
		{"gzip over it", deflate(bytes.Repeat([]byte(" "), 1001)), false},
		{"several gzip streams over it", bytes.Repeat(deflate(bytes.Repeat([]byte(" "), 600)), 2), false},
		{"a bomb", deflate(make([]byte, 64<<20)), false},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		text, err := limits.inflate(row.data)
		runtime.ReadMemStats(&after)
		if row.ok && (err != nil || len(text) != 1000) || !row.ok && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: got %d bytes, %v", row.name, len(text), err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s: allocated %d bytes", row.name, used)
		}
	}
}

func TestLimits_fillInDefaultsAndRefuseNonsense(t *testing.T) {
	got, err := Limits{MaxDepth: 7}.check()
	want := DefaultLimits()
	want.MaxDepth = 7
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, err := (Limits{MaxRuleCost: -1}).check(); err == nil || !strings.Contains(err.Error(), "Limits.MaxRuleCost is -1") {
		t.Errorf("got %v", err)
	}
}
