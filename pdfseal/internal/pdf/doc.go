// Package pdf is the strict PDF reader and the incremental writer of sealdesk.
//
// # Reading
//
// The reader works lazily over an [io.ReaderAt] and keeps only the cross-reference tables and a small, bounded cache in memory.
// It never repairs: an offset is right or the file is refused, because a file that has to be repaired reads differently in
// different programs, and a seal must not depend on which program looks at it. The rules S1 to S11 and the budgets R1 are applied
// as they stand in docs/verification.md; every refusal is a [*SyntaxError] that names the rule and the offset.
//
// A few oddities are frequent in files of other producers and cannot change what any reader sees. They are accepted and reported
// by [File.Notes]; each is described where it is handled, with the reason why it is unambiguous. They concern the bytes that exist
// before the first seal. For a revision that was added after a seal the caller uses [File.CheckTail], which reads that revision
// again without any tolerance and accounts for every one of its bytes.
//
// # Writing
//
// An [Increment] collects new and redefined objects and becomes the bytes to append (rules W4 and W5). The writer never changes a
// byte of the base file.
//
// # Objects
//
// The object model is that of pdfcpu (package types), with these conventions: null is nil; names are decoded (#xx resolved);
// a StringLiteral keeps the bytes between its parentheses as written; a HexLiteral keeps its digits without white space and with
// the implied last zero. Look keys up by indexing the map: the helpers of types.Dict decode a key a second time. Objects returned
// by a [View] are shared and must not be changed; clone them first.
package pdf
