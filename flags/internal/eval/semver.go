package eval

import (
	"cmp"
	"strings"
)

// version is a semantic version (https://semver.org) without build metadata.
type version struct {
	core       [3]string // numbers without leading zeros, of any length
	prerelease string
}

// parseVersion reads a version: with or without v, partial ones padded.
func parseVersion(text string) (v version, ok bool) {
	text = strings.TrimPrefix(strings.TrimPrefix(text, "v"), "V")
	if strings.HasPrefix(text, "v") || strings.HasPrefix(text, "V") {
		return version{}, false
	}
	text, build, hasBuild := strings.Cut(text, "+")
	if hasBuild && !validIdentifiers(build, false) {
		return version{}, false
	}
	text, v.prerelease, ok = strings.Cut(text, "-")
	if ok && !validIdentifiers(v.prerelease, true) {
		return version{}, false
	}
	for i := range v.core {
		v.core[i] = "0"
	}
	for i := 0; ; i++ {
		part, rest, more := strings.Cut(text, ".")
		if i == len(v.core) || !isNumeric(part) {
			return version{}, false
		}
		v.core[i], text = part, rest
		if !more {
			return v, true
		}
	}
}

// isNumeric says whether text is digits without leading zeros.
func isNumeric(text string) bool {
	if text == "" || len(text) > 1 && text[0] == '0' {
		return false
	}
	return strings.Trim(text, "0123456789") == ""
}

func validIdentifiers(text string, prerelease bool) bool {
	for {
		identifier, rest, more := strings.Cut(text, ".")
		if identifier == "" {
			return false
		}
		digits := true
		for i := range len(identifier) {
			c := identifier[i]
			digit := '0' <= c && c <= '9'
			digits = digits && digit
			if !digit && c != '-' && (c|0x20 < 'a' || c|0x20 > 'z') {
				return false
			}
		}
		if prerelease && digits && !isNumeric(identifier) {
			return false
		}
		if !more {
			return true
		}
		text = rest
	}
}

func compareNumeric(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// compare orders by precedence, semver.org §11.
func (v version) compare(w version) int {
	for i := range v.core {
		if c := compareNumeric(v.core[i], w.core[i]); c != 0 {
			return c
		}
	}
	switch {
	case v.prerelease == w.prerelease:
		return 0
	case v.prerelease == "":
		return 1
	case w.prerelease == "":
		return -1
	}
	return comparePrerelease(v.prerelease, w.prerelease)
}

func comparePrerelease(a, b string) int {
	for {
		x, restA, moreA := strings.Cut(a, ".")
		y, restB, moreB := strings.Cut(b, ".")
		if c := compareIdentifier(x, y); c != 0 {
			return c
		}
		switch {
		case !moreA && !moreB:
			return 0
		case !moreA:
			return -1
		case !moreB:
			return 1
		}
		a, b = restA, restB
	}
}

func compareIdentifier(a, b string) int {
	numericA, numericB := isNumeric(a), isNumeric(b)
	switch {
	case numericA && numericB:
		return compareNumeric(a, b)
	case numericA:
		return -1
	case numericB:
		return 1
	}
	return cmp.Compare(a, b)
}

// semVerNode is sem_ver: value, operator, value. A literal version is parsed
// once. https://flagd.dev/reference/custom-operations/semver-operation/
type semVerNode struct {
	left, op, right node
	literal         *version // right, if it is a literal version
}

func (n *semVerNode) eval(e *env) Value {
	left, ok := versionOf(eval(n.left, e))
	if !ok {
		return Value{}
	}
	var right version
	if n.literal != nil {
		right = *n.literal
	} else if right, ok = versionOf(eval(n.right, e)); !ok {
		return Value{}
	}
	op := eval(n.op, e)
	c := left.compare(right)
	switch op.str {
	case "=":
		return Bool(c == 0)
	case "!=":
		return Bool(c != 0)
	case "<":
		return Bool(c < 0)
	case "<=":
		return Bool(c <= 0)
	case ">":
		return Bool(c > 0)
	case ">=":
		return Bool(c >= 0)
	case "^":
		return Bool(left.core[0] == right.core[0])
	case "~":
		return Bool(left.core[0] == right.core[0] && left.core[1] == right.core[1])
	default:
		return Value{}
	}
}

func versionOf(v Value) (version, bool) {
	switch v.kind {
	case kindString:
		return parseVersion(v.str)
	case kindNumber:
		return parseVersion(plainNumber(v.num))
	default:
		return version{}, false
	}
}
