package pkcs11

import "slices"

// point reads a public key as stored in CKA_EC_POINT or a vendor attribute: DER OCTET STRING of 04‖X‖Y, the bare 65 bytes, or the
// bare 64 bytes X‖Y. It answers 04‖X‖Y without checking the curve, nil for anything else (usbkey.md, §2).
func point(b []byte) []byte {
	switch {
	case len(b) == 67 && b[0] == 0x04 && b[1] == 65 && b[2] == 0x04:
		return slices.Clone(b[2:])
	case len(b) == 66 && b[0] == 0x04 && b[1] == 64: // length put before x‖y by hand
		return append([]byte{0x04}, b[2:]...)
	case len(b) == 65 && b[0] == 0x04:
		return slices.Clone(b)
	case len(b) == 64:
		return append([]byte{0x04}, b...)
	default:
		return nil
	}
}
