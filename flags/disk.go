package flags

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// disk is the file with the last good revision of one set. Several processes
// may share it: a file is replaced as a whole or not at all.
type disk struct {
	dir, env, set string
	maxBytes      int // of the file
}

const (
	// What is not a usable file is moved here before it is replaced.
	unusableSuffix = ".unusable"
	// A temporary file that is older was left by a process that died.
	abandonedAfter = 10 * time.Minute
)

func newDisk(dir, env, set string, limits Limits) *disk {
	return &disk{dir: dir, env: env, set: set, maxBytes: limits.MaxBytes + maxFileHeader}
}

func (d *disk) path() string { return filepath.Join(d.dir, d.env+"."+d.set+".flags") }

// read returns the revision in the file. An error that is not fs.ErrNotExist
// means that there is a file which cannot be used; it is left as it is.
func (d *disk) read() (*message, error) {
	// Looked at before it is opened: to open a pipe would block.
	info, err := os.Stat(d.path())
	switch {
	case err != nil:
		return nil, fmt.Errorf("flags: read the last good revision: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("flags: file %q is not used: it is no regular file but %s", d.path(), info.Mode())
	case info.Size() > int64(d.maxBytes):
		return nil, fmt.Errorf("flags: file %q is not used: it has %d bytes, more than the %d allowed: %w", d.path(), info.Size(), d.maxBytes, ErrTooLarge)
	}
	file, err := os.Open(d.path())
	if err != nil {
		return nil, fmt.Errorf("flags: read the last good revision: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	content, err := io.ReadAll(io.LimitReader(file, int64(d.maxBytes)))
	if err != nil {
		return nil, fmt.Errorf("flags: read the last good revision: %w", err)
	}
	m, err := decodeFile(content, d.env, d.set)
	if err != nil {
		return nil, fmt.Errorf("flags: file %q is not used: %w", d.path(), err)
	}
	return m, nil
}

// write makes the file hold a revision. A file that holds a later one than
// instead is left: another process knows better. instead is the revision
// itself, or the one that the store has gone back from.
func (d *disk) write(m *message, instead version) error {
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return fmt.Errorf("flags: save revision %d: %w", m.Number, err)
	}
	there, err := d.read()
	switch {
	case err == nil && (there.version.equal(m.version) || there.version.newer(instead)):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		// Somebody may want to know what became of it; of several the last stays.
		if err := os.Rename(d.path(), d.path()+unusableSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("flags: save revision %d: move what is not usable: %w", m.Number, err)
		}
	}
	content, err := encodeFile(d.env, m)
	if err != nil {
		return err
	}
	if err := d.replace(content); err != nil {
		return fmt.Errorf("flags: save revision %d: %w", m.Number, err)
	}
	return nil
}

// replace is atomic: a crash leaves the old file or the new one.
func (d *disk) replace(content []byte) error {
	file, err := os.CreateTemp(d.dir, filepath.Base(d.path())+".*.tmp") // mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), d.path())
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncDir(d.dir)
}

// tidy removes what processes left that died while they wrote.
func (d *disk) tidy(now time.Time) {
	left, _ := filepath.Glob(d.path() + ".*.tmp") // fails on a bad pattern only; a directory with one is not tidied
	for _, name := range left {
		if info, err := os.Stat(name); err == nil && now.Sub(info.ModTime()) > abandonedAfter {
			_ = os.Remove(name) // it harms nobody
		}
	}
}

// syncDir makes a rename outlive a power cut, where the system can do that.
func syncDir(name string) error {
	dir, err := os.Open(name) //nolint:gosec // the caller of WithDirectory names it
	if err != nil {
		return err
	}
	err = dir.Sync()
	_ = dir.Close() // it was only read
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) || runtime.GOOS == "windows" {
		return nil // not every file system can sync a directory
	}
	return err
}
