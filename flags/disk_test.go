package flags

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func testDisk(t *testing.T) *disk {
	t.Helper()
	return newDisk(filepath.Join(t.TempDir(), "made", "here"), "test", "shop", DefaultLimits())
}

func write(t *testing.T, d *disk, m *message) {
	t.Helper()
	if err := d.write(m, m.version); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, d *disk, want version) {
	t.Helper()
	got, err := d.read()
	if err != nil {
		t.Fatal(err)
	}
	if !got.version.equal(want) {
		t.Errorf("the file holds %v, want %v", got.version, want)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestDisk_isForItsOwnerAlone(t *testing.T) {
	d := testDisk(t)
	if _, err := d.read(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	write(t, d, savedRevision(7, 1000))
	holds(t, d, savedRevision(7, 1000).version)
	for path, want := range map[string]fs.FileMode{d.dir: 0o700, d.path(): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
	if got := names(t, d.dir); !slices.Equal(got, []string{"test.shop.flags"}) {
		t.Errorf("files %q", got)
	}
}

func TestDisk_isNotPutBackByAnOlderRevision(t *testing.T) {
	d := testDisk(t)
	late := savedRevision(7, 1000)
	write(t, d, late)
	for _, older := range []*message{savedRevision(6, 1000), savedRevision(9, 999)} {
		write(t, d, older)
		holds(t, d, late.version)
	}
	anew := savedRevision(1, 1001) // of a stream that was made anew
	write(t, d, anew)
	holds(t, d, anew.version)
	// The store has gone back to where it was.
	if err := d.write(late, anew.version); err != nil {
		t.Fatal(err)
	}
	holds(t, d, late.version)
	// It went back from there, but another process has seen what came later.
	write(t, d, savedRevision(9, 1010))
	if err := d.write(savedRevision(3, 900), late.version); err != nil {
		t.Fatal(err)
	}
	holds(t, d, savedRevision(9, 1010).version)
}

func TestDisk_keepsWhatItCannotUse(t *testing.T) {
	good := encoded(t, savedRevision(7, 1000))
	for name, content := range map[string][]byte{
		"damaged":  good[:len(good)-1],
		"foreign":  []byte("shopping list"),
		"newer":    bytes.Replace(good, []byte("flags 1 "), []byte("flags 2 "), 1),
		"too long": bytes.Repeat([]byte("x"), 40000),
	} {
		t.Run(name, func(t *testing.T) {
			d := testDisk(t)
			d.maxBytes = 30000
			if err := os.MkdirAll(d.dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(d.path(), content, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := d.read(); err == nil || !strings.Contains(err.Error(), "is not used") || !strings.Contains(err.Error(), d.path()) {
				t.Errorf("got %v", err)
			}
			write(t, d, savedRevision(3, 500))
			holds(t, d, savedRevision(3, 500).version)
			if kept, err := os.ReadFile(d.path() + unusableSuffix); err != nil || !bytes.Equal(kept, content) {
				t.Errorf("%d bytes were kept, %v", len(kept), err)
			}
		})
	}
	d := testDisk(t)
	if err := os.MkdirAll(d.path(), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := d.read(); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a directory: %v", err)
	}
}

func TestDisk_removesOnlyWhatDeadWritersLeft(t *testing.T) {
	d := testDisk(t)
	write(t, d, savedRevision(7, 1000))
	old, young, other := d.path()+".1.tmp", d.path()+".2.tmp", filepath.Join(d.dir, "test.cart.flags.3.tmp")
	for _, path := range []string{old, young, other} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-2 * abandonedAfter)
	for _, path := range []string{old, other} {
		if err := os.Chtimes(path, past, past); err != nil {
			t.Fatal(err)
		}
	}
	d.tidy(time.Now())
	if got := names(t, d.dir); !slices.Equal(got, []string{"test.cart.flags.3.tmp", "test.shop.flags", "test.shop.flags.2.tmp"}) {
		t.Errorf("files %q", got)
	}
}

// Whoever reads while many write sees a whole revision, and the last holds.
func TestDisk_isSharedWithoutALock(t *testing.T) {
	d := testDisk(t)
	write(t, d, savedRevision(1, 1))
	const writers, times = 4, 25
	done := make(chan struct{})
	var wait, reader sync.WaitGroup
	reader.Go(func() {
		for {
			if _, err := d.read(); err != nil {
				t.Error(err)
				return
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	for range writers {
		wait.Go(func() {
			for i := range times {
				m := savedRevision(uint64(i+2), int64(i+2))
				if err := d.write(m, m.version); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	close(done)
	reader.Wait()
	write(t, d, savedRevision(times+1, times+1))
	holds(t, d, savedRevision(times+1, times+1).version)
}

func TestSaver_writesTheLastOfManyAndAtTheEnd(t *testing.T) {
	s := startSaver(testDisk(t), slog.New(slog.DiscardHandler))
	for i := range 1000 {
		s.save(savedRevision(uint64(i+1), int64(i+1)), version{})
	}
	s.close()
	holds(t, s.disk, savedRevision(1000, 1000).version)
}

func TestSaver_saysOnceThatTheDiskFailsAndOnceThatItWorks(t *testing.T) {
	d := testDisk(t)
	if err := os.WriteFile(filepath.Dir(d.dir), nil, 0o600); err != nil { // where a directory should be
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := startSaver(d, slog.New(slog.NewTextHandler(&log, nil)))
	for i := range 3 {
		s.save(savedRevision(uint64(i+1), int64(i+1)), version{})
		if err := <-s.saved; err == nil || !strings.Contains(err.Error(), "save revision") {
			t.Errorf("got %v", err)
		}
	}
	if err := os.Remove(filepath.Dir(d.dir)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.save(savedRevision(3, 3), version{})
		if err := <-s.saved; err != nil {
			t.Error(err)
		}
	}
	s.close()
	holds(t, d, savedRevision(3, 3).version)
	if got := log.String(); strings.Count(got, "is not on disk") != 1 || strings.Count(got, "on disk again") != 1 {
		t.Errorf("the log:\n%s", got)
	}
}
