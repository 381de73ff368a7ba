package flags

import (
	"errors"
	"fmt"
	"io/fs"
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

	mu        sync.Mutex
	last      *message // protected by mu; what the file should hold; nil: nothing yet
	abandoned version  // protected by mu; the latest that the store has gone back from
}

func startSaver(d *disk, logger *slog.Logger) *saver {
	s := &saver{disk: d, logger: logger, saved: make(chan error, 1), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	go s.run()
	return s
}

// save asks for the file to hold a revision; again and again, since the disk
// may have been full, the file removed, or an older one put there by another
// process at the same moment. abandoned is the one that the store has gone back
// from; zero if it has not. It does not block.
func (s *saver) save(m *message, abandoned version) {
	s.mu.Lock()
	s.last = m
	if abandoned.newer(s.abandoned) {
		s.abandoned = abandoned
	}
	s.mu.Unlock()
	wake(s.wake)
}

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
		m, instead := s.last, s.abandoned
		s.mu.Unlock()
		if m == nil {
			continue
		}
		if m.version.newer(instead) {
			instead = m.version
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
		case <-s.saved: //nolint:errcheck // only the last counts
		default:
		}
		s.saved <- err
	}
}

// load serves the file of a set, if there is one that can be used. It is
// called before the follower runs.
func (f *follower) load() bool {
	f.disk = newDisk(f.config.directory, f.set.env, f.set.name, f.config.limits)
	m, err := f.disk.read()
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err == nil {
		err = f.loaded(m)
	}
	if err != nil {
		f.config.logger.Warn("flags: the file of the last good revision is not used", "set", f.set.name, "error", err)
		f.status.DiskErr = err
	}
	f.set.publish(f.status, nil, 0)
	return err == nil
}

func (f *follower) loaded(m *message) error {
	compiled, problems, err := f.compile(m, nil)
	if err != nil {
		return fmt.Errorf("flags: file %q is not used: revision %d: %w", f.disk.path(), m.Number, err)
	}
	f.tracker.hold(m.version)
	f.serve(m, compiled, problems, SourceDisk)
	f.status.State, _, f.status.Err = f.state(time.Now())
	return nil
}

func (f *follower) startSaving() {
	if f.disk != nil {
		f.saver = startSaver(f.disk, f.config.logger)
		f.saved = f.saver.saved
	}
}

// stopSaving waits until the last revision is on disk.
func (f *follower) stopSaving() {
	if f.saver != nil {
		f.saver.close()
	}
}

func (f *follower) save(m *message, abandoned version) {
	if f.saver != nil {
		f.saver.save(m, abandoned)
	}
}
