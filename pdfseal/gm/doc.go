// Package gm is the cryptography of the program: SM3 (GB/T 32905), SM2
// signatures (GB/T 32918.2, GM/T 0009), certificates of the profile of
// GB/T 20518 and their revocation lists. It is the only importer of a gmsm
// library.
//
// Two libraries stand behind it. An SM2 signature is accepted only where both
// accept it, and neither sees a key or a value before this package has checked
// encoding, range and curve: one of them takes bytes after the value, and both
// fail on a missing coordinate (rule C7).
//
// Certificates and lists are read by a strict walker of its own, bounded in
// size, depth and number of elements, because issuers in the field write
// certificates that one library or the other refuses. What a library holds
// against a certificate is named in Certificate.Defects.
package gm
