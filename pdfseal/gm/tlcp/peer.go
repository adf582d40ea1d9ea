package tlcp

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"net"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

var (
	oidAltName    = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidServerAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	oidClientAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}
)

// Limits of what a peer presents.
const (
	maxCertificates = 8
	maxNames        = 256
	maxPath         = 6
)

const encryptionUse = gm.KeyUsageKeyEncipherment | gm.KeyUsageDataEncipherment | gm.KeyUsageKeyAgreement

// Names is the subject alternative name for a certificate of a host: DNS names and IP addresses.
func Names(hosts ...string) gm.Extension {
	var names []byte
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip == nil {
			names = append(names, der.TLV(0x82, []byte(h))...)
		} else if v4 := ip.To4(); v4 != nil {
			names = append(names, der.TLV(0x87, v4)...)
		} else {
			names = append(names, der.TLV(0x87, ip)...)
		}
	}
	return gm.Extension{ID: oidAltName, Value: der.Sequence(names)}
}

// checker judges what a peer presents.
type checker struct {
	roots []*gm.Certificate
	now   time.Time
	name  string // of a server, "" for a client
}

// server judges the two certificates of a server and what follows them. It
// answers the path of the signing certificate, leaf first.
func (k checker) server(raw [][]byte) (path, presented []*gm.Certificate, err error) {
	all, err := parsePeer(raw, 2)
	if err != nil {
		return nil, nil, err
	}
	if path, err = k.path(all[0], all[2:]); err != nil {
		return nil, nil, err
	}
	if _, err = k.path(all[1], all[2:]); err != nil {
		return nil, nil, err
	}
	for i, use := range []gm.KeyUsage{gm.KeyUsageDigitalSignature | gm.KeyUsageNonRepudiation, encryptionUse} {
		if err := k.leaf(all[i], use, oidServerAuth); err != nil {
			return nil, nil, err
		}
		if err := matches(all[i], k.name); err != nil {
			return nil, nil, &CertificateError{Reason: ReasonName, Certificate: all[i], Err: err}
		}
	}
	return path, all, nil
}

// client judges the signing certificate of a client; an encryption
// certificate may follow it, and is not used.
func (k checker) client(raw [][]byte) (path, presented []*gm.Certificate, err error) {
	all, err := parsePeer(raw, 1)
	if err != nil {
		return nil, nil, err
	}
	if path, err = k.path(all[0], all[1:]); err != nil {
		return nil, nil, err
	}
	return path, all, k.leaf(all[0], gm.KeyUsageDigitalSignature|gm.KeyUsageNonRepudiation, oidClientAuth)
}

func parsePeer(raw [][]byte, least int) ([]*gm.Certificate, error) {
	if len(raw) < least || len(raw) > maxCertificates {
		return nil, &CertificateError{Reason: ReasonMissing}
	}
	var all []*gm.Certificate
	for _, b := range raw {
		c, err := gm.ParseCertificate(b)
		if err == nil && !c.IsSM2 {
			err = gm.ErrUnsupported
		}
		if err != nil {
			return nil, &CertificateError{Reason: ReasonUnreadable, Err: err}
		}
		all = append(all, c)
	}
	return all, nil
}

// path climbs from leaf to a root, through the intermediates presented (RFC 5280, 6.1).
func (k checker) path(leaf *gm.Certificate, presented []*gm.Certificate) ([]*gm.Certificate, error) {
	path := []*gm.Certificate{leaf}
	for below := 0; len(path) <= maxPath; below++ {
		last := path[len(path)-1]
		if err := k.period(last); err != nil {
			return nil, err
		}
		if root := issuerOf(last, k.roots, below); root != nil {
			return append(path, root), k.period(root)
		}
		next := issuerOf(last, presented, below)
		if next == nil {
			break
		}
		path = append(path, next)
	}
	return nil, &CertificateError{Reason: ReasonUnknownAuthority, Certificate: leaf}
}

// issuerOf finds who signed c and may have done so.
func issuerOf(c *gm.Certificate, among []*gm.Certificate, below int) *gm.Certificate {
	for _, ca := range among {
		switch {
		case !ca.IsCA, len(ca.UnknownCritical) > 0, ca.HasKeyUsage && ca.KeyUsage&gm.KeyUsageKeyCertSign == 0,
			ca.MaxPathLen >= 0 && below > ca.MaxPathLen, !bytes.Equal(ca.RawSubject, c.RawIssuer):
			continue
		}
		if c.CheckSignatureFrom(ca) == nil {
			return ca
		}
	}
	return nil
}

func (k checker) period(c *gm.Certificate) error {
	switch {
	case k.now.Before(c.NotBefore):
		return &CertificateError{Reason: ReasonNotYetValid, Certificate: c}
	case k.now.After(c.NotAfter):
		return &CertificateError{Reason: ReasonExpired, Certificate: c}
	}
	return nil
}

// leaf checks what the key is for. Where extended uses are named, the one must be among them.
func (k checker) leaf(c *gm.Certificate, use gm.KeyUsage, extended asn1.ObjectIdentifier) error {
	fits := !c.IsCA && len(c.UnknownCritical) == 0 && c.HasKeyUsage && c.KeyUsage&use != 0
	named := len(c.ExtKeyUsage) == 0
	for _, id := range c.ExtKeyUsage {
		named = named || id.Equal(extended)
	}
	if !fits || !named {
		return &CertificateError{Reason: ReasonUsage, Certificate: c}
	}
	return nil
}

// matches compares the host with the subject alternative names; the common name is not asked (RFC 9525, 6.3).
func matches(c *gm.Certificate, host string) error {
	var names x509.Certificate
	for _, x := range c.Extensions {
		if !x.ID.Equal(oidAltName) {
			continue
		}
		list, err := der.ParseAll(x.Value)
		if err != nil {
			return err
		}
		all, err := list.Sequence(1, maxNames)
		if err != nil {
			return err
		}
		for _, n := range all {
			switch {
			case n.IsContext(2) && !n.Constructed:
				names.DNSNames = append(names.DNSNames, string(n.Content))
			case n.IsContext(7) && !n.Constructed:
				names.IPAddresses = append(names.IPAddresses, net.IP(n.Content))
			}
		}
	}
	if len(names.DNSNames)+len(names.IPAddresses) == 0 {
		return errors.New("no host name in it")
	}
	return names.VerifyHostname(host)
}
