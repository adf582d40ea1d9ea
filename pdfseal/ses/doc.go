// Package ses reads and writes electronic seals (SESeal) and seal signatures
// (SES_Signature) of GB/T 38540-2020 (version 4), GM/T 0031-2014 (version 1)
// and GM/T 0031-2025 (version 5).
//
// Reading works on the bytes received: every signed byte string is a slice of
// the input, never a re-encoding. The encoding must be strict DER with exactly
// the elements of the structure; the few departures that real seals need are
// tolerated, and each leaves a sentence in Notes. The package decides whether
// values are correct, not whether certificates are trusted.
package ses
