package eval

import (
	"strconv"
	"strings"

	"github.com/evenkeel-go/evenkeel/flags/internal/jsontree"
)

// place is where in a document the compiler is; a list from the inside out, so
// that walking costs nothing and only a problem builds the text.
type place struct {
	outer *place
	name  string
	index int // -1: name counts
}

func (p *place) member(name string) *place { return &place{p, name, -1} }
func (p *place) element(i int) *place      { return &place{p, "", i} }

func (p *place) String() string {
	if p == nil {
		return ""
	}
	outer := p.outer.String()
	switch {
	case p.index >= 0:
		return outer + "[" + strconv.Itoa(p.index) + "]"
	case p.name == "" || strings.ContainsAny(p.name, `.[]" `):
		return outer + "[" + strconv.Quote(p.name) + "]"
	case outer == "":
		return p.name
	default:
		return outer + "." + p.name
	}
}

// problem makes a Problem at a node of the text.
func problem(src []byte, flag string, at *place, node *jsontree.Node, reason string) Problem {
	p := Problem{Flag: flag, Path: at.String(), Reason: reason}
	if node != nil {
		p.Line, p.Column = jsontree.Position(src, node.Start)
	}
	return p
}
