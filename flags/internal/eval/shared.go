package eval

// shared is what the flags of a document have in common, kept once: they then
// take less memory, and find in the cache what another flag has used.
type shared struct {
	texts    map[string]string
	literals map[string]*literal
	variants map[string][]variant // by their JSON text
}

func newShared() shared {
	return shared{texts: map[string]string{}, literals: map[string]*literal{}, variants: map[string][]variant{}}
}

// text returns a text that equals t, the same one for all.
func (s shared) text(t string) string {
	if first, ok := s.texts[t]; ok {
		return first
	}
	s.texts[t] = t
	return t
}
