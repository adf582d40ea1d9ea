// Package trust answers who is trusted for what: chains of certificates with a
// purpose, revocation, and the status of seals. Everything it knows comes from
// one trust file that the user chose; certificates found inside a document are
// never anchors and never intermediates (rule T1). It judges no validity
// period: a ChainResult carries the certificates, and the verifier compares
// them with the time of sealing (rule T3).
package trust
