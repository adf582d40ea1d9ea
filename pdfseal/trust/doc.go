// Package trust answers who is trusted for what: chains of certificates with a
// purpose, revocation, the status of seals with its history, and which
// department may issue which seal. Everything it knows comes from one trust
// bundle (DESIGN.md, section 7), a file signed by the centre; certificates
// found inside a document are never anchors and never intermediates (rule T1).
// It judges no validity period: a ChainResult carries the certificates, and
// the verifier compares them with the time of sealing (rule T3).
//
// # The bundle
//
//	magic "\x89SDTB\r\n\x1a", format version (1 byte: 1), number of signatures (1 byte: 1 to 8)
//	for each signature: length (4 bytes, big-endian), GM/T 0010 SignedData with the manifest as its content
//	the sections, one after another, in the order of the manifest; nothing after them
//
// The manifest is strict JSON. It names centre, number, times, roots, anchors,
// departments, policy, and of every section its size and SM3. Seals are a
// table of 32-byte records, sorted by the first 16 bytes of SM3(seal
// identifier), in pages of 64 KiB; SM3 and first key of every page stand in
// the manifest, so that a look-up reads and checks one page. States that a
// seal had before its present one stand in a second table of the same kind.
//
// A root is a CA certificate that issues nothing but update certificates, and
// those directly. An update key signs the manifest. Who reads a bundle pins
// the SM3 of a root; a bundle that changes the roots carries a signature of
// the old and one of the new.
package trust
