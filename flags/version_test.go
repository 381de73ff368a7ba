package flags

import (
	"testing"
	"time"
)

func at(second int, seq uint64) version { return version{time.Unix(int64(second), 0), seq} }

func TestTracker_takesPushesOnlyForward(t *testing.T) {
	var track tracker
	for _, row := range []struct {
		v    version
		want bool
	}{
		{at(10, 5), true},
		{at(10, 5), false}, // repeated
		{at(9, 4), false},  // reordered
		{at(10, 6), true},  // the same time, a later sequence
		{at(12, 1), true},  // a stream that was made anew
	} {
		if got := track.push(row.v, time.Unix(0, 0)); got != row.want {
			t.Errorf("push(%v): got %v, want %v", row.v, got, row.want)
		}
	}
}

func TestTracker_doubtsAnOlderReadUntilItLasts(t *testing.T) {
	now := time.Unix(1000, 0)
	track := tracker{held: at(20, 7)}
	for i, want := range []verdict{doubted, doubted, doubted, adopted} {
		if got := track.read(at(10, 3), now.Add(time.Duration(i)*4*time.Second)); got != want {
			t.Errorf("read %d: got %d, want %d", i, got, want)
		}
	}
	if track.held != at(10, 3) {
		t.Errorf("held %v", track.held)
	}
}

func TestTracker_forgetsADoubtWhenTheStoreCatchesUp(t *testing.T) {
	now := time.Unix(1000, 0)
	track := tracker{held: at(20, 7)}
	track.read(at(10, 3), now)
	track.read(at(10, 3), now.Add(8*time.Second))
	if got := track.read(at(20, 7), now.Add(9*time.Second)); got != confirmed {
		t.Fatalf("got %d, want confirmed", got)
	}
	if got := track.read(at(10, 3), now.Add(11*time.Second)); got != doubted {
		t.Errorf("a new doubt: got %d, want doubted", got)
	}
	if got := track.read(at(21, 8), now.Add(12*time.Second)); got != advanced {
		t.Errorf("got %d, want advanced", got)
	}
}
