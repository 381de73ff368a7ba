package flags

import (
	"errors"
	"fmt"
	"log/slog"
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
