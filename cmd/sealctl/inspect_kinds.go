package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
	"sealdesk/ui/explain"
)

// digest computes the SM3 of a file in pieces.
func digest(ctx context.Context, path string) (*digested, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	d := &digested{File: f}
	h, buf := gm.NewSM3(), make([]byte, 1<<20)
	for {
		n, err := f.Read(buf)
		h.Write(buf[:n])
		d.size += int64(n)
		if err == io.EOF {
			h.Sum(d.sum[:0])
			return d, nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			f.Close()
			return nil, err
		}
	}
}

// content reads the protected bytes whole.
func (d *digested) content() ([]byte, error) {
	if d.size > maxInspect {
		return nil, fmt.Errorf("sealctl: protected file has more than %d bytes", maxInspect)
	}
	return io.ReadAll(io.NewSectionReader(d.File, 0, d.size))
}

func period(from, to, at time.Time, code string) error {
	if at.Before(from) || at.After(to) {
		return fmt.Errorf("%s: %s is outside %s … %s", code, utc(at), utc(from), utc(to))
	}
	return nil
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// inspectSeal checks a stand-alone seal at an instant (standards.md, §7.1); trust is judged by verify.
func (c *inspectCmd) inspectSeal(raw []byte, at time.Time) (*inspection, error) {
	seal, err := ses.ParseSeal(raw)
	if err != nil {
		return nil, &kindError{c.File, err}
	}
	i := &inspection{Kind: kindSeal, Version: strconv.Itoa(int(seal.Version)), Fields: map[string]any{"seal": sealFields(seal), "at": utc(at)}}
	i.checkSeal(seal, at, "SEAL_EXPIRED")
	if t := i.checkTimestamp("timestamp", seal.Timestamp, seal.Value); t != nil {
		i.Fields["timestamp"] = tokenFields(t)
	}
	return i, nil
}

// checkSeal files the checks that a seal has by itself and in a seal signature.
func (i *inspection) checkSeal(seal *ses.Seal, at time.Time, code string) {
	i.check("seal_value", coded("SEAL_SIG", seal.VerifyValue()), "maker's signature value verifies")
	i.check("seal_period", period(seal.ValidFrom, seal.ValidTo, at, code), utc(at))
	maker, err := gm.ParseCertificate(seal.MakerCert)
	if err != nil {
		i.check("maker_period", coded("MAKER_CHAIN", err), "")
		return
	}
	i.check("maker_period", period(maker.NotBefore, maker.NotAfter, at, "MAKER_EXPIRED"), utc(at))
}

func coded(code string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", code, err)
}

// inspectSignature checks a seal signature by itself (standards.md, §7.3); without another instant, at its own time of sealing.
func (c *inspectCmd) inspectSignature(raw []byte, protected *digested, at time.Time) (*inspection, error) {
	s, err := ses.ParseSignature(raw)
	if err != nil {
		return nil, &kindError{c.File, err}
	}
	if at.IsZero() {
		at = s.Time
	}
	i := &inspection{Kind: kindSignature, Version: strconv.Itoa(int(s.Version)), Fields: map[string]any{
		"seal": sealFields(s.Seal), "signer": certificateFields(s.SignerCert), "time": map[string]any{"value": utc(s.Time), "source": pdfseal.TimeClaimed},
		"dataHash": hex.EncodeToString(s.DataHash), "propertyInfo": s.PropertyInfo, "at": utc(at), "notes": notes(s.Notes),
	}}
	i.check("signature_value", coded("SIG_VALUE", s.VerifyValue()), "signer's signature value verifies")
	i.checkHash(s, protected)
	i.checkSeal(s.Seal, at, "SIGN_TIME_OUTSIDE_SEAL")
	switch listed, usable := s.Seal.Lists(s.SignerCert); {
	case !usable:
		i.skip("signer_listed", "the seal has no usable signer list")
	case !listed:
		i.check("signer_listed", errors.New("CERT_NOT_IN_SEAL: the certificate is not in the seal's list"), "")
	default:
		i.check("signer_listed", nil, "the certificate is in the seal's list")
	}
	if signer, err := gm.ParseCertificate(s.SignerCert); err != nil {
		i.check("signer_period", coded("SIGNER_CHAIN", err), "")
	} else {
		i.check("signer_period", period(signer.NotBefore, signer.NotAfter, at, "SIGNER_EXPIRED_AT_SIGNING"), utc(at))
	}
	if t := i.checkTimestamp("timestamp", s.Timestamp, s.Value); t != nil {
		i.Fields["timestamp"] = tokenFields(t)
	}
	if s.Seal.Timestamp != nil {
		i.checkTimestamp("seal_timestamp", s.Seal.Timestamp, s.Seal.Value)
	}
	return i, nil
}

// checkHash compares dataHash with the protected file. An all-zero value is wrong whatever was protected.
func (i *inspection) checkHash(s *ses.Signature, protected *digested) {
	stated, ok := s.Hash()
	switch {
	case !ok:
		i.check("data_hash", fmt.Errorf("HASH_MISMATCH: %d bytes", len(s.DataHash)), "")
	case stated == [32]byte{}:
		i.check("data_hash", errors.New("HASH_MISMATCH: all zero"), "")
	case protected == nil:
		i.skip("data_hash", "no --protected file")
	case stated != protected.sum:
		i.check("data_hash", fmt.Errorf("HASH_MISMATCH: SM3 of the protected file is %x", protected.sum), "")
	default:
		i.check("data_hash", nil, "SM3 of the protected file")
	}
}

// inspectCMS checks a GM/T 0010 or PKCS#7 container against the protected file.
func (c *inspectCmd) inspectCMS(raw []byte, protected *digested) (*inspection, error) {
	sd, err := cms.Parse(raw)
	if err != nil {
		return nil, &kindError{c.File, err}
	}
	certs := make([]any, 0, len(sd.Certificates))
	for _, der := range sd.Certificates {
		certs = append(certs, certificateFields(der))
	}
	i := &inspection{Kind: kindCMS, Version: "PKCS#7", Fields: map[string]any{"certificates": certs, "contentType": sd.ContentType.String(),
		"detached": sd.Content == nil, "notes": notes(sd.Notes)}}
	if sd.GM {
		i.Version = "GM/T 0010"
	}
	if timestamp.Is(raw) {
		i.checkToken(sd.Raw, protected)
		return i, nil
	}
	if protected == nil && len(sd.Content) == 0 {
		i.skip("signature_value", "no --protected file")
		i.skip("data_hash", "no --protected file")
		return i, nil
	}
	sum, content := gm.SM3(sd.Content), func() ([]byte, error) { return sd.Content, nil }
	if protected != nil {
		sum, content = protected.sum, protected.content
	}
	res, err := sd.Verify(sum, content)
	var e *cms.Error
	switch {
	case err == nil:
		i.Fields["variant"], i.Fields["signer"], i.Fields["notes"] = res.Variant, certificateFields(res.SignerCert), notes(res.Notes)
		i.check("signature_value", nil, "variant "+res.Variant)
		if protected == nil {
			i.skip("data_hash", "no --protected file; checked against the embedded content")
		} else {
			i.check("data_hash", nil, "SM3 of the protected file")
		}
	case errors.As(err, &e) && (e.Rule == "C4" || e.Rule == "C5"):
		i.skip("signature_value", "not reached")
		i.check("data_hash", coded("HASH_MISMATCH", err), "")
	default:
		i.check("signature_value", coded("SIG_VALUE", err), "")
		i.skip("data_hash", "not reached")
	}
	return i, nil
}

// inspectPDF lists what the pre-seal gate knows of a document.
func (a *app) inspectPDF(f *pdfseal.File) (*inspection, error) {
	store, err := a.trustStore("")
	if err != nil {
		return nil, err
	}
	defer store.Close()
	inv, err := pdfseal.Inspect(a.ctx, f, store)
	if err != nil {
		return nil, err
	}
	list := make([]map[string]any, 0, len(inv.Findings))
	for _, x := range inv.Findings {
		m := map[string]any{"rule": x.Rule, "level": x.Level, "key": x.Key, "page": x.Page, "pages": x.Pages, "detail": x.Detail, "text": explain.Finding(a.cat, x)}
		if x.Area.Known() {
			m["x"], m["y"], m["w"], m["h"] = x.X, x.Y, x.W, x.H
		}
		list = append(list, m)
	}
	return &inspection{Kind: "pdf", Version: inv.Version, Fields: map[string]any{
		"pages": inv.Pages, "revisions": inv.Revisions, "seals": inv.Seals, "findings": list, "sealable": len(inv.Refused()) == 0}}, nil
}
