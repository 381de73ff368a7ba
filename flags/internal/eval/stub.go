package eval

import (
	"time"

	"github.com/evenkeel-go/evenkeel/flags/internal/jsontree"
)

type Value struct{ x any }

func Null() Value              { return Value{} }
func Bool(b bool) Value        { return Value{b} }
func Number(f float64) Value   { return Value{f} }
func String(s string) Value    { return Value{s} }
func FromAny(v any) Value      { return Value{v} }
func (v Value) Any() any       { return v.x }

type Attr struct {
	Key   string
	Value Value
}
type Context struct {
	TargetingKey Value
	Attrs        []Attr
	Map          map[string]any
	Now          time.Time
}
type Limits struct{ MaxFlags, MaxRuleNodes, MaxRuleCost, MaxSteps int }

func DefaultLimits() Limits { return Limits{} }

type Problem struct {
	Flag, Path   string
	Line, Column int
	Reason       string
	Warning      bool
}
type Document struct{}

func Compile(src []byte, root *jsontree.Node, prev *Document, lim Limits) (*Document, []Problem, error) {
	return nil, nil, nil
}
func (d *Document) Keys() []string                   { return nil }
func (d *Document) Len() int                         { return 0 }
func (d *Document) Metadata() map[string]any         { return nil }
func (d *Document) Changed(prev *Document) []string  { return nil }

type Reason string
type Code string
type Result struct {
	Variant string
	Reason  Reason
	Code    Code
	Message string
}

func (r Result) Metadata() map[string]any                                              { return nil }
func (d *Document) Bool(key string, def bool, c *Context) (bool, Result)               { return def, Result{} }
func (d *Document) String(key, def string, c *Context) (string, Result)                { return def, Result{} }
func (d *Document) Int(key string, def int64, c *Context) (int64, Result)              { return def, Result{} }
func (d *Document) Float(key string, def float64, c *Context) (float64, Result)        { return def, Result{} }
func (d *Document) Object(key string, def any, c *Context) (any, Result)               { return def, Result{} }
func (d *Document) Any(key string, c *Context) (any, Result)                           { return nil, Result{} }
