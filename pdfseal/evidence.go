package pdfseal

import (
	"bytes"
	"fmt"

	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
)

// Limits of the evidence in one increment and of a document (rule R1).
const (
	maxReceipt       = 1 << 20
	maxEvidenceCerts = 16
	maxEvidenceCRLs  = 8
	maxEvidenceSize  = 32 << 20 // bytes of all items of one increment
	maxEvidenceIncs  = 32       // increments with evidence
)

// EvidenceError says why evidence is not put into a document.
type EvidenceError struct {
	Key string // EvidenceUnreadable, …
	Err error  // nil where the key says it all
}

// The keys of EvidenceError, under "evidence.<KEY>" in the catalogues.
const (
	EvidenceUnreadable = "UNREADABLE" // a receipt, certificate or revocation list cannot be read, or no receipt is there
	EvidenceOther      = "OTHER"      // the receipt is about no seal of this document
	EvidenceRefused    = "REFUSED"    // the receipt says that the seal is not valid
	EvidencePresent    = "PRESENT"    // the document carries this receipt already
	EvidenceTooLarge   = "TOO_LARGE"  // beyond a limit
)

// EvidenceKeys lists every key of an EvidenceError.
func EvidenceKeys() []string {
	return []string{EvidenceUnreadable, EvidenceOther, EvidenceRefused, EvidencePresent, EvidenceTooLarge}
}

func (e *EvidenceError) Error() string {
	if e.Err == nil {
		return "pdfseal: evidence: " + e.Key
	}
	return "pdfseal: evidence: " + e.Key + ": " + e.Err.Error()
}

// Unwrap gives the reason.
func (e *EvidenceError) Unwrap() error { return e.Err }

// Situation names the text for people.
func (e *EvidenceError) Situation() (key string, data map[string]string) {
	data = map[string]string{"Detail": ""}
	if e.Err != nil {
		data["Detail"] = e.Err.Error()
	}
	return "evidence." + e.Key, data
}

func noEvidence(key, format string, args ...any) error {
	return &EvidenceError{Key: key, Err: fmt.Errorf(format, args...)}
}

// evidence is checked evidence in the form in which one increment carries it.
type evidence struct {
	receipt     *receipt.Signed
	covers      *candidate // the seal that the receipt is about
	vouched     bool       // the trust bundle vouches for the receipt's centre
	certs, crls [][]byte
}

// items lists everything in the order in which it is written.
func (e *evidence) items() [][]byte {
	out := append([][]byte{}, e.certs...)
	return append(append(out, e.crls...), e.receipt.Raw)
}

// selectEvidence checks e against the seals of a document and what it carries already, and leaves out what it does not need: what is there,
// certificates that did not issue any of those concerned, and lists that none of these issued. Evidence that it answers comes out of it
// unchanged when put in again; the verifier relies on that. Errors are *EvidenceError.
func selectEvidence(e Evidence, seals []*candidate, earlier []*evidence) (*evidence, error) {
	if err := checkSizes(e); err != nil {
		return nil, err
	}
	r, err := receipt.Parse(e.Receipt)
	if err != nil {
		return nil, &EvidenceError{Key: EvidenceUnreadable, Err: err}
	}
	out, p := &evidence{receipt: r}, &pool{}
	known := map[[32]byte]bool{}
	for _, old := range earlier {
		if bytes.Equal(old.receipt.Raw, r.Raw) {
			return nil, &EvidenceError{Key: EvidencePresent}
		}
		p.addAll(append([][]byte{old.receipt.SignerCert}, old.receipt.Certificates...))
		p.addAll(old.certs)
		for _, der := range old.crls {
			known[gm.SM3(der)] = true
		}
	}
	for _, c := range seals {
		s := c.signature()
		if s == nil {
			continue
		}
		if r.Covers(s, c.der) == nil {
			out.covers = c
		}
		p.addSeal(s)
	}
	if out.covers == nil {
		return nil, &EvidenceError{Key: EvidenceOther}
	}
	p.addAll(append([][]byte{r.SignerCert}, r.Certificates...))
	if out.certs, err = p.issuers(e.Certificates); err != nil {
		return nil, err
	}
	out.crls, err = p.lists(e.CRLs, known)
	return out, err
}

func checkSizes(e Evidence) error {
	total := len(e.Receipt)
	for _, b := range e.Certificates {
		total += len(b)
	}
	for _, b := range e.CRLs {
		total += len(b)
	}
	switch {
	case len(e.Receipt) > maxReceipt:
		return noEvidence(EvidenceTooLarge, "receipt of %d bytes", len(e.Receipt))
	case len(e.Certificates) > maxEvidenceCerts || len(e.CRLs) > maxEvidenceCRLs:
		return noEvidence(EvidenceTooLarge, "%d certificates and %d revocation lists", len(e.Certificates), len(e.CRLs))
	case total > maxEvidenceSize:
		return noEvidence(EvidenceTooLarge, "%d bytes", total)
	}
	return nil
}

// pool holds the certificates behind the seals and receipts of a document and, as they are found, those that issued them.
type pool struct{ certs []*gm.Certificate }

func (p *pool) addSeal(s *ses.Signature) {
	p.addAll([][]byte{s.SignerCert, s.Seal.MakerCert})
	if s.Timestamp == nil {
		return
	}
	if t, err := timestamp.Parse(s.Timestamp); err == nil {
		p.addAll(append([][]byte{t.SignerCert}, t.Certificates...))
	}
}

// addAll takes what can be read; what cannot belongs to no chain.
func (p *pool) addAll(certs [][]byte) {
	for _, der := range certs {
		if c, err := gm.ParseCertificate(der); err == nil && !p.has(c) {
			p.certs = append(p.certs, c)
		}
	}
}

func (p *pool) has(c *gm.Certificate) bool {
	for _, x := range p.certs {
		if bytes.Equal(x.Raw, c.Raw) {
			return true
		}
	}
	return false
}

// issued tells whether c issued a certificate of the pool.
func (p *pool) issued(c *gm.Certificate) bool {
	for _, x := range p.certs {
		if bytes.Equal(x.RawIssuer, c.RawSubject) && x.CheckSignatureFrom(c) == nil {
			return true
		}
	}
	return false
}

// issuers picks from certs, in their order, those that issued a certificate of the pool or of one another.
func (p *pool) issuers(certs [][]byte) ([][]byte, error) {
	parsed := make([]*gm.Certificate, len(certs))
	for i, der := range certs {
		var err error
		if parsed[i], err = gm.ParseCertificate(der); err != nil {
			return nil, &EvidenceError{Key: EvidenceUnreadable, Err: err}
		}
	}
	picked := make([]bool, len(certs))
	for again := true; again; {
		again = false
		for i, c := range parsed {
			if !picked[i] && !p.has(c) && p.issued(c) {
				picked[i], again = true, true
				p.certs = append(p.certs, c)
			}
		}
	}
	var out [][]byte
	for i, der := range certs {
		if picked[i] {
			out = append(out, der)
		}
	}
	return out, nil
}

// lists picks from crls, in their order, the complete lists that a certificate of the pool issued.
func (p *pool) lists(crls [][]byte, known map[[32]byte]bool) ([][]byte, error) {
	var out [][]byte
	done := map[[32]byte]bool{}
	for _, der := range crls {
		l, err := gm.ParseCRL(der)
		if err != nil {
			return nil, &EvidenceError{Key: EvidenceUnreadable, Err: err}
		}
		if h := gm.SM3(der); !known[h] && !done[h] && p.issuedList(l) {
			out, done[h] = append(out, der), true
		}
	}
	return out, nil
}

func (p *pool) issuedList(l *gm.CRL) bool {
	if l.Delta || l.Partial {
		return false
	}
	for _, c := range p.certs {
		if bytes.Equal(l.RawIssuer, c.RawSubject) && l.CheckSignatureFrom(c) == nil {
			return true
		}
	}
	return false
}
