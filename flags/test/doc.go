// Package test holds the tests of flags that need a real bus. It is a module
// of its own, and never released, so that nats-server stays out of the
// dependencies of those who use flags.
package test
