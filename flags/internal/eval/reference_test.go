package eval

import (
	"encoding/json"
	"math"
	"math/bits"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// reference evaluates rules the slow and plain way: it walks the decoded JSON
// over Go's own types, as the language's description says, and shares nothing
// with the compiled evaluator. Iterations and sem_ver are not in it; they have
// the vectors.
type reference struct {
	flag    string
	context map[string]any
}

// ruleFails is what a failing rule panics with.
type ruleFails struct{}

// result is what an evaluation gives: the variant, the reason and the code.
type result struct{ variant, reason, code string }

// evaluate is a whole rule; names are the flag's variants.
func (r reference) evaluate(rule any, names []string, fallback string) (out result) {
	defer func() {
		if failure := recover(); failure == (ruleFails{}) {
			out = result{"", "ERROR", "PARSE_ERROR"}
		} else if failure != nil {
			panic(failure)
		}
	}()
	var name string
	switch v := r.eval(rule).(type) {
	case nil:
		return result{fallback, "DEFAULT", ""}
	case []any, map[string]any:
		return result{"", "ERROR", "GENERAL"}
	case float64:
		text, err := json.Marshal(v)
		if err != nil { // infinite, or not a number
			return result{"", "ERROR", "PARSE_ERROR"}
		}
		name = string(text)
	case bool:
		name = strconv.FormatBool(v)
	case string:
		name = v
	}
	if !slices.Contains(names, name) {
		return result{"", "ERROR", "GENERAL"}
	}
	return result{name, "TARGETING_MATCH", ""}
}

func (r reference) eval(rule any) any {
	switch rule := rule.(type) {
	case []any:
		return r.all(rule)
	case map[string]any:
		if len(rule) == 1 {
			for name, arg := range rule {
				return r.operator(name, arg)
			}
		}
	}
	return rule
}

func (r reference) all(rules []any) []any {
	values := make([]any, len(rules))
	for i := range rules {
		values[i] = r.eval(rules[i])
	}
	return values
}

func (r reference) operator(name string, arg any) any {
	lazy, isList := arg.([]any)
	if !isList {
		lazy = []any{arg}
	}
	switch name { // what does not evaluate all of its arguments
	case "if":
		for len(lazy) > 1 {
			if truth(r.eval(lazy[0])) {
				return r.eval(lazy[1])
			}
			lazy = lazy[2:]
		}
		return r.eval(at(lazy, 0))
	case "and", "or":
		var last any
		for _, one := range lazy {
			if last = r.eval(one); truth(last) == (name == "or") {
				return last
			}
		}
		return last
	case "var":
		if v := r.lookup(r.eval(at(lazy, 0))); v != nil {
			return v
		}
		return r.eval(at(lazy, 1))
	case "fractional":
		return r.fractional(lazy)
	}
	// What is beyond the arguments that an operator has is not looked at.
	if n, ok := map[string]int{
		"!": 1, "!!": 1, "==": 2, "!=": 2, "===": 2, "!==": 2, "<": 2, "<=": 2, ">": 2, ">=": 2,
		"in": 2, "substr": 3, "missing_some": 2,
	}[name]; ok && len(lazy) > n {
		lazy = lazy[:n:n]
	}
	if strings.HasPrefix(name, "<") || strings.HasPrefix(name, ">") {
		if len(lazy) < 2 {
			return false
		}
	}
	args := r.all(lazy)
	a, b := at(args, 0), at(args, 1)
	switch name {
	case "!":
		return !truth(a)
	case "!!":
		return truth(a)
	case "==":
		return equal(a, b)
	case "!=":
		return !equal(a, b)
	case "===":
		return same(a, b)
	case "!==":
		return !same(a, b)
	case "<", "<=", ">", ">=":
		third, isList := arg.([]any)
		return ordered(name, a, b) && (!isList || len(third) < 3 || ordered(name, b, r.eval(third[2])))
	case "starts_with", "ends_with":
		text, ok := a.(string)
		affix, ok2 := b.(string)
		if !ok || !ok2 {
			return nil
		}
		return name == "starts_with" && strings.HasPrefix(text, affix) || name == "ends_with" && strings.HasSuffix(text, affix)
	case "in":
		return within(a, b)
	case "cat":
		var text strings.Builder
		for _, v := range args {
			text.WriteString(plain(v))
		}
		return text.String()
	case "substr":
		return substring(args)
	case "merge":
		merged := []any{}
		for _, v := range args {
			if list, ok := v.([]any); ok {
				merged = append(merged, list...)
			} else {
				merged = append(merged, v)
			}
		}
		return merged
	case "missing":
		names := []any{}
		for _, v := range args {
			if list, ok := v.([]any); ok {
				names = append(names, list...)
			} else {
				names = append(names, v)
			}
		}
		return r.missing(names)
	case "missing_some":
		names, _ := b.([]any)
		need, _ := orderable(a)
		if absent := r.missing(names); float64(len(names)-len(absent)) < need {
			return absent
		}
		return []any{}
	}
	return arithmetic(name, args)
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func (r reference) missing(names []any) []any {
	absent := []any{}
	for _, name := range names {
		switch name.(type) {
		case []any, map[string]any: // no name; it counts as "", all there is
		default:
			if r.lookup(plain(name)) == nil {
				absent = append(absent, name)
			}
		}
	}
	return absent
}

// lookup follows a dotted path.
func (r reference) lookup(path any) any {
	text, ok := path.(string)
	if !ok {
		return nil
	}
	var v any = r.context
	switch text {
	case "": // all there is
		return v
	case "$flagd.flagKey":
		return r.flag
	}
	for name := range strings.SplitSeq(text, ".") {
		switch here := v.(type) {
		case map[string]any:
			v = here[name]
		case []any:
			v = nil
			if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(here) {
				v = here[i]
			}
		default:
			return nil
		}
	}
	return v
}

func truth(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	return false
}

var decimal = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

func numeric(text string) (float64, bool) {
	if !decimal.MatchString(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// same never holds for lists and objects.
func same(a, b any) bool {
	switch a.(type) {
	case []any, map[string]any:
		return false
	}
	return reflect.TypeOf(a) == reflect.TypeOf(b) && a == b
}

func equal(a, b any) bool {
	if reflect.TypeOf(a) == reflect.TypeOf(b) {
		return same(a, b)
	}
	if a == nil || b == nil {
		return false
	}
	number := func(v any) (float64, bool) {
		if v == "" {
			return 0, true
		}
		return orderable(v)
	}
	x, ok := number(a)
	y, ok2 := number(b)
	return ok && ok2 && x == y
}

// orderable is the number that a value is ordered by.
func orderable(v any) (float64, bool) {
	switch v := v.(type) {
	case nil:
		return 0, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case float64:
		return v, true
	case string:
		return numeric(v)
	}
	return 0, false
}

func ordered(op string, a, b any) bool {
	var less, equals, greater bool
	s, isText := a.(string)
	t, isText2 := b.(string)
	if isText && isText2 {
		less, equals, greater = s < t, s == t, s > t
	} else {
		x, ok := orderable(a)
		y, ok2 := orderable(b)
		if !ok || !ok2 {
			return false
		}
		if strings.HasSuffix(op, "=") && (a == nil || b == nil) {
			return false
		}
		less, equals, greater = x < y, x == y, x > y
	}
	return less && op[0] == '<' || greater && op[0] == '>' || equals && len(op) == 2
}

func within(needle, haystack any) bool {
	switch haystack := haystack.(type) {
	case string:
		if needle == nil {
			needle = "null"
		}
		if _, ok := needle.(map[string]any); ok {
			return false
		}
		return strings.Contains(haystack, plain(needle))
	case []any:
		for _, item := range haystack {
			if same(needle, item) {
				return true
			}
			if text, ok := item.(string); ok {
				f, isNumber := numeric(text)
				if x, ok := needle.(float64); ok && isNumber && x == f {
					return true
				}
			}
		}
	}
	return false
}

// plain is a value as cat writes it.
func plain(v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = plain(v[i])
		}
		return strings.Join(parts, ",")
	case map[string]any:
		panic(ruleFails{})
	}
	return ""
}

func substring(args []any) any {
	if len(args) == 0 {
		return ""
	}
	switch args[0].(type) {
	case []any, map[string]any:
		panic(ruleFails{})
	}
	text := []rune(plain(args[0]))
	if !utf8.ValidString(plain(args[0])) {
		return plain(args[0])
	}
	whole := func(v any) int {
		f, ok := orderable(v)
		if !ok || math.IsNaN(f) {
			return 0
		}
		return int(max(-1000, min(1000, f)))
	}
	start := whole(at(args, 1))
	if start > len(text) || start < -len(text) {
		return string(text)
	}
	if start < 0 {
		start += len(text)
	}
	end := len(text)
	if len(args) > 2 {
		if length := whole(args[2]); length < 0 {
			end = max(start, end+length)
		} else {
			end = min(end, start+length)
		}
	}
	return string(text[start:end])
}

func arithmetic(op string, args []any) any {
	if len(args) == 0 {
		if op == "+" {
			return 0.0
		}
		return nil
	}
	numbers := make([]float64, len(args))
	for i, v := range args {
		switch v := v.(type) {
		case float64:
			numbers[i] = v
		case string:
			numbers[i], _ = numeric(v)
		default:
			panic(ruleFails{})
		}
	}
	total := numbers[0]
	if op == "-" && len(numbers) == 1 {
		return -total
	}
	for _, x := range numbers[1:] {
		switch op {
		case "+":
			total += x
		case "-":
			total -= x
		case "*":
			total *= x
		case "/":
			total /= x
		case "%":
			total = math.Mod(total, x)
		case "min":
			total = math.Min(total, x)
		case "max":
			total = math.Max(total, x)
		}
	}
	return total
}

// fractional is version 2. The tests write buckets as [name, weight].
func (r reference) fractional(args []any) any {
	key, _ := r.context["targetingKey"].(string)
	hashed := r.flag + key
	if _, isBucket := at(args, 0).([]any); !isBucket && len(args) > 0 {
		switch v := r.eval(args[0]).(type) {
		case string:
			hashed, key = v, "given"
		case nil:
		default:
			return nil
		}
		args = args[1:]
	}
	if key == "" {
		return nil
	}
	total := 0.0
	weights := make([]float64, len(args))
	for i, one := range args {
		weight := r.eval(at(one.([]any), 1))
		switch w := weight.(type) {
		case nil:
			weights[i] = 1
		case float64:
			if w != math.Trunc(w) || w > math.MaxInt32 {
				return nil
			}
			weights[i] = max(w, 0)
		default:
			return nil
		}
		total += weights[i]
	}
	if total <= 0 || total > math.MaxInt32 {
		return nil
	}
	place := float64(uint64(plainMurmur(hashed)) * uint64(total) >> 32)
	sum := 0.0
	for i := range args {
		if sum += weights[i]; place < sum {
			return r.eval(args[i].([]any)[0])
		}
	}
	return nil
}

// plainMurmur is MurmurHash3_x86_32 as its reference has it, a byte at a time.
func plainMurmur(text string) uint32 {
	var h, k uint32
	for i := range len(text) {
		k |= uint32(text[i]) << (8 * (i % 4))
		if i%4 == 3 {
			h = bits.RotateLeft32(h^bits.RotateLeft32(k*0xcc9e2d51, 15)*0x1b873593, 13)*5 + 0xe6546b64
			k = 0
		}
	}
	h ^= bits.RotateLeft32(k*0xcc9e2d51, 15) * 0x1b873593
	h ^= uint32(len(text))
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}
