package flags

import (
	"log/slog"
	"sync"
	"time"
)

// saver writes revisions to a disk in its own goroutine, so that a slow disk
// holds up nothing. Of revisions that come while it writes only the last counts.
type saver struct {
	disk   *disk
	logger *slog.Logger
	saved  chan error // how the last write ended; the reader may miss some
	ended  chan struct{}
	wake   chan struct{} // holds one token while there is something to do; closed by close

	mu      sync.Mutex
	last    *message // protected by mu; what the file should hold; nil: nothing yet
	instead version  // protected by mu; see disk.write
}

func startSaver(d *disk, logger *slog.Logger) *saver {
	s := &saver{disk: d, logger: logger, saved: make(chan error, 1), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	go s.run()
	return s
}

// save asks for a revision to be written. abandoned is the one that the store
// has gone back from; zero if it has not. It does not block.
func (s *saver) save(m *message, abandoned version) {
	s.mu.Lock()
	s.last, s.instead = m, m.version
	if abandoned.newer(s.instead) {
		s.instead = abandoned
	}
	s.mu.Unlock()
	wake(s.wake)
}

// check has the file looked at, and written again if it does not hold the
// last revision: the disk was full, the file was removed, another process put
// an older one there at the same moment. It does not block.
func (s *saver) check() { wake(s.wake) }

// close waits until the last revision is written. No other call may follow.
func (s *saver) close() {
	close(s.wake)
	<-s.ended
}

func (s *saver) run() {
	defer close(s.ended)
	s.disk.tidy(time.Now())
	failing := false
	for range s.wake {
		s.mu.Lock()
		m, instead := s.last, s.instead
		s.mu.Unlock()
		if m == nil {
			continue
		}
		err := s.disk.write(m, instead)
		if err != nil && !failing {
			s.logger.Warn("flags: the last good revision is not on disk", "set", s.disk.set, "revision", m.Number, "error", err)
		}
		if err == nil && failing {
			s.logger.Info("flags: the last good revision is on disk again", "set", s.disk.set, "revision", m.Number)
		}
		failing = err != nil
		select {
		case <-s.saved: // only the last counts
		default:
		}
		s.saved <- err
	}
}
