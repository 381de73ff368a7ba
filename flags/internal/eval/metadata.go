package eval

// SharedMetadata is Metadata without a copy where it can be; the caller must
// not change it.
func (r Result) SharedMetadata() map[string]any {
	switch {
	case r.flag == nil:
		return nil
	case len(r.flag.about.metadata) == 0:
		return r.doc.metadata
	case len(r.doc.metadata) == 0:
		return r.flag.about.metadata
	}
	return r.Metadata()
}
