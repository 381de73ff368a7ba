package flags

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"
)

// Option changes how a [Set] behaves; see [Open].
type Option interface{ apply(c *config) error }

type optionFunc func(c *config) error

func (f optionFunc) apply(c *config) error { return f(c) }

type config struct {
	limits       Limits
	resync       time.Duration
	readTimeout  time.Duration
	wait         time.Duration
	disconnected time.Duration
	unconfirmed  time.Duration
	logger       *slog.Logger
	directory    string // "": none
}

func defaultConfig() config {
	return config{
		limits:       DefaultLimits(),
		resync:       30 * time.Second,
		readTimeout:  time.Second,
		wait:         5 * time.Second,
		disconnected: 5 * time.Second,
		unconfirmed:  60 * time.Second,
		logger:       slog.New(slog.DiscardHandler),
	}
}

// WithResync sets how often the set is read again in full, whatever was
// pushed: the longest that a change can stay unseen while the connection is
// up. Each wait is shortened by up to 20 % at random, so that services do not
// ask all at once. The default is 30 s; less than 1 s is refused.
func WithResync(every time.Duration) Option {
	return optionFunc(func(c *config) error {
		if every < time.Second {
			return fmt.Errorf("flags: WithResync(%s): at least 1s", every)
		}
		c.resync = every
		return nil
	})
}

// WithWait sets how long Open waits for the first document, unless its context
// ends sooner. The default is 5 s; 0 does not wait.
func WithWait(atMost time.Duration) Option {
	return optionFunc(func(c *config) error {
		if atMost < 0 {
			return fmt.Errorf("flags: WithWait(%s): it cannot be negative", atMost)
		}
		c.wait = atMost
		return nil
	})
}

// WithStaleAfter sets when a set turns [Stale]: after being disconnected for
// so long, or when the bus has not confirmed the document for so long. The
// defaults are 5 s and 60 s; unconfirmed less than twice the resync is refused.
func WithStaleAfter(disconnected, unconfirmed time.Duration) Option {
	return optionFunc(func(c *config) error {
		if disconnected < 0 || unconfirmed <= 0 {
			return fmt.Errorf("flags: WithStaleAfter(%s, %s): the times must be positive", disconnected, unconfirmed)
		}
		c.disconnected, c.unconfirmed = disconnected, unconfirmed
		return nil
	})
}

// WithDirectory keeps the last good revision of the set in a file of a
// directory, <env>.<set>.flags, so that a service starts with values while the
// bus is away: see [Open]. The directory is made, for this user alone, if it is
// not there; several sets and processes may share one. Whoever may write there
// decides what the service serves until the bus answers.
//
// A file is written after each revision that is taken from the bus, in the
// background and never in part, and at Close. A file that is damaged, of
// another set, too large for the limits or of a newer format is not used;
// Status.DiskErr says why, and when it is replaced it stays beside the new one
// as <file>.unusable. A disk that is full or a directory that cannot be written
// stops nothing: Status.DiskErr says so, and every resync tries again.
//
// The default is no directory: a library should not write where nobody asked
// it to.
func WithDirectory(path string) Option {
	return optionFunc(func(c *config) error {
		if path == "" {
			return errors.New("flags: WithDirectory: the path is empty")
		}
		full, err := filepath.Abs(path)
		if err != nil {
			return fmt.Errorf("flags: WithDirectory(%q): %w", path, err)
		}
		c.directory = full
		return nil
	})
}

// WithLimits sets what a document may cost; zero fields keep their defaults.
func WithLimits(limits Limits) Option {
	return optionFunc(func(c *config) (err error) {
		c.limits, err = limits.check()
		return err
	})
}

// WithLogger sets where a set reports changes of its state and documents that
// it refuses, never values or contexts. The default is nowhere.
func WithLogger(logger *slog.Logger) Option {
	return optionFunc(func(c *config) error {
		if logger == nil {
			return errors.New("flags: WithLogger: the logger is nil")
		}
		c.logger = logger
		return nil
	})
}

func newConfig(opts []Option) (config, error) {
	c := defaultConfig()
	for _, opt := range opts {
		if err := opt.apply(&c); err != nil {
			return c, err
		}
	}
	if c.unconfirmed < 2*c.resync {
		return c, fmt.Errorf("flags: unconfirmed %s in WithStaleAfter is less than twice the resync %s: the set would turn stale between two reads", c.unconfirmed, c.resync)
	}
	return c, nil
}
