package eval

// Evaluate evaluates the flag called key for c, or for flat if that is not nil:
// OpenFeature's context, with the targeting key among the rest. It returns
// the value to serve, which the caller must not change, or nil for the caller's
// own default; r says how that came about. It parses nothing, does not block,
// and allocates only where operators make texts or lists.
func (d *Document) Evaluate(key string, c *Context, flat map[string]any, t Type, r *Result) *Value {
	v := d.resolve(key, c, flat, r)
	if v == nil {
		return nil
	}
	if !v.value.fits(t) {
		r.outcome, r.detail = mistyped, t.wanted()
		return nil
	}
	return &v.value
}

// Bool returns the value of a boolean.
func (v *Value) Bool() bool { return v.num != 0 }

// Text returns the value of a text.
func (v *Value) Text() string { return v.str }

// Int returns the value of a whole number.
func (v *Value) Int() int64 { return int64(v.num) }

// Float returns the value of a number.
func (v *Value) Float() float64 { return v.num }

// Copy returns any value in Go's own types, the caller's to change.
func (v *Value) Copy() any { return v.Any() }
