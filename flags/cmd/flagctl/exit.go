package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/evenkeel-go/evenkeel/flags"
)

// Exit codes; the root's help explains them.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInvalid     = 3
	exitUnreachable = 4
)

// usageError is wrong use that is found only while running.
type usageError string

func (e usageError) Error() string { return string(e) }

// errInvalid marks documents that validate has already said all about.
var errInvalid = errors.New("not valid")

// fileError is what is wrong with a document that came from a file.
type fileError struct {
	file string
	err  error
}

func (e *fileError) Error() string { return e.file + ": " + plain(e.err) }
func (e *fileError) Unwrap() error { return e.err }

// exitCode reports err and says what to exit with.
func (a *app) exitCode(cmd *cobra.Command, err error) int {
	if err == nil {
		return 0
	}
	code := exitFailed
	usage := usageError("")
	switch {
	case !a.started || errors.As(err, &usage):
		code = exitUsage
	case isInvalid(err):
		code = exitInvalid
	case isUnreachable(err):
		code = exitUnreachable
	}
	a.report(cmd, err, code)
	return code
}

func isInvalid(err error) bool {
	document, file := (*flags.DocumentError)(nil), (*fileError)(nil)
	return errors.As(err, &document) || errors.As(err, &file) || errors.Is(err, flags.ErrTooLarge) || errors.Is(err, errInvalid)
}

func isUnreachable(err error) bool {
	for _, target := range []error{
		errConnect, errRights, nats.ErrTimeout, nats.ErrNoServers, nats.ErrAuthorization, nats.ErrPermissionViolation,
		nats.ErrConnectionClosed, context.DeadlineExceeded,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

func (a *app) report(cmd *cobra.Command, err error, code int) {
	document, file := (*flags.DocumentError)(nil), (*fileError)(nil)
	isDocument := errors.As(err, &document)
	switch {
	case a.json:
		problem := map[string]any{"message": a.plain(err), "code": code}
		if isDocument {
			problem["problems"] = document.Problems
		}
		_ = json.NewEncoder(a.err).Encode(map[string]any{"error": problem}) // nothing is left to say it to
		return
	case isDocument && errors.As(err, &file):
		fmt.Fprintf(a.err, "flagctl: %s is not valid, so nothing was stored:\n", file.file)
		for _, p := range document.Problems {
			fmt.Fprintln(a.err, "  "+clean(located(file.file, p)))
		}
	default:
		fmt.Fprintln(a.err, "flagctl:", a.plain(err))
	}
	if next := a.next(cmd, err); next != "" {
		fmt.Fprintln(a.err, next)
	}
}

// next is what a person may want to do after err.
func (a *app) next(cmd *cobra.Command, err error) string {
	if !a.started {
		return fmt.Sprintf("Usage: %s\nRun \"%s --help\" for more.", cmd.UseLine(), cmd.CommandPath())
	}
	where := a.where(cmd)
	switch {
	case errors.Is(err, flags.ErrRetired):
		return fmt.Sprintf(`Bring the set back with "flagctl rollback SET REVISION%s"; "flagctl history SET%s" shows the revisions.`, where, where)
	case errors.Is(err, flags.ErrNoStream) && !strings.Contains(err.Error(), "flagctl init"):
		return fmt.Sprintf(`Check the name of the environment, or set it up: run "flagctl init%s".`, where)
	case errors.Is(err, flags.ErrNotFound):
		return fmt.Sprintf(`"flagctl list%s" shows the sets, "flagctl history SET%s" a set's revisions.`, where, where)
	}
	return ""
}

// plain is an error's text for a terminal, without secrets.
func (a *app) plain(err error) string { return clean(scrub(plain(err), a.server)) }

// plain takes the package's name out of an error's text.
func plain(err error) string { return strings.TrimPrefix(err.Error(), "flags: ") }
