package trust

import "sealdesk/pdfseal/gm"

// maxEvidence bounds the revocation lists that come from outside a bundle.
const maxEvidence = 64

// AddEvidence answers a copy of the store that also knows these revocation
// lists (DER), such as those that a sealed file carries: each complete list
// that an authority of the bundle signed. Others are passed over in silence;
// nothing becomes an anchor, and an older list never hides a newer one.
func (s *Store) AddEvidence(crls [][]byte) *Store {
	if s == nil || len(crls) == 0 {
		return s
	}
	out := *s
	out.lists = append([]list(nil), s.lists...)
	checks := maxListChecks
	for _, b := range crls[:min(len(crls), maxEvidence)] {
		crl, err := gm.ParseCRL(b)
		if err != nil || crl.Delta || crl.Partial {
			continue
		}
		if issuer := out.listIssuer(crl, &checks); issuer != nil {
			out.lists = append(out.lists, list{crl: crl, issuer: issuer})
		}
	}
	return &out
}
