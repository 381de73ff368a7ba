package testbus

import (
	"testing"
	"time"
)

// Eventually waits until cond holds, and fails the test if it does not within
// the time; what says what was waited for. It returns how long it took.
func Eventually(t testing.TB, within time.Duration, what string, cond func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		if time.Since(start) > within {
			t.Fatalf("waited %s in vain until %s", within, what)
		}
		<-tick.C
	}
	return time.Since(start)
}
