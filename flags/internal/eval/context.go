package eval

import "time"

// Attr is one attribute of a [Context].
type Attr struct {
	Key   string
	Value Value
}

// Context is what a flag is evaluated for; of Attrs the last of equal keys
// counts. The names $flagd and targetingKey are not looked for in Attrs. Not
// changed by evaluations. A nil Context is empty.
type Context struct {
	TargetingKey Value
	Attrs        []Attr
	Now          time.Time // for $flagd.timestamp; zero: the clock is read when a rule asks
}

const (
	nameTargetingKey = "targetingKey"
	nameFlagd        = "$flagd"
)

// env is one evaluation. It lives on its caller's stack, see eval.
type env struct {
	context *Context
	flat    map[string]any // instead of context: OpenFeature's, converted as far as a rule asks
	flag    string
	scope   *scope // the innermost list operator's element; nil outside of them
	steps   int    // what is left of the budget
	failure string // why the rule failed; "" if it has not
	scratch Value  // what top returned
}

// scope is what var refers to inside a list operator.
type scope struct {
	value Value
	outer *scope
	open  bool // names that value lacks are looked for outside
}

func (e *env) targetingKey() Value {
	switch {
	case e.flat != nil:
		return FromAny(e.flat[nameTargetingKey])
	case e.context != nil:
		return e.context.TargetingKey
	}
	return Value{}
}

// fail notes why the rule fails; the first reason stays. Evaluation goes on to
// its bounded end, and its result is thrown away.
func (e *env) fail(reason string) Value {
	if e.failure == "" {
		e.failure = reason
	}
	return Value{}
}

// charge takes n steps off the budget and says whether it holds.
func (e *env) charge(n int) bool {
	e.steps -= n
	if e.steps < 0 {
		e.fail("the rule takes more steps than one evaluation may (Limits.MaxSteps)")
		return false
	}
	return true
}

// lookup finds what a path of names leads to. An empty path is all there is.
func (e *env) lookup(path []string) Value {
	for s := e.scope; s != nil; s = s.outer {
		v, ok := s.value.walk(path)
		if ok || !s.open {
			return v
		}
	}
	if len(path) == 0 {
		return e.everything()
	}
	v, ok := e.attribute(path[0])
	if !ok || len(path) == 1 {
		return v
	}
	v, _ = v.walk(path[1:])
	return v
}

// attribute finds a top-level name of the context.
func (e *env) attribute(name string) (Value, bool) {
	switch name {
	case nameFlagd:
		return e.flagd(), true
	case nameTargetingKey:
		v := e.targetingKey()
		return v, v.kind != kindNull
	}
	if e.flat != nil {
		v, ok := e.flat[name]
		return FromAny(v), ok
	}
	if e.context == nil {
		return Value{}, false
	}
	for i := len(e.context.Attrs) - 1; i >= 0; i-- {
		if attr := &e.context.Attrs[i]; attr.Key == name {
			return attr.Value, true
		}
	}
	return Value{}, false
}

var null Value

// top is attribute for a name that is neither $flagd nor targetingKey, without
// a copy. What it returns holds until it is called again.
func (e *env) top(name string) *Value {
	c := e.context
	switch {
	case e.flat != nil:
		if text, ok := e.flat[name].(string); ok {
			e.scratch.kind, e.scratch.str = kindString, text
			return &e.scratch
		}
		e.scratch = FromAny(e.flat[name])
		return &e.scratch
	case c == nil:
		return &null
	}
	for i := len(c.Attrs) - 1; i >= 0; i-- {
		if attr := &c.Attrs[i]; attr.Key == name {
			return &attr.Value
		}
	}
	return &null
}

// flagd is the object that every context has; a user's own is not seen.
func (e *env) flagd() Value {
	return Value{kind: kindObject, ref: &composite{
		keys:  []string{"flagKey", "timestamp"},
		items: []Value{String(e.flag), e.timestamp()},
	}}
}

func (e *env) timestamp() Value {
	now := time.Now()
	if e.context != nil && !e.context.Now.IsZero() {
		now = e.context.Now
	}
	return Number(float64(now.Unix()))
}

// everything is the whole context as one object.
func (e *env) everything() Value {
	members := map[string]Value{}
	if e.context != nil {
		for _, attr := range e.context.Attrs {
			members[attr.Key] = attr.Value
		}
	}
	for name, v := range e.flat {
		members[name] = FromAny(v)
	}
	if key := e.targetingKey(); key.kind != kindNull {
		members[nameTargetingKey] = key
	}
	members[nameFlagd] = e.flagd()
	e.charge(len(members))
	return object(members)
}
