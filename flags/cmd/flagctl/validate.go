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
			"\"-\" is standard input. Exit code 3 if any file is not valid; warnings alone are no error.",
		Example: "  flagctl validate flags.json\n  flagctl validate --json flags/*.json",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var verdicts []verdict
			bad := 0
			for _, name := range args {
				v := a.judge(name)
				if !v.Valid {
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
			return nil
		},
	}
}

func (a *app) judge(name string) verdict {
	v := verdict{File: name}
	text, err := a.read(name)
	if err == nil {
		var doc *flags.Document
		if doc, err = flags.ParseDocument(text); err == nil {
			v.Flags, v.Problems = len(doc.Flags()), doc.Problems()
			v.Valid = doc.Validate() == nil
			return v
		}
	}
	if document := (*flags.DocumentError)(nil); errors.As(err, &document) {
		v.Problems = document.Problems
	} else {
		v.Error = err.Error()
	}
	return v
}

func (a *app) printVerdict(v verdict) {
	if v.Error != "" {
		a.printf("%s: error: %s\n", v.File, v.Error)
	}
	for _, p := range v.Problems {
		kind, where := "error", v.File
		if p.Warning {
			kind = "warning"
		}
		if p.Line > 0 {
			where = fmt.Sprintf("%s:%d:%d", v.File, p.Line, p.Column)
			p.Line = 0
		}
		a.printf("%s: %s: %s\n", where, kind, p.Error())
	}
	if v.Valid {
		a.printf("%s: valid, %d flags\n", v.File, v.Flags)
	}
}
