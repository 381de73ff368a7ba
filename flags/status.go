package flags

import (
	"fmt"
	"time"
)

// State is how far a [Set] can be trusted.
type State uint8

// The states of a Set. In all of them evaluations work.
const (
	// NotReady: no document has arrived; callers get their own default values.
	NotReady State = iota
	// Ready: the latest document is served, and the bus confirmed it lately.
	Ready
	// Stale: the last good document is served, but it may be old; see Status.Err.
	Stale
	// Closed: the Set was closed; the last values are still served.
	Closed
)

func (s State) String() string {
	return [...]string{"NOT_READY", "READY", "STALE", "CLOSED"}[s]
}

// MarshalText gives the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Source is where the served document came from.
type Source string

// The sources of a document.
const (
	SourceNone   Source = ""
	SourceBus    Source = "bus"
	SourceDisk   Source = "disk" // see WithDirectory; until the bus confirms it
	SourceStatic Source = "static"
)

// Status tells what a [Set] serves and why.
type Status struct {
	State     State
	Env, Set  string
	Source    Source
	Revision  Revision  // of the document that is served
	Confirmed time.Time // when the bus last confirmed that this is the latest; zero: never
	Connected bool      // whether the connection is up
	Flags     int       // how many flags are served
	Problems  []Problem // flags that are quarantined, and warnings; do not modify
	Err       error     // why the state is not Ready; nil if it is
	// DiskErr is why the file of [WithDirectory] was not used at the start, or
	// could not be written since; nil if all is well.
	DiskErr error
}

// String is one line for a log.
func (s Status) String() string {
	text := fmt.Sprintf("flag set %q: %s, revision %d, %d flags", s.Set, s.State, s.Revision.Number, s.Flags)
	if s.Err != nil {
		text += ": " + s.Err.Error()
	}
	return text
}
