package eval

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"github.com/evenkeel-go/evenkeel/flags/internal/jsontree"
)

// FromNode returns the value of a JSON text. Of equal names in an object the
// last one counts.
func FromNode(n *jsontree.Node) Value {
	switch n.Kind {
	case jsontree.Bool:
		return Bool(n.Bool)
	case jsontree.Number:
		return Number(n.Float())
	case jsontree.String:
		return String(n.Str)
	case jsontree.Array:
		items := make([]Value, len(n.Items))
		for i := range n.Items {
			items[i] = FromNode(&n.Items[i])
		}
		return list(items)
	case jsontree.Object:
		members := make(map[string]Value, len(n.Items))
		for i := range n.Items {
			members[n.Keys[i].Name] = FromNode(&n.Items[i])
		}
		return object(members)
	default:
		return Value{}
	}
}

func object(members map[string]Value) Value {
	c := &composite{keys: make([]string, 0, len(members))}
	for key := range members {
		c.keys = append(c.keys, key)
	}
	slices.Sort(c.keys)
	c.items = make([]Value, len(c.keys))
	for i, key := range c.keys {
		c.items[i] = members[key]
	}
	return Value{kind: kindObject, ref: c}
}

// maxConvertDepth bounds nested Go values; what lies deeper becomes null, so a
// value that contains itself does no harm.
const maxConvertDepth = 32

// FromAny returns the value that v would have after a round trip through JSON:
// every kind of number becomes a float64, a [time.Time] RFC 3339 text. What
// JSON cannot say becomes null.
func FromAny(v any) Value { return fromAny(v, 0) }

func fromAny(v any, depth int) Value {
	if depth > maxConvertDepth {
		return Value{}
	}
	switch v := v.(type) {
	case nil:
		return Value{}
	case string:
		return String(v)
	case bool:
		return Bool(v)
	case int:
		return Number(float64(v))
	case int64:
		return Number(float64(v))
	case float64:
		return Number(v)
	case Value:
		return v
	case json.Number:
		f, ok := number(v.String())
		if !ok {
			return Value{}
		}
		return Number(f)
	case time.Time:
		return String(v.Format(time.RFC3339Nano))
	case []string:
		items := make([]Value, len(v))
		for i, s := range v {
			items[i] = String(s)
		}
		return list(items)
	case []any:
		items := make([]Value, len(v))
		for i, element := range v {
			items[i] = fromAny(element, depth+1)
		}
		return list(items)
	case map[string]any:
		members := make(map[string]Value, len(v))
		for key, member := range v {
			members[key] = fromAny(member, depth+1)
		}
		return object(members)
	}
	return reflected(reflect.ValueOf(v), depth)
}

// reflected is fromAny for named types and the rarer kinds.
func reflected(v reflect.Value, depth int) Value {
	switch v.Kind() {
	case reflect.Bool:
		return Bool(v.Bool())
	case reflect.String:
		return String(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return Number(float64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return Number(float64(v.Uint()))
	case reflect.Float32, reflect.Float64:
		return Number(v.Float())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return Value{}
		}
		return fromAny(v.Elem().Interface(), depth+1)
	case reflect.Slice, reflect.Array:
		items := make([]Value, v.Len())
		for i := range items {
			items[i] = fromAny(v.Index(i).Interface(), depth+1)
		}
		return list(items)
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return Value{}
	}
	node, err := jsontree.Parse(text, maxConvertDepth)
	if err != nil {
		return Value{}
	}
	return FromNode(node)
}

// Any returns the value as plain Go values, made anew: nil, bool, float64,
// string, []any and map[string]any.
func (v Value) Any() any {
	switch v.kind {
	case kindBool:
		return v.num != 0
	case kindNumber:
		return v.num
	case kindString:
		return v.str
	case kindList:
		items := make([]any, len(v.ref.items))
		for i, item := range v.ref.items {
			items[i] = item.Any()
		}
		return items
	case kindObject:
		members := make(map[string]any, len(v.ref.items))
		for i, key := range v.ref.keys {
			members[key] = v.ref.items[i].Any()
		}
		return members
	default:
		return nil
	}
}
