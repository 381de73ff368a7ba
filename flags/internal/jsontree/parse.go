package jsontree

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// SyntaxError says why and where a text is not JSON, or is nested too deep.
type SyntaxError struct {
	Line, Column int // both from 1; the column counts bytes
	Reason       string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// Parse reads one JSON value from src, which must hold nothing else but white
// space around it. Arrays and objects may nest maxDepth deep; deeper ones are
// refused before they are read, so memory and stack stay bounded. The error is
// a *[SyntaxError].
//
// It accepts what encoding/json accepts, except invalid UTF-8 in strings,
// which encoding/json replaces in silence.
func Parse(src []byte, maxDepth int) (*Node, error) {
	p := parser{src: src, maxDepth: maxDepth, texts: map[string]string{}}
	return p.document()
}

// ParseKnowing is Parse that does not read again what is known. Of the members
// of the root's member called under, those whose value begins with the text
// that known returns for their name become Known nodes; that text must be of
// an object, from a source that was parsed with the same maxDepth. nil is not
// known.
func ParseKnowing(src []byte, maxDepth int, under string, known func(name string) []byte) (*Node, error) {
	p := parser{src: src, maxDepth: maxDepth, texts: map[string]string{}, under: under, known: known}
	return p.document()
}

// Read reads a Known node of src in place. Its depth was checked when it
// became known.
func Read(src []byte, n *Node) error {
	p := parser{src: src, at: n.Start, maxDepth: math.MaxInt, texts: map[string]string{}}
	var read Node
	if err := p.value(&read, 0); err != nil {
		return err
	}
	*n = read
	return nil
}

type parser struct {
	src      []byte
	at       int
	maxDepth int
	texts    map[string]string // short texts, of which documents repeat most

	// What the open objects and lists have so far, the innermost last, so that
	// each can be kept in slices of its own size.
	items []Node
	keys  []Key

	under  string                   // see ParseKnowing
	known  func(name string) []byte // nil: nothing is
	inside bool                     // the member called under is being read
}

func (p *parser) document() (*Node, error) {
	var root Node
	p.space()
	if err := p.value(&root, 0); err != nil {
		return nil, err
	}
	p.space()
	if p.at < len(p.src) {
		return nil, p.fail("something follows the end of the document: %s", p.found())
	}
	return &root, nil
}

func (p *parser) value(n *Node, depth int) error {
	n.Start = p.at
	var err error
	switch c := p.peek(); {
	case c == '{':
		err = p.object(n, depth+1)
	case c == '[':
		err = p.array(n, depth+1)
	case c == '"':
		n.Kind = String
		n.Str, err = p.str()
	case c == '-' || '0' <= c && c <= '9':
		n.Kind = Number
		err = p.number()
		n.Str = p.text(p.src[n.Start:p.at])
	case c == 't':
		n.Kind, n.Bool = Bool, true
		err = p.word("true")
	case c == 'f':
		n.Kind = Bool
		err = p.word("false")
	case c == 'n':
		err = p.word("null")
	default:
		err = p.fail("expected a value, found %s", p.found())
	}
	n.End = p.at
	return err
}

func (p *parser) object(n *Node, depth int) error {
	n.Kind = Object
	if err := p.open(depth); err != nil || p.closes('}') {
		return err
	}
	items, keys := len(p.items), len(p.keys)
	for {
		key, err := p.key()
		if err != nil {
			return err
		}
		p.keys = append(p.keys, key)
		if err := p.member(key.Name, depth); err != nil {
			return err
		}
		if more, err := p.next('}', "object"); err != nil {
			return err
		} else if !more {
			break
		}
	}
	n.Items, p.items = slices.Clone(p.items[items:]), p.items[:items]
	n.Keys, p.keys = slices.Clone(p.keys[keys:]), p.keys[:keys]
	return nil
}

// key reads a member's name and the colon.
func (p *parser) key() (Key, error) {
	if p.peek() != '"' {
		return Key{}, p.fail("expected a member name in double quotes, found %s", p.found())
	}
	key := Key{Start: p.at}
	name, err := p.str()
	if err != nil {
		return Key{}, err
	}
	key.Name, key.End = name, p.at
	p.space()
	if p.peek() != ':' {
		return Key{}, p.fail("expected ':' after the member name %q, found %s", name, p.found())
	}
	p.at++
	p.space()
	return key, nil
}

// member reads a member's value, or steps over it if it is known.
func (p *parser) member(name string, depth int) error {
	switch {
	case p.known == nil || depth > 2:
	case depth == 1:
		p.inside = name == p.under
	case p.inside:
		if text := p.known(name); text != nil && bytes.HasPrefix(p.src[p.at:], text) {
			p.items = append(p.items, Node{Kind: Object, Known: true, Start: p.at, End: p.at + len(text)})
			p.at += len(text)
			return nil
		}
	}
	return p.item(depth)
}

// item reads one element or member.
func (p *parser) item(depth int) error {
	var n Node
	if err := p.value(&n, depth); err != nil {
		return err
	}
	p.items = append(p.items, n)
	return nil
}

func (p *parser) array(n *Node, depth int) error {
	n.Kind = Array
	if err := p.open(depth); err != nil || p.closes(']') {
		return err
	}
	items := len(p.items)
	for {
		if err := p.item(depth); err != nil {
			return err
		}
		if more, err := p.next(']', "list"); err != nil {
			return err
		} else if !more {
			break
		}
	}
	n.Items, p.items = slices.Clone(p.items[items:]), p.items[:items]
	return nil
}

// open steps over the opening bracket of an object or array.
func (p *parser) open(depth int) error {
	if depth > p.maxDepth {
		return p.fail("nested deeper than %d levels", p.maxDepth)
	}
	p.at++
	p.space()
	return nil
}

func (p *parser) closes(bracket byte) bool {
	if p.peek() != bracket {
		return false
	}
	p.at++
	return true
}

// next steps to the next element, or over the closing bracket.
func (p *parser) next(bracket byte, what string) (more bool, err error) {
	p.space()
	if p.closes(bracket) {
		return false, nil
	}
	if p.peek() != ',' {
		return false, p.fail("expected ',' or '%c' in the %s, found %s", bracket, what, p.found())
	}
	p.at++
	p.space()
	return true, nil
}

func (p *parser) number() error {
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else if !p.digits() {
		return p.fail("expected a digit, found %s", p.found())
	}
	if p.peek() == '.' {
		p.at++
		if !p.digits() {
			return p.fail("expected a digit after the decimal point, found %s", p.found())
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if !p.digits() {
			return p.fail("expected a digit in the exponent, found %s", p.found())
		}
	}
	return nil
}

func (p *parser) digits() bool {
	from := p.at
	for c := p.peek(); '0' <= c && c <= '9'; c = p.peek() {
		p.at++
	}
	return p.at > from
}

func (p *parser) word(word string) error {
	if !strings.HasPrefix(string(p.src[p.at:min(len(p.src), p.at+len(word))]), word) {
		return p.fail("expected a value, found %s", p.found())
	}
	p.at += len(word)
	return nil
}

func (p *parser) space() {
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// peek returns the byte at the current place, 0 at the end.
func (p *parser) peek() byte {
	if p.at < len(p.src) {
		return p.src[p.at]
	}
	return 0
}

// found names what stands at the current place.
func (p *parser) found() string {
	if p.at >= len(p.src) {
		return "the end of the document"
	}
	r, _ := utf8.DecodeRune(p.src[p.at:])
	return fmt.Sprintf("%q", r)
}

func (p *parser) fail(format string, args ...any) error {
	line, column := Position(p.src, p.at)
	return &SyntaxError{Line: line, Column: column, Reason: fmt.Sprintf(format, args...)}
}

// Position turns a byte offset into a line and a column, both from 1.
func Position(src []byte, offset int) (line, column int) {
	before := string(src[:min(offset, len(src))])
	return 1 + strings.Count(before, "\n"), len(before) - strings.LastIndexByte(before, '\n')
}
