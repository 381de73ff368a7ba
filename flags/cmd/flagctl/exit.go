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
	document := (*flags.DocumentError)(nil)
	return errors.As(err, &document) || errors.Is(err, flags.ErrTooLarge) || errors.Is(err, errInvalid)
}

func isUnreachable(err error) bool {
	for _, target := range []error{
		errConnect, nats.ErrTimeout, nats.ErrNoServers, nats.ErrAuthorization, nats.ErrPermissionViolation,
		nats.ErrConnectionClosed, context.DeadlineExceeded,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

func (a *app) report(cmd *cobra.Command, err error, code int) {
	text := scrub(strings.TrimPrefix(err.Error(), "flags: "), a.server)
	if a.json {
		problem := map[string]any{"message": text, "code": code}
		if document := (*flags.DocumentError)(nil); errors.As(err, &document) {
			problem["problems"] = document.Problems
		}
		_ = json.NewEncoder(a.err).Encode(map[string]any{"error": problem}) // nothing is left to say it to
		return
	}
	fmt.Fprintln(a.err, "flagctl:", text)
	if document := (*flags.DocumentError)(nil); errors.As(err, &document) && len(document.Problems) > 1 {
		for i := range document.Problems {
			fmt.Fprintln(a.err, "  "+document.Problems[i].Error())
		}
	}
	switch {
	case !a.started:
		fmt.Fprintf(a.err, "Usage: %s\nRun \"%s --help\" for more.\n", cmd.UseLine(), cmd.CommandPath())
	case errors.Is(err, flags.ErrRetired):
		fmt.Fprintln(a.err, `Bring the set back with "flagctl rollback SET REVISION"; "flagctl history SET" shows the revisions.`)
	}
}
