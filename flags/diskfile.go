package flags

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A file of a revision is one line and then the document as the bus had it,
// raw or gzip:
//
//	evenkeel-flags 1 <SHA-256 of all that follows> {"env":"prod","set":"checkout","sequence":7,…}
//
// The checksum covers the line's JSON too: a revision whose number has rotted
// would hold off all that come after it.
const (
	fileMagic   = "evenkeel-flags"
	fileVersion = "1"
	// No header of ours is nearly as long; a file whose first line is longer
	// is not one.
	maxFileHeader = 64 << 10
)

type fileHeader struct {
	Env      string    `json:"env"`
	Set      string    `json:"set"`
	Sequence uint64    `json:"sequence"`
	Time     time.Time `json:"time"`
	Actor    string    `json:"actor,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Length   int       `json:"length"`
}

// maxFileText bounds the actor and the reason in a file, in bytes.
const maxFileText = 4 << 10

func encodeFile(env string, m *message) ([]byte, error) {
	header, err := json.Marshal(fileHeader{
		Env: env, Set: m.Set, Sequence: m.Number, Time: m.Time.UTC(),
		Actor: cut(m.Actor), Reason: cut(m.Reason), Length: len(m.data),
	})
	if err != nil {
		return nil, fmt.Errorf("flags: encode the file of revision %d: %w", m.Number, err)
	}
	covered := append(append(header, '\n'), m.data...)
	sum := sha256.Sum256(covered)
	return append([]byte(fileMagic+" "+fileVersion+" "+hex.EncodeToString(sum[:])+" "), covered...), nil
}

// decodeFile reads a file's content, or says why it is no revision of the set.
func decodeFile(content []byte, env, set string) (*message, error) {
	line, _, found := bytes.Cut(content[:min(len(content), maxFileHeader)], []byte("\n"))
	fields := strings.SplitN(string(line), " ", 4)
	if fields[0] != fileMagic {
		return nil, errors.New("it is not a file of this package")
	}
	if len(fields) > 1 && fields[1] != fileVersion {
		return nil, fmt.Errorf("its format is %.20q, and only %q is known here: a newer version wrote it", fields[1], fileVersion)
	}
	if !found || len(fields) != 4 {
		return nil, errors.New("its first line is cut off")
	}
	covered := content[len(line)-len(fields[3]):]
	data := content[len(line)+1:]
	var header fileHeader
	parsed := json.Unmarshal([]byte(fields[3]), &header)
	if parsed == nil && header.Length > len(data) {
		return nil, fmt.Errorf("it is cut off: %d of %d bytes of the document are there", len(data), header.Length)
	}
	if sum := sha256.Sum256(covered); hex.EncodeToString(sum[:]) != fields[2] {
		return nil, errors.New("its checksum does not match: it is damaged")
	}
	switch {
	case parsed != nil:
		return nil, fmt.Errorf("its first line: %w", parsed)
	case header.Length != len(data):
		return nil, fmt.Errorf("it has %d bytes of a document of %d", len(data), header.Length)
	case header.Env != env || header.Set != set:
		return nil, fmt.Errorf("it is of set %.70q of %.70q", header.Set, header.Env)
	case header.Sequence == 0 || header.Time.IsZero() || len(data) == 0:
		return nil, errors.New("it names no revision or has no document")
	}
	return &message{
		Revision: Revision{Set: set, Number: header.Sequence, Time: header.Time, Actor: header.Actor, Reason: header.Reason},
		version:  version{header.Time, header.Sequence},
		data:     data,
	}, nil
}

func cut(text string) string {
	if len(text) > maxFileText {
		return strings.ToValidUTF8(text[:maxFileText], "")
	}
	return text
}
