// Package flags gives a service feature flags that arrive in milliseconds and
// outlive the bus they arrive on.
//
// A flag set is one document in flagd's flag-definition format, kept on a NATS
// JetStream stream with its whole history. A service follows it in memory:
//
//	nc, err := nats.Connect(url, nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1))
//	if err != nil {
//		return err
//	}
//	set, err := flags.Open(ctx, nc, "prod", "checkout")
//	if err != nil {
//		return err
//	}
//	defer set.Close(context.Background())
//
//	user := flags.NewContext("user-42", flags.StringAttr("country", "de"))
//	if set.Bool(ctx, "new-cart", false, user) {
//		…
//	}
//
// or through OpenFeature, whose client costs more than the evaluation:
//
//	openfeature.SetProviderAndWait(flags.NewProvider(set))
//
// # Which way in
//
//   - [Open] follows a set over NATS.
//   - [Static] serves one document without a bus, for tools and tests.
//   - [NewProvider] puts either behind OpenFeature.
//   - [Bool], [String], [Int], [Float] and [Object] declare a service's flags in
//     one place; [WithContext] says once a request whom they are evaluated for.
//   - [WithExposures] records what a request was served.
//   - Package flagstest is for a service's own tests.
//   - [OpenStore] is the write side, for operators and CI; flagctl is built on it.
//   - [ParseDocument] and [Validate] read documents without any of them.
//
// # Evaluation
//
// A document is compiled when it arrives; an evaluation parses nothing, takes
// no lock and asks nobody. The order of evaluation, all operators of the
// targeting language, percentage rollouts and error codes are those of flagd
// (https://flagd.dev/reference/flag-definitions/), with these differences:
//
//   - A broken flag is quarantined alone: its last good version goes on serving
//     (or, at a first load, PARSE_ERROR), and all other flags work.
//   - A flag whose state is DISABLED is off, whatever else is wrong with it: the
//     kill switch always works.
//   - An integer is never rounded in silence: what is not whole, or is beyond
//     ±(2^53 − 1), is a TYPE_MISMATCH for Int.
//   - Variant names are compared as they are; flagd misses names with <, > or &.
//   - cat takes booleans and lists, and in takes any needle, as on
//     https://jsonlogic.com; flagd fails there by accident.
//
// Percentage rollouts hash with MurmurHash3 as flagd does. The document's
// metadata member bucketing says which version (2 is the default, 3 hashes
// CBOR), so an upgrade of this package never moves a user.
//
// # How a change arrives
//
// A stored revision is pushed to all followers at once over plain NATS. A push
// is a hint that saves waiting; what counts is the stream, which a follower
// reads when it starts, after every reconnect, after anything that may have
// lost a push, and every 30 s. Of two revisions the later by (time, sequence)
// holds, so pushes may be lost, repeated or reordered. A follower takes no
// consumer on the stream and needs three rights: one subject to ask, one to
// listen on, and its own inbox (see the README).
//
//	what happens                       what callers see             for at most
//	a revision is stored               the new values               milliseconds
//	the push is lost                   the old values               the resync time, 30 s
//	the bus restarts                   the old values, then Stale   until 0.5 s after it is back
//	                                   after 5 s
//	a half-open connection             the old values               3 × the connection's PingInterval
//	the bus is away at start           their own default values,    until 0.5 s after it is there
//	                                   NotReady; with WithDirectory
//	                                   the last good values, Stale
//	a revision cannot be read          the last good values, Stale  until the next good revision
//	one flag of a revision is broken   that flag's last good value  until it is mended
//	a retired set, a stream that       the last good values, Stale  for ever: an empty store is
//	was deleted or emptied             after 60 s                   no reason to change behaviour
//	the stream is made anew            the new stream's values      the resync time
//	the store goes back to an          the newer values             the resync time and 10 s
//	older revision
//
// # Limits
//
// Everything that comes over the wire is bounded ([Limits]): bytes after
// inflating, nesting, flags, rule size and rule cost. Evaluations have a budget
// of steps, so no rule can hang or fill a service.
package flags
