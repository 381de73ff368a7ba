package jsontree

import "strconv"

// Kind is the JSON type of a [Node].
type Kind uint8

// The six JSON types.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// String returns the JSON name of the kind, as error texts use it.
func (k Kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}[k]
}

// Node is one JSON value. It is immutable after [Parse].
type Node struct {
	Kind  Kind
	Bool  bool   // the value of a boolean
	Str   string // a decoded string; for a number, its literal as spelled
	Items []Node // the elements of an array, or the member values of an object
	Keys  []Key  // for an object, Keys[i] names Items[i]

	Start, End int // source[Start:End] is the value's text

	// Known: an object that was not read, since its text is a known one, see
	// ParseKnowing. It has no members until it is read with Read.
	Known bool
}

// Key is the name of an object member.
type Key struct {
	Name       string
	Start, End int // source[Start:End] is the quoted name
}

// Get returns the member called name, or nil if n is not an object or has no
// such member. Where a name occurs twice the last one counts, as in
// encoding/json.
func (n *Node) Get(name string) *Node {
	if n == nil || n.Kind != Object {
		return nil
	}
	for i := len(n.Keys) - 1; i >= 0; i-- {
		if n.Keys[i].Name == name {
			return &n.Items[i]
		}
	}
	return nil
}

// Float returns the float64 nearest to a number; a literal beyond the range
// of float64 gives an infinity.
func (n *Node) Float() float64 {
	f, _ := strconv.ParseFloat(n.Str, 64) // the literal was checked by Parse
	return f
}

// Text returns the value's text in src, the source that was parsed.
func (n *Node) Text(src []byte) []byte { return src[n.Start:n.End] }
