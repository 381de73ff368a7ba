package jsontree

import (
	"fmt"
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
	p := parser{src: src, maxDepth: maxDepth}
	var root Node
	p.space()
	if err := p.value(&root, 0); err != nil {
		return nil, err
	}
	p.space()
	if p.at < len(src) {
		return nil, p.fail("something follows the end of the document: %s", p.found())
	}
	return &root, nil
}

type parser struct {
	src      []byte
	at       int
	maxDepth int
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
		n.Str = string(p.src[n.Start:p.at])
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
	for {
		if p.peek() != '"' {
			return p.fail("expected a member name in double quotes, found %s", p.found())
		}
		key := Key{Start: p.at}
		name, err := p.str()
		if err != nil {
			return err
		}
		key.Name, key.End = name, p.at
		p.space()
		if p.peek() != ':' {
			return p.fail("expected ':' after the member name %q, found %s", name, p.found())
		}
		p.at++
		p.space()
		n.Keys = append(n.Keys, key)
		n.Items = append(n.Items, Node{})
		if err := p.value(&n.Items[len(n.Items)-1], depth); err != nil {
			return err
		}
		if more, err := p.next('}', "object"); !more {
			return err
		}
	}
}

func (p *parser) array(n *Node, depth int) error {
	n.Kind = Array
	if err := p.open(depth); err != nil || p.closes(']') {
		return err
	}
	for {
		n.Items = append(n.Items, Node{})
		if err := p.value(&n.Items[len(n.Items)-1], depth); err != nil {
			return err
		}
		if more, err := p.next(']', "list"); !more {
			return err
		}
	}
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
