package eval

// Bool evaluates a flag as a boolean. Like its siblings it returns def with
// any error, does not block, and does not allocate but for errors, Object and
// Any. A nil context is empty.
func (d *Document) Bool(key string, def bool, c *Context) (bool, Result) {
	v, r := d.resolve(key, c)
	switch {
	case v == nil:
		return def, r
	case !v.value.fits(TypeBool):
		return def, r.mismatch(key, "a boolean")
	}
	return v.value.num != 0, r
}

// String evaluates a flag as a text.
func (d *Document) String(key, def string, c *Context) (string, Result) {
	v, r := d.resolve(key, c)
	switch {
	case v == nil:
		return def, r
	case !v.value.fits(TypeString):
		return def, r.mismatch(key, "a text")
	}
	return v.value.str, r
}

// Int evaluates a flag as a whole number of at most ±(2^53 − 1). Nothing is
// rounded: what is not one is a TYPE_MISMATCH.
func (d *Document) Int(key string, def int64, c *Context) (int64, Result) {
	v, r := d.resolve(key, c)
	switch {
	case v == nil:
		return def, r
	case !v.value.fits(TypeInt):
		return def, r.mismatch(key, "a whole number within ±(2^53 − 1)")
	}
	return int64(v.value.num), r
}

// Float evaluates a flag as a number.
func (d *Document) Float(key string, def float64, c *Context) (float64, Result) {
	v, r := d.resolve(key, c)
	switch {
	case v == nil:
		return def, r
	case !v.value.fits(TypeFloat):
		return def, r.mismatch(key, "a number")
	}
	return v.value.num, r
}

// Object evaluates a flag as an object, a map[string]any of the caller's own.
func (d *Document) Object(key string, def any, c *Context) (any, Result) {
	v, r := d.resolve(key, c)
	switch {
	case v == nil:
		return def, r
	case !v.value.fits(TypeObject):
		return def, r.mismatch(key, "an object")
	}
	return v.value.Any(), r
}

// Any evaluates a flag whatever its type; nil stands for the caller's value.
func (d *Document) Any(key string, c *Context) (any, Result) {
	v, r := d.resolve(key, c)
	if v == nil {
		return nil, r
	}
	return v.value.Any(), r
}
