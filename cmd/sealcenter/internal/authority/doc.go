// Package authority holds the keys and certificates of a centre in its state
// directory: the root, the authorities for signers and for seal makers, the
// makers of the issuing departments, the certificates that sign receipts and
// bundles, and the ordinary TLS certificates of the endpoint and its clients.
//
// Private keys lie in plain files of mode 0600. That is right for training,
// pilots and tests; a centre in production keeps them in a hardware module.
package authority
