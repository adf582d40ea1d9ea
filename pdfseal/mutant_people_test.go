package pdfseal_test

import (
	"encoding/hex"
	"sync"
	"testing"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
)

var theForeign = sync.OnceValues(func() (*sealtest.PKI, error) { return sealtest.NewPKI(now.AddDate(-1, 0, 0)) })

// foreignPKI is a hierarchy that nobody trusts.
func foreignPKI(t testing.TB) *sealtest.PKI {
	t.Helper()
	p, err := theForeign()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// again certifies the holder's key once more, in another certificate; change may alter it.
func (o *office) again(t testing.TB, h *sealtest.Holder, change func(*gm.CertificateTemplate)) []byte {
	t.Helper()
	issuer, err := gm.ParseCertificate(o.pki.SignerCACert)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := gm.CertificateTemplate{CommonName: h.Unit, Organization: "另一单位", Country: "CN", NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(2, 0, 0),
		KeyUsage: gm.KeyUsageDigitalSignature | gm.KeyUsageNonRepudiation}
	if change != nil {
		change(&tmpl)
	}
	cert, err := gm.CreateCertificate(tmpl, h.SignKey.Public(), issuer, o.pki.SignerCAKey)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// madeBy is a seal whose maker is a holder.
func madeBy(t testing.TB, b *kitBase, maker *sealtest.Holder) []byte {
	t.Helper()
	old, err := ses.ParseSeal(b.o.seal[b.seals-1])
	if err != nil {
		t.Fatal(err)
	}
	seal, err := ses.BuildSeal(ses.SealInfo{Version: 4, Vendor: old.Vendor, ID: old.ID, Kind: old.Kind, Name: old.Name, Certs: old.Certs, Created: old.Created,
		ValidFrom: old.ValidFrom, ValidTo: old.ValidTo, Picture: old.Picture}, maker.SignCert, maker.SignKey.Sign)
	if err != nil {
		t.Fatal(err)
	}
	return seal
}

// zOf is Z of GB/T 32918.2, 5.5, for an identifier other than the default one.
func zOf(id string, key gm.PublicKey) [32]byte {
	curve, err := hex.DecodeString("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC" +
		"28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93" +
		"32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7" +
		"BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0")
	if err != nil {
		panic(err)
	}
	bits := len(id) * 8
	return gm.SM3([]byte{byte(bits >> 8), byte(bits)}, []byte(id), curve, key.X[:], key.Y[:])
}
