// Package jsontree reads JSON (RFC 8259) into a tree that remembers where
// each value stands in the source and how each number was spelled.
//
// encoding/json would do for the values alone; flags needs more: errors with
// line, column and path, a depth limit that holds while reading, numbers that
// are not forced through float64, and byte ranges, so that one flag can be
// compared with its earlier version, or edited, without touching the rest of
// the document.
package jsontree
