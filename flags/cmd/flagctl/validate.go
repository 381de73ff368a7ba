package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

// verdict is what validate says of one file.
type verdict struct {
	File     string          `json:"file"`
	Valid    bool            `json:"valid"`
	Flags    int             `json:"flags"`
	Error    string          `json:"error,omitempty"` // why nothing can be made of it as a whole
	Problems []flags.Problem `json:"problems,omitempty"`
}

func (a *app) validate() *cobra.Command {
	return &cobra.Command{
		Use: "validate FILE...", Short: "check documents without a bus", GroupID: "see",
		Long: "validate checks documents in flagd's format the way the Store does before it takes one:\n" +
			"syntax, variants, default variants, rules, operators, references, limits. It needs no bus.\n" +
			"\"-\" is standard input. Each problem is on a line of its own, as file:line:column: path: reason.\n" +
			"Exit code 3 if any file is not valid; warnings alone are no error.",
		Example: "  flagctl validate flags.json\n  flagctl validate --json flags/*.json",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var verdicts []verdict
			bad, unread := 0, error(nil)
			for _, name := range args {
				v, err := a.judge(name)
				switch {
				case err != nil:
					unread = err
				case !v.Valid:
					bad++
				}
				verdicts = append(verdicts, v)
				if !a.json {
					a.printVerdict(v)
				}
			}
			if a.json {
				if err := a.printJSON(verdicts); err != nil {
					return err
				}
			}
			if bad > 0 {
				return fmt.Errorf("%d of %d documents: %w", bad, len(args), errInvalid)
			}
			return unread
		},
	}
}

// judge says what is wrong with a document. The error is that of a file that
// could not be read, which says nothing of the document.
func (a *app) judge(name string) (verdict, error) {
	v := verdict{File: name}
	text, err := a.read(name)
	document, file := (*flags.DocumentError)(nil), (*fileError)(nil)
	var doc *flags.Document
	switch {
	case errors.As(err, &file):
		err = file.err
	case err != nil:
		v.Error = plain(err)
		return v, err
	default:
		doc, err = flags.ParseDocument(text)
	}
	switch {
	case err == nil:
		v.Flags, v.Problems = len(doc.Flags()), doc.Problems()
		v.Valid = doc.Validate() == nil
	case errors.As(err, &document):
		v.Problems = document.Problems
	default:
		v.Error = plain(err)
	}
	return v, nil
}

func (a *app) printVerdict(v verdict) {
	if v.Error != "" {
		a.printf("%s: %s\n", v.File, clean(v.Error))
	}
	for _, p := range v.Problems {
		a.printf("%s\n", clean(located(v.File, p)))
	}
	if v.Valid {
		a.printf("%s: valid, %s\n", v.File, count(v.Flags, "flag"))
	}
}

// located is a problem with its place, in the form that editors jump to:
// file:line:column: path: reason.
func located(file string, p flags.Problem) string {
	where := file
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", file, p.Line, p.Column)
		p.Line = 0
	}
	if p.Warning {
		where += ": warning"
	}
	return where + ": " + p.Error()
}
