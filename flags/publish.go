package flags

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// compressFrom is the size from which documents are stored as gzip.
const compressFrom = 32 << 10

// callTimeout bounds one request to the bus where the caller's context does
// not; ackTimeout one try to store, which is repeated.
const (
	callTimeout = 5 * time.Second
	ackTimeout  = 2 * time.Second
)

// Codes of the bus's API for a failed expectation; the second comes from
// clusters only.
const (
	codeWrongLastSequence         = 10071
	codeWrongLastSequenceConstant = 10164
)

// last returns the latest revision of a set.
func (s *Store) last(ctx context.Context, set string) (*message, error) {
	return s.lastFrom(ctx, set, 0)
}

// lastFrom is last for callers who know that everything below the sequence
// below is old. A direct get is answered by any replica, which may lag, so an
// old answer is asked for again from the stream's leader. A write rests on the
// bus's own check of the expected sequence, never on this read.
func (s *Store) lastFrom(ctx context.Context, set string, below uint64) (*message, error) {
	subject := setSubject(s.env, set)
	m, err := request(ctx, s.nc, directGetSubject(s.env, set), nil)
	if err != nil {
		return nil, err
	}
	current, err := readDirect(m, subject)
	if err != nil && !errors.Is(err, ErrNotFound) || err == nil && current.Number >= below {
		return current, err
	}
	if below == 0 {
		return nil, err
	}
	stored, err := s.leaderLast(ctx, subject)
	if err != nil {
		return nil, err
	}
	return stored, nil
}

// patience is how long a write goes on asking for the latest revision while
// the bus may be electing a leader, which takes 4 to 9 s on servers that are
// not busy otherwise.
const patience = 30 * time.Second

// current is lastFrom for writers: it asks again where the answer may come
// from another server, or from a new leader.
func (s *Store) current(ctx context.Context, set string, below uint64) (*message, error) {
	start := time.Now()
	for attempt := 0; ; attempt++ {
		try, cancel := context.WithTimeout(ctx, ackTimeout)
		m, err := s.lastFrom(try, set, below)
		cancel()
		if err == nil || !s.mayPass(ctx, err) || time.Since(start) > patience || pause(ctx, attempt*10) != nil {
			return m, err
		}
	}
}

// mayPass says whether a failed read may succeed in a moment.
func (s *Store) mayPass(ctx context.Context, err error) bool {
	switch {
	case errors.Is(err, nats.ErrPermissionViolation):
		return false
	case errors.Is(err, ErrNoStream): // or it only has no leader now
		try, cancel := context.WithTimeout(ctx, ackTimeout) // nobody answers during an election
		defer cancel()
		_, err = s.js.Stream(try, streamName(s.env))
		return !errors.Is(err, jetstream.ErrStreamNotFound)
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout)
}

// leaderLast reads the latest revision from the stream's leader.
func (s *Store) leaderLast(ctx context.Context, subject string) (*message, error) {
	body, err := json.Marshal(map[string]string{"last_by_subj": subject})
	if err != nil {
		return nil, err
	}
	m, err := request(ctx, s.nc, "$JS.API.STREAM.MSG.GET."+streamName(s.env), body)
	if err != nil {
		return nil, err
	}
	return readStored(m, subject)
}

// readStored reads the answer to a STREAM.MSG.GET.
func readStored(m *nats.Msg, subject string) (*message, error) {
	var answer struct {
		Message *struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Header  []byte    `json:"hdrs"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &answer); err != nil {
		return nil, fmt.Errorf("the bus's answer is not JSON: %w", err)
	}
	switch {
	case answer.Error != nil && answer.Error.ErrorCode == jetstream.JSErrCodeStreamNotFound:
		return nil, explain(answer.Error)
	case answer.Error != nil && answer.Error.Code == 404:
		return nil, ErrNotFound
	case answer.Error != nil:
		return nil, answer.Error
	case answer.Message == nil:
		return nil, errors.New("the bus's answer has neither message nor error")
	}
	stored := nats.NewMsg(subject)
	stored.Data = answer.Message.Data
	if len(answer.Message.Header) > 0 {
		header, err := nats.DecodeHeadersMsg(answer.Message.Header)
		if err != nil {
			return nil, fmt.Errorf("the headers of revision %d: %w", answer.Message.Seq, err)
		}
		stored.Header = header
	}
	stored.Header.Set("Nats-Subject", answer.Message.Subject)
	stored.Header.Set("Nats-Sequence", strconv.FormatUint(answer.Message.Seq, 10))
	stored.Header.Set("Nats-Time-Stamp", answer.Message.Time.Format(time.RFC3339Nano))
	return readMessage(stored, subject)
}

// readDirect reads the answer to a direct get.
func readDirect(m *nats.Msg, subject string) (*message, error) {
	// A stored message may have a Status header of its own; what the bus says
	// of a failure has no sequence.
	status := m.Header.Get("Status")
	switch {
	case status == "" || m.Header.Get("Nats-Sequence") != "":
		return readMessage(m, subject)
	case status == "404":
		return nil, ErrNotFound
	default:
		return nil, fmt.Errorf("the bus answered %s %s", status, m.Header.Get("Description"))
	}
}

// request asks the bus, within ctx and callTimeout.
func request(ctx context.Context, nc *nats.Conn, subject string, body []byte) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	m, err := nc.RequestWithContext(ctx, subject, body)
	if err != nil {
		return nil, fmt.Errorf("ask %q: %w", subject, explainOn(nc, err))
	}
	return m, nil
}

// publish stores m if current is still the set's latest revision. An answer
// that never came may have been lost after the storing, so it tries again
// under the same id, until ctx ends, and on a conflict looks whether that was
// itself.
func (s *Store) publish(ctx context.Context, m *nats.Msg, current *message) (Revision, error) {
	id := nuid.Next()
	var expected uint64
	if current != nil {
		expected = current.Number
	}
	m.Header.Set(nats.MsgIdHdr, id)
	m.Header.Set("Nats-Expected-Last-Subject-Sequence", strconv.FormatUint(expected, 10))
	for attempt, unsure := 0, false; ; attempt++ {
		ack, err := s.publishOnce(ctx, m)
		var refused *jetstream.APIError
		switch {
		case err == nil:
			return s.stored(ctx, m, ack.Sequence)
		case errors.As(err, &refused) && isConflict(refused):
			if unsure {
				return s.findOwn(ctx, m, expected)
			}
			return Revision{}, ErrConflict
		case errors.As(err, &refused) && refused.Code < 500, // it will not change its mind
			errors.Is(err, nats.ErrMaxPayload), errors.Is(err, nats.ErrConnectionClosed):
			return Revision{}, err
		case unsure && errors.Is(err, nats.ErrPermissionViolation): // may be an older one; not twice
			return Revision{}, err
		}
		unsure = true
		if wait := pause(ctx, attempt*10); wait != nil {
			return Revision{}, fmt.Errorf("%w; it may have been stored: look at the history before you repeat it: %w", wait, err)
		}
	}
}

func (s *Store) publishOnce(ctx context.Context, m *nats.Msg) (*jetstream.PubAck, error) {
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	ack, err := s.js.PublishMsg(ctx, m, jetstream.WithRetryAttempts(0))
	if err != nil {
		return nil, explainOn(s.nc, err)
	}
	return ack, nil
}

func isConflict(err *jetstream.APIError) bool {
	return err.ErrorCode == codeWrongLastSequence || err.ErrorCode == codeWrongLastSequenceConstant
}

// stored returns the revision that was stored under sequence.
func (s *Store) stored(ctx context.Context, m *nats.Msg, sequence uint64) (Revision, error) {
	got, err := s.at(ctx, m.Subject, sequence)
	if err == nil {
		return got.Revision, nil
	}
	// It is stored; only its time could not be read back.
	revision := revisionOf(m.Header, sequence, time.Now())
	revision.Set = setOf(m.Subject)
	return revision, nil
}

// findOwn looks for a message of ours that may have been stored before its
// answer was lost. It asks until it knows or ctx ends: a wrong guess would
// double a change or lose it.
func (s *Store) findOwn(ctx context.Context, m *nats.Msg, after uint64) (Revision, error) {
	for attempt := 0; ; attempt++ {
		try, cancel := context.WithTimeout(ctx, 2*ackTimeout) // an election swallows questions
		revisions, err := s.scan(try, setOf(m.Subject), after+1)
		cancel()
		if err == nil {
			for _, r := range revisions {
				if r.id == m.Header.Get(nats.MsgIdHdr) {
					return r.Revision, nil
				}
			}
			return Revision{}, ErrConflict
		}
		if errors.Is(err, nats.ErrPermissionViolation) || pause(ctx, attempt*10) != nil {
			return Revision{}, fmt.Errorf("it may have been stored: look at the history before you repeat it: %w", err)
		}
	}
}

func deflate(text []byte) []byte {
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := zw.Write(text); err != nil { // cannot be: a buffer takes all
		panic(err)
	}
	if err := zw.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// explain says what an error of the bus most likely means.
func explain(err error) error {
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("%w: nobody on the bus keeps it: the environment is not set up, its server is away, or JetStream is off: %w", ErrNoStream, err)
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return fmt.Errorf("%w: its stream is gone: %w", ErrNoStream, err)
	case errors.Is(err, nats.ErrConnectionClosed):
		return fmt.Errorf("%w: the connection to the bus was closed: %w", ErrClosed, err)
	}
	return err
}

// explainOn is explain with what the connection knows: a missing right shows
// as a time-out and an error of the connection beside it.
func explainOn(nc *nats.Conn, err error) error {
	if errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		if last := nc.LastError(); last != nil {
			return fmt.Errorf("no answer: %w; the connection's last error: %w", err, last)
		}
		if !nc.IsConnected() {
			return fmt.Errorf("no answer: %w: the bus is not reachable (%s)", err, nc.Status())
		}
	}
	return explain(err)
}
