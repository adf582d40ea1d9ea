package center_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
)

const requestID = "0190a1b2-c3d4-7e5f-8a6b-112233445566"

// office is a PKI with two seal signatures, and a centre's key.
type office struct {
	pki           *sealtest.PKI
	first, second []byte
	centre        cms.Key
}

var makeOffice = sync.OnceValues(func() (*office, error) {
	now := time.Now()
	p, err := sealtest.NewPKI(now)
	if err != nil {
		return nil, err
	}
	h, err := p.NewHolder("示范旗人民政府", "印章保管人甲", now.AddDate(-1, 0, 0), now.AddDate(2, 0, 0))
	if err != nil {
		return nil, err
	}
	seal, err := p.NewSeal(sealtest.SealSpec{ID: "15042900000001", Name: "示范旗人民政府", ValidFrom: now.AddDate(-1, 0, 0), ValidTo: now.AddDate(1, 0, 0)}, h)
	if err != nil {
		return nil, err
	}
	o := &office{pki: p, centre: cms.MemoryKey(p.MakerCert, p.MakerKey)}
	if o.first, err = h.SealSignature(seal, gm.SM3([]byte("a")), "ByteRange[0 1 2 3]", now); err != nil {
		return nil, err
	}
	o.second, err = h.SealSignature(seal, gm.SM3([]byte("b")), "ByteRange[0 1 2 3]", now)
	return o, err
})

func newOffice(t testing.TB) *office {
	t.Helper()
	o, err := makeOffice()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) request() center.Request {
	return center.Request{RequestID: requestID, DataHash: gm.SM3([]byte("a")), Signature: o.first}
}

// answer is what an honest centre says of a seal signature, before change.
func (o *office) answer(t testing.TB, sigDER []byte, change func(*receipt.Receipt)) map[string]any {
	t.Helper()
	sig, err := ses.ParseSignature(sigDER)
	if err != nil {
		t.Fatal(err)
	}
	r := receipt.For(sig)
	r.ID, r.RequestID, r.Time, r.Centre = "R-1", requestID, time.Now(), "示范核验中心"
	r.SealStatus, r.SignerStatus, r.MakerStatus, r.Verdict, r.Bundle = receipt.SealInForce, receipt.CertificateGood, receipt.CertificateGood, receipt.VerdictValid, 7
	if change != nil {
		change(&r)
	}
	der, err := receipt.Sign(context.Background(), r, o.centre)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"verdict": r.Verdict, "reasons": []string{}, "receipt": der, "certificates": [][]byte{o.pki.MakerCert}, "crls": [][]byte{}, "bundle": r.Bundle}
}

func honestStatus() map[string]any {
	return map[string]any{"id": "15042900000001", "status": "in-force", "since": "2026-01-01T00:00:00.000Z", "signerStatus": "good", "bundle": 7,
		"time": time.Now().UTC().Format("2006-01-02T15:04:05.000Z")}
}

func sendJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func sendProblem(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "title": "不行", "status": status, "detail": "d", "code": code})
}

// pair is a certificate and its key, PEM.
type pair struct {
	cert, key []byte
	leaf      *x509.Certificate
	priv      *ecdsa.PrivateKey
}

func issue(t testing.TB, by *pair, change func(*x509.Certificate)) *pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tpl := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(48 * time.Hour), BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature}
	change(tpl)
	parent, signer := tpl, key
	if by != nil {
		parent, signer = by.leaf, by.priv
	}
	der, err := x509.CreateCertificate(rand.Reader, tpl, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	b, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return &pair{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b}), leaf, key}
}

func newCA(t testing.TB) *pair {
	return issue(t, nil, func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })
}

func serverCert(t testing.TB, ca *pair, change func(*x509.Certificate)) *pair {
	return issue(t, ca, func(c *x509.Certificate) {
		c.IPAddresses, c.ExtKeyUsage = []net.IP{net.IPv4(127, 0, 0, 1)}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		if change != nil {
			change(c)
		}
	})
}

// site is a TLS server and the options of a client that believes it.
type site struct {
	*httptest.Server
	ca      *pair
	options center.Options
}

// patience is what a client gives a centre that answers: no machine needs so long.
const patience = 2 * time.Minute

// newSite serves the handler; change may alter the server before it starts.
func newSite(t testing.TB, cert func(ca *pair) *pair, h http.Handler, change func(*httptest.Server)) *site {
	t.Helper()
	ca := newCA(t)
	if cert == nil {
		cert = func(ca *pair) *pair { return serverCert(t, ca, nil) }
	}
	p := cert(ca)
	own, err := tls.X509KeyPair(p.cert, p.key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(discard{}, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12}
	if change != nil {
		change(s)
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return &site{s, ca, center.Options{URL: s.URL, CA: ca.cert, Timeout: patience}}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

func open(t testing.TB, o center.Options) *center.Client {
	t.Helper()
	c, err := center.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// noLeak fails where goroutines are left over after everything that the test has cleaned up.
func noLeak(t *testing.T) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if runtime.NumGoroutine() <= before {
				return
			}
		}
		buf := make([]byte, 1<<16)
		buf = buf[:runtime.Stack(buf, true)]
		t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf)
	})
}

func kindOf(err error) center.Kind {
	var e *center.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return center.Kind("")
}

func digest(b []byte) string {
	d := gm.SM3(b)
	return hex.EncodeToString(d[:])
}

func handler(f func(w http.ResponseWriter, r *http.Request)) http.Handler { return http.HandlerFunc(f) }

var (
	zeros = strings.Repeat("0", 1<<20)
	zero  = strings.Repeat("0", 64)
)
