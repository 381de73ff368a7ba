package flags

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/nats-io/nats.go"
)

// Change says who changes a flag set and why; it is kept with the revision.
type Change struct {
	Actor  string // who, for example an e-mail address. Required; at most 200 bytes.
	Reason string // why. At most 1,000 bytes.
}

// Revision is one stored state of a flag set.
type Revision struct {
	Set     string    `json:"set"`
	Number  uint64    `json:"revision"` // the stream's sequence; grows, with gaps
	Time    time.Time `json:"time"`     // by the bus's clock
	Actor   string    `json:"actor,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Changed []string  `json:"changed,omitempty"` // keys of changed flags; the last may be "…" if there were too many
	Retired bool      `json:"retired,omitempty"` // a tombstone: the set has no document
}

// Headers of a stored revision. The bus adds its own Nats-… ones.
const (
	headerActor    = "Evenkeel-Actor"
	headerReason   = "Evenkeel-Reason"
	headerChanged  = "Evenkeel-Changed" // JSON list of flag keys
	headerRetired  = "Evenkeel-Retired"
	headerEncoding = "Content-Encoding"
)

const (
	maxActorBytes   = 200
	maxReasonBytes  = 1000
	maxChangedBytes = 2048
	// Headers count against the bus's max payload, so documents leave room.
	headerRoom = 4096
)

// check measures what would be stored: a text that is not UTF-8 grows.
func (c Change) check() error {
	c.Actor, c.Reason = oneLine(c.Actor), oneLine(c.Reason)
	switch {
	case c.Actor == "":
		return errors.New("flags: Change.Actor is empty: say who makes the change")
	case len(c.Actor) > maxActorBytes:
		return fmt.Errorf("flags: Change.Actor has %d bytes, more than %d", len(c.Actor), maxActorBytes)
	case len(c.Reason) > maxReasonBytes:
		return fmt.Errorf("flags: Change.Reason has %d bytes, more than %d", len(c.Reason), maxReasonBytes)
	}
	return nil
}

// header returns the headers of a new revision.
func (c Change) header(changed []string) nats.Header {
	h := nats.Header{}
	h.Set(headerActor, oneLine(c.Actor))
	if c.Reason != "" {
		h.Set(headerReason, oneLine(c.Reason))
	}
	h.Set(headerChanged, encodeKeys(changed))
	return h
}

// oneLine replaces line breaks and other control characters, which no header
// can carry, by spaces.
func oneLine(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
}

// encodeKeys writes as many keys as fit into the header, and "…" for the rest.
func encodeKeys(keys []string) string {
	b := []byte("[")
	for i, key := range keys {
		quoted := quote(key) // escapes can make it six times as long
		if len(b)+len(quoted) > maxChangedBytes {
			quoted = []byte(`"…"`)
			keys = nil
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, quoted...)
		if keys == nil {
			break
		}
	}
	return string(append(b, ']'))
}

// message is a revision with its document, as the bus gave it.
type message struct {
	Revision
	version  version
	previous uint64 // on a push: the sequence of the subject's revision before
	id       string
	data     []byte
}

// readMessage reads a push or the answer to a direct get. Both carry the same
// headers, see https://docs.nats.io/reference and ADR-31.
func readMessage(m *nats.Msg, subject string) (*message, error) {
	if got := busHeader(m.Header, "Nats-Subject"); got != subject {
		return nil, fmt.Errorf("it is for subject %q, not %q", got, subject)
	}
	seq, err := strconv.ParseUint(busHeader(m.Header, "Nats-Sequence"), 10, 64)
	if err != nil || seq == 0 {
		return nil, fmt.Errorf("its Nats-Sequence header is %q, not a number", busHeader(m.Header, "Nats-Sequence"))
	}
	at, err := time.Parse(time.RFC3339Nano, busHeader(m.Header, "Nats-Time-Stamp"))
	if err != nil {
		return nil, fmt.Errorf("its Nats-Time-Stamp header is %q, not a time", busHeader(m.Header, "Nats-Time-Stamp"))
	}
	previous, _ := strconv.ParseUint(busHeader(m.Header, "Nats-Last-Sequence"), 10, 64) // absent on a direct get
	revision := revisionOf(m.Header, seq, at)
	revision.Set = setOf(subject)
	// An empty body is a tombstone too: ours says so, a delete marker of the
	// bus is one that somebody made past the Store.
	revision.Retired = revision.Retired || len(m.Data) == 0
	return &message{
		Revision: revision, version: version{at, seq}, previous: previous,
		id: m.Header.Get(nats.MsgIdHdr), data: m.Data,
	}, nil
}

// busHeader returns a header that the bus adds. It adds its own behind those
// of the writer, who may have copied a message with all its headers: the last
// one counts.
func busHeader(h nats.Header, name string) string {
	values := h.Values(name)
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

func revisionOf(h nats.Header, seq uint64, at time.Time) Revision {
	revision := Revision{
		Number: seq, Time: at,
		Actor: h.Get(headerActor), Reason: h.Get(headerReason), Retired: h.Get(headerRetired) != "",
	}
	if err := json.Unmarshal([]byte(h.Get(headerChanged)), &revision.Changed); err != nil {
		revision.Changed = nil // written past the Store
	}
	return revision
}
