package timestamp

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// Issue makes a token over imprint, the SM3 digest of what is to be proven, as
// the timestamp authority of a practice office or a test would: outer type
// and signature of GM/T 0010, accuracy of one second, at cut to the
// millisecond. A nil nonce is left out. The serial number follows from the
// other values, so that the same input gives the same TSTInfo. The result has been read back.
func Issue(ctx context.Context, imprint [32]byte, nonce *big.Int, at time.Time, key cms.Key) ([]byte, error) {
	at = at.UTC().Truncate(time.Millisecond)
	seed := gm.SM3(imprint[:], []byte(at.Format(time.RFC3339Nano)), key.Certificate())
	var nonceDER []byte
	if nonce != nil {
		nonceDER = der.Big(nonce)
		seed = gm.SM3(seed[:], nonceDER)
	}
	seed[0] &= 0x7f
	info := der.Sequence(der.Int(1), der.OID(oidAnyPolicy),
		der.Sequence(der.Sequence(der.OID(oidSM3)), der.Octets(imprint[:])),
		der.Big(new(big.Int).SetBytes(seed[:16])), der.GeneralizedTime(at), der.Sequence(der.Int(1)), nonceDER)
	out, err := cms.Sign(ctx, info, key, cms.SignOptions{Time: at, ContentType: oidTSTInfo})
	if err != nil {
		return nil, fmt.Errorf("timestamp: issue: %w", err)
	}
	if _, err := Parse(out); err != nil {
		return nil, fmt.Errorf("timestamp: issue: %w", err)
	}
	return out, nil
}
