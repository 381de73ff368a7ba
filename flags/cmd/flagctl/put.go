package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

func (a *app) put() *cobra.Command {
	cmd := &cobra.Command{
		Use: "put SET FILE", Short: "replace a set's document by a file",
		Long: "put replaces a set's whole document by a file in flagd's format, or makes the set.\n" +
			"A document that is not valid is refused, with all that is wrong with it. Flags that are\n" +
			"not in the file are gone: what put took away is in the diff, and the undo brings it back.",
		Example: `  flagctl put shop flags.json -e dev --reason "new banner"
  generate-flags | flagctl put shop - -e dev --reason "nightly build"
  flagctl put shop flags.json -e prod --dry-run`,
		Args: setAnd(1), ValidArgsFunction: a.completeSetThenFile,
	}
	c := changing(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		text, err := a.read(args[1])
		if err != nil {
			return err
		}
		document, err := flags.ParseDocument(text) // before the bus is asked for anything
		if err == nil {
			err = document.Validate()
		}
		if err != nil {
			return &fileError{args[1], err}
		}
		return a.withStore(cmd, func(ctx context.Context, store *flags.Store) error {
			return a.replace(ctx, cmd, store, c, args[0], document)
		}, flags.WithoutSetup())
	}
	return cmd
}

// maxFile is more than any valid document has.
const maxFile = 64 << 20

// read reads a file, or standard input for "-". What is no document for sure
// is a fileError.
func (a *app) read(name string) ([]byte, error) {
	in := a.in
	if name != "-" {
		file, err := os.Open(name) //nolint:gosec // the person names the file
		if err != nil {
			return nil, fmt.Errorf("read the document: %w", err)
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the document from %s: %w", name, err)
	case len(text) > maxFile:
		return nil, &fileError{name, fmt.Errorf("it has more than %d bytes: %w", maxFile, flags.ErrTooLarge)}
	case len(text) == 0:
		return nil, &fileError{name, errors.New("it is empty: a document has at least {\"flags\": {}}")}
	}
	return text, nil
}
