package flags

import (
	"fmt"
	"regexp"
)

var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// checkName refuses names that could not be a token of a subject, so that no
// name can reach beyond its own set.
func checkName(what, name string) error {
	if !namePattern.MatchString(name) {
		return fmt.Errorf("flags: %s %q: a name has 1 to 63 characters, a-z, 0-9 and '-', and begins with a letter or digit", what, name)
	}
	return nil
}

// The bus's names for an environment and its sets.

func streamName(env string) string       { return "EVENKEEL_FLAGS_" + env }
func setSubject(env, set string) string  { return "evenkeel.flags." + env + "." + set }
func pushSubject(env, set string) string { return "evenkeel.push.flags." + env + "." + set }
func directGetSubject(env, set string) string {
	return "$JS.API.DIRECT.GET." + streamName(env) + "." + setSubject(env, set)
}
