// Package pdfseal affixes electronic seals (GB/T 38540-2020) to PDF documents and verifies them.
//
// Affix appends one incremental update to a document: a signature field whose /Contents is an SES_Signature over the
// ByteRange, and the marks that show the seal picture on the pages. Verify judges every seal of every revision by the
// rules S, B, C, E, T, I and P and returns a Report; an invalid seal is a Report, not an error.
//
// A straddle seal 骑缝章 is a seal cut into slices, one on the edge of each page, under the same signature as the other marks. What belongs to it
// stands in the signed part, so Verify puts the slices together again and names the page whose slice is missing or wrong.
//
// AffixFile and AddEvidenceFile can append the centre's receipt, with certificates and revocation lists, in an increment of its
// own (the document security store): whoever trusts the centre then knows when the seal was affixed, without asking it.
//
// The package knows nothing of UsbKeys: a Signer is all it needs to affix, and nothing at all to verify.
package pdfseal
