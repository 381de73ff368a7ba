package otelflags

// Option changes what a [Hook] writes.
type Option interface{ apply(c *config) }

type optionFunc func(c *config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	targetingKey func(string) string // nil: it is not written
}

// WithTargetingKey writes what mask makes of the targeting key as
// feature_flag.context.id, for example a keyed hash of it. A nil mask writes
// it as it is: make sure that your traces may hold it. The default is not to
// write it.
func WithTargetingKey(mask func(string) string) Option {
	return optionFunc(func(c *config) {
		c.targetingKey = mask
		if mask == nil {
			c.targetingKey = func(key string) string { return key }
		}
	})
}
