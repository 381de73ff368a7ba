package flags

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// History returns a set's revisions, newest first, at most limit of them (0:
// all that are kept). Errors: [ErrNotFound].
func (s *Store) History(ctx context.Context, set string, limit int) ([]Revision, error) {
	if err := checkName("flag set", set); err != nil {
		return nil, err
	}
	stored, err := s.scan(ctx, set, 1)
	if err != nil {
		return nil, fmt.Errorf("flags: history of set %q of %q: %w", set, s.env, err)
	}
	if len(stored) == 0 {
		return nil, fmt.Errorf("flags: history of set %q of %q: %w", set, s.env, ErrNotFound)
	}
	revisions := make([]Revision, 0, len(stored))
	for _, r := range slices.Backward(stored) {
		if limit > 0 && len(revisions) == limit {
			break
		}
		revisions = append(revisions, r.Revision)
	}
	return revisions, nil
}

// GetRevision returns a set's document as it was at a revision. Errors:
// [ErrNotFound], also for a revision that history has dropped; [ErrRetired].
func (s *Store) GetRevision(ctx context.Context, set string, revision uint64) (*Document, Revision, error) {
	if err := checkName("flag set", set); err != nil {
		return nil, Revision{}, err
	}
	m, err := s.at(ctx, setSubject(s.env, set), revision)
	if revision == 0 { // the bus calls that a bad request
		err = ErrNotFound
	}
	if err != nil {
		return nil, Revision{}, fmt.Errorf("flags: revision %d of set %q of %q: %w", revision, set, s.env, err)
	}
	return s.document(m)
}

// at reads the message at a sequence from the stream's leader.
func (s *Store) at(ctx context.Context, subject string, sequence uint64) (*message, error) {
	body, err := json.Marshal(map[string]uint64{"seq": sequence})
	if err != nil {
		return nil, err
	}
	m, err := request(ctx, s.nc, "$JS.API.STREAM.MSG.GET."+streamName(s.env), body)
	if err != nil {
		return nil, err
	}
	got, err := readStored(m, subject)
	if err != nil && strings.Contains(err.Error(), "it is for subject") {
		return nil, fmt.Errorf("that revision is of another set: %w", ErrNotFound)
	}
	return got, err
}

// scanned is a revision as a scan sees it: without its document.
type scanned struct {
	Revision
	id string
}

// scan reads the headers of a set's revisions from a sequence on, oldest
// first, through a consumer that ends with it.
func (s *Store) scan(ctx context.Context, set string, from uint64) ([]scanned, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*callTimeout)
	defer cancel()
	consumer, err := s.js.OrderedConsumer(ctx, streamName(s.env), jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{setSubject(s.env, set)},
		DeliverPolicy:  jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:    from,
		HeadersOnly:    true,
	})
	if err != nil {
		return nil, explainOn(s.nc, err)
	}
	defer s.forget(consumer)
	info := consumer.CachedInfo()
	if info.NumPending == 0 {
		return nil, nil
	}
	messages, err := consumer.Messages()
	if err != nil {
		return nil, explainOn(s.nc, err)
	}
	defer messages.Stop()
	stored := make([]scanned, 0, info.NumPending)
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return nil, explainOn(s.nc, err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return nil, err
		}
		revision := revisionOf(m.Headers(), meta.Sequence.Stream, meta.Timestamp)
		revision.Set = set
		revision.Retired = revision.Retired || busHeader(m.Headers(), "Nats-Msg-Size") == "0"
		stored = append(stored, scanned{revision, m.Headers().Get(nats.MsgIdHdr)})
		if meta.NumPending == 0 { // an empty fetch would prove nothing; this does
			return stored, nil
		}
	}
}

// forget deletes a consumer instead of leaving it to its idle timeout.
func (s *Store) forget(consumer jetstream.Consumer) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	if info := consumer.CachedInfo(); info != nil {
		_ = s.js.DeleteConsumer(ctx, streamName(s.env), info.Name) // it would end by itself
	}
}

func setOf(subject string) string { return subject[strings.LastIndexByte(subject, '.')+1:] }
