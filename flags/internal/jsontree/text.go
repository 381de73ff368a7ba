package jsontree

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string, from its opening quote to behind its closing one.
func (p *parser) str() (string, error) {
	p.at++
	from := p.at
	for p.at < len(p.src) {
		switch c := p.src[p.at]; {
		case c == '"':
			raw := p.src[from:p.at]
			if !utf8.Valid(raw) {
				p.at = from
				return "", p.fail("the string is not valid UTF-8")
			}
			p.at++
			return p.text(raw), nil
		case c == '\\':
			return p.escaped(from)
		case c < ' ':
			return "", p.fail("control character %q in a string: write it as an escape", c)
		default:
			p.at++
		}
	}
	return "", p.fail("the string does not end")
}

// maxShared is up to which length texts are looked for among those before.
const maxShared = 32

// text returns raw as a string; the same one for the same text.
func (p *parser) text(raw []byte) string {
	if len(raw) > maxShared {
		return string(raw)
	}
	if text, ok := p.texts[string(raw)]; ok {
		return text
	}
	text := string(raw)
	p.texts[text] = text
	return text
}

// escaped goes on reading a string at its first backslash.
func (p *parser) escaped(from int) (string, error) {
	var b bytes.Buffer
	b.Write(p.src[from:p.at])
	for p.at < len(p.src) {
		switch c := p.src[p.at]; {
		case c == '"':
			if !utf8.Valid(b.Bytes()) {
				p.at = from
				return "", p.fail("the string is not valid UTF-8")
			}
			p.at++
			return b.String(), nil
		case c == '\\':
			if err := p.escape(&b); err != nil {
				return "", err
			}
		case c < ' ':
			return "", p.fail("control character %q in a string: write it as an escape", c)
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	return "", p.fail("the string does not end")
}

var plainEscapes = map[byte]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

func (p *parser) escape(b *bytes.Buffer) error {
	p.at++
	c := p.peek()
	if plain, ok := plainEscapes[c]; ok {
		b.WriteByte(plain)
		p.at++
		return nil
	}
	if c != 'u' {
		return p.fail("unknown escape in a string: \\ and %s", p.found())
	}
	r, ok := p.hex4()
	if !ok {
		return p.fail("\\u wants four hexadecimal digits")
	}
	if utf16.IsSurrogate(r) {
		r = p.pair(r)
	}
	b.WriteRune(r)
	return nil
}

// pair joins the surrogate r with the one that follows; a lone surrogate
// becomes U+FFFD, as in encoding/json.
func (p *parser) pair(r rune) rune {
	at := p.at
	if p.peek() == '\\' && p.at+1 < len(p.src) && p.src[p.at+1] == 'u' {
		p.at++
		if low, ok := p.hex4(); ok {
			if joined := utf16.DecodeRune(r, low); joined != utf8.RuneError {
				return joined
			}
		}
	}
	p.at = at
	return utf8.RuneError
}

// hex4 reads the u and four digits behind it.
func (p *parser) hex4() (rune, bool) {
	if p.at+5 > len(p.src) {
		return 0, false
	}
	var r rune
	for _, c := range p.src[p.at+1 : p.at+5] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	p.at += 5
	return r, true
}
