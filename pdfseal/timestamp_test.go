package pdfseal_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"
	"testing"

	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
)

func hexSM3(b []byte) string {
	h := gm.SM3(b)
	return hex.EncodeToString(h[:])
}

// issueToken makes a token of the office's authority over a value.
func issueToken(t testing.TB, o *office, value []byte) []byte {
	t.Helper()
	token, err := timestamp.Issue(context.Background(), gm.SM3(value), nil, now, o.pki.Timestamp)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func flipLast(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)-1] ^= 1
	return b
}

// retoken puts another token into the seal signature of a sealed document; /Contents lies outside the protected bytes.
func (o *office) retoken(t testing.TB, sealed, token []byte) []byte {
	t.Helper()
	der, from, to := contents(t, sealed)
	s, err := ses.ParseSignature(der)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := ses.BuildSignature(s.TBSRaw, s.SignerCert, s.Value)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ses.AddTimestamp(plain, token)
	if err != nil {
		t.Fatal(err)
	}
	doc := bytes.Clone(sealed)
	copy(doc[from+1:to-1], bytes.Repeat([]byte("0"), to-from-2))
	copy(doc[from+1:to-1], strings.ToUpper(hex.EncodeToString(again)))
	return doc
}
