// Package testbus runs real NATS servers for tests: in this process without a
// listener ([InProcess]), as a child process that can be killed and paused
// ([Start]), as a cluster of such ([StartCluster]), and behind a TCP proxy that
// can be cut or stalled ([StartProxy]).
//
// Every server has a directory of its own below the test's, syncs every write
// to disk, listens on loopback only, and ends with its test.
package testbus
