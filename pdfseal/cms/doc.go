// Package cms reads SignedData of GM/T 0010-2012 (GB/T 35275-2017) and PKCS#7
// and checks its one signature against the protected bytes of a PDF (rules C1
// to C7). It accepts the shapes A to E that are in use and names the one it
// found; it does not judge whether the signer's certificate is trusted.
package cms
