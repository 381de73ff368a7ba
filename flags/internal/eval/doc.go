// Package eval compiles a flag document and evaluates its flags. It is pure:
// a document and a context go in, a result comes out; it knows no bus.
//
// What an evaluation gives follows flagd's definition
// (https://flagd.dev/reference/flag-definitions/ and its pages on custom
// operations) and, for the general operators, https://jsonlogic.com/operations.
// testdata/flagd-semantics.json is the table it is held to.
//
// # How it works
//
// [Compile] turns each flag's targeting into a tree of nodes. References are
// resolved, literals converted, literal lists of "in" become sets and versions
// of "sem_ver" are parsed once, so that evaluating parses nothing. A node
// evaluates to a [Value], which is small and passed by value: booleans, texts
// and numbers never touch the heap.
//
// # Where flagd leaves it open
//
//   - A $ref inside $evaluators is resolved like any other; a circle of them, a
//     missing one and an unknown operator make the flag bad, reached or not.
//   - A number looked for in a list that also holds null, booleans or lists is
//     compared strictly (and with numeric texts, as flagd does).
//   - Arithmetic, min and max on null, a boolean or a list fail with
//     PARSE_ERROR, also on a missing attribute: give var a default.
//   - cat of an object fails with PARSE_ERROR.
//   - reduce over a missing list gives the initial value.
//   - DISABLED wins over every other defect of a flag.
//
// # Bounds
//
// [Limits] holds for each flag when it is compiled; a budget of steps holds
// for each evaluation, charged by every iteration and every byte or element
// that cat, substr, merge, map and filter make.
package eval
