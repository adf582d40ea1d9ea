// Package pdfseal affixes electronic seals (GB/T 38540-2020) to PDF documents and verifies them.
//
// Affix appends one incremental update to a document: a signature field whose /Contents is an SES_Signature over the
// ByteRange, and the marks that show the seal picture on the pages. Verify judges every seal of every revision by the
// rules S, B, C, E, T, I and P and returns a Report; an invalid seal is a Report, not an error.
//
// The package knows nothing of UsbKeys: a Signer is all it needs to affix, and nothing at all to verify.
package pdfseal
