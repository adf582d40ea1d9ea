package pdfseal_test

import (
	"fmt"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
)

// sesParts is what goes into the container of a seal that is made anew: by default what its holder would put there.
type sesParts struct {
	seal   []byte
	at     time.Time
	holder *sealtest.Holder
	cert   []byte // nil: the holder's
	hash   func([32]byte) [32]byte
	info   func(string) string
	tbs    func([]byte) []byte // changes what is signed
	value  func(tbs []byte) ([]byte, error)
	der    func([]byte) []byte // changes the container
}

func (o *office) parts(i int) *sesParts {
	return &sesParts{seal: o.seal[i], at: now, holder: o.holder[i]}
}

// container answers a mutant.Signature.
func (p *sesParts) container(head, tail []byte, right [4]int64) ([]byte, error) {
	hash, info := gm.SM3(head, tail), fmt.Sprintf("ByteRange[%d %d %d %d]", right[0], right[1], right[2], right[3])
	if p.hash != nil {
		hash = p.hash(hash)
	}
	if p.info != nil {
		info = p.info(info)
	}
	seal, err := ses.ParseSeal(p.seal)
	if err != nil {
		return nil, err
	}
	tbs, err := ses.BuildTBS(seal, p.at, hash, info)
	if err != nil {
		return nil, err
	}
	if p.tbs != nil {
		tbs = p.tbs(tbs)
	}
	value, err := p.holder.SignKey.Sign(tbs)
	if p.value != nil {
		value, err = p.value(tbs)
	}
	if err != nil {
		return nil, err
	}
	cert := p.cert
	if cert == nil {
		cert = p.holder.SignCert
	}
	out, err := ses.BuildSignature(tbs, cert, value)
	if err == nil && p.der != nil {
		out = p.der(out)
	}
	return out, err
}
