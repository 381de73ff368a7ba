package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// setAnd takes the name of a set and more arguments, as many as it says.
func setAnd(more int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.ExactArgs(1+more)(cmd, args); err != nil {
			return err
		}
		return checkName("set", args[0])
	}
}

// maybeSet takes the name of a set or nothing.
func maybeSet(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return setAnd(0)(cmd, args)
}

// namePattern is that of package flags, which has the last word.
var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// checkName refuses a name that no set and no environment can have, so that
// a slip of the hand is wrong use and not "not found".
func checkName(what, name string) error {
	if !namePattern.MatchString(name) {
		return fmt.Errorf("%s %q: a name has 1 to 63 characters, a-z, 0-9 and '-', and begins with a letter or digit", what, name)
	}
	return nil
}

// where is the part of a command line that leads to the same environment
// again, without secrets. Variables of the shell need no repeating.
func (a *app) where(cmd *cobra.Command) string {
	text := []string{" -e", a.env}
	for _, f := range []struct{ name, value string }{
		{"server", redact(a.server)}, {"creds", a.creds}, {"inbox-prefix", a.inbox},
	} {
		if cmd.Flags().Changed(f.name) {
			text = append(text, "--"+f.name, quoted(f.value))
		}
	}
	return strings.Join(text, " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@,=+-]+$`)

// quoted makes one word of text for a POSIX shell.
func quoted(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// interactive says whether a person can be asked: whether in is a terminal.
func interactive(in io.Reader) bool {
	file, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
