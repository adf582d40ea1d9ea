// Package center is the client of the central verification endpoint, whose
// contract is assets/openapi/center.yaml: status of a seal, verification of a
// seal signature with a signed receipt, trust bundle, checkpoints of the
// register of seal use.
//
// It asks one host, that of its configuration: never one that a document or a
// certificate names, and it follows no redirection. It believes the
// authorities of its configuration alone, never those of the system, and goes
// through a proxy only where the configuration names one; the environment is
// not asked. TLS 1.2 and 1.3 are the first transport, TLCP (GB/T 38636, see
// package gm/tlcp) is the second.
//
// Everything has a limit: bytes of headers and answers, time of connecting
// and of the whole. What goes wrong is an *Error, which says which of the
// situations it is; cancelling the context ends every wait. What may safely be
// asked twice is asked up to three times, with pauses: all operations, since a
// verification carries the number of its request and the centre answers the
// same number with the same record.
//
// An answer is held against the contract field by field, and a receipt must be
// about the seal signature that was sent. Whether the receipt's certificate is
// that of a trusted centre is for package trust to say.
package center
