// Package tlcp is the transport of GB/T 38636-2020 (TLCP, before it GM/T 0024):
// protocol version 1.1, two SM2 certificates of the server, one for signing
// and one for encryption, and the suite ECC_SM4_CBC_SM3 (0xE013). It gives a
// net.Conn for the client and a net.Listener for the server.
//
// The protocol itself is that of github.com/tjfoc/gmsm/gmtls. This package
// stands before it, because that library answers a hostile peer with a panic,
// lets a server leave out the signed key exchange, does not follow
// intermediate certificates, decrypts with points that are off the curve, and
// prints to standard output where a handshake fails. So, until the handshake
// is done, every record passes a guard that
//   - knows which message may follow which, and bounds their size and number,
//   - reads the peer's certificates strictly and checks chain, validity, use
//     and name before the library sees them,
//   - checks the signatures of both sides with both gmsm libraries,
//   - ends the handshake by itself at the first alert of either side.
//
// Private keys are used through package gm alone. Every call into the library
// turns a panic into an error and closes the connection.
//
// Limits: no session resumption, no renegotiation, no server name indication,
// no ECDHE, IBC or RSA suite, no GCM suite, since the library has none of them
// in usable form. Whoever needs one of these talks TLS.
package tlcp
