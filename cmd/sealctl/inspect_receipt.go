package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/cms/timestamp"
)

// inspectReceipt checks a receipt of a verification centre by itself; whether the centre is trusted is judged by verify.
func (c *inspectCmd) inspectReceipt(raw []byte, protected *digested) (*inspection, error) {
	i := &inspection{Kind: kindReceipt, Version: "1"}
	r, err := receipt.Parse(raw)
	if err != nil {
		var e *cms.Error
		if !errors.As(err, &e) {
			return nil, &kindError{c.File, err} // signed, but not in the form of a receipt
		}
		i.check("signature_value", coded("SIG_VALUE", err), "")
		i.skip("data_hash", "not reached")
		return i, nil
	}
	i.Fields = receiptFields(r)
	i.check("signature_value", nil, "the centre's signature value verifies")
	switch {
	case protected == nil:
		i.skip("data_hash", "no --protected file")
	case hex.EncodeToString(protected.sum[:]) != r.DataHash:
		i.check("data_hash", fmt.Errorf("HASH_MISMATCH: SM3 of the protected file is %x", protected.sum), "")
	default:
		i.check("data_hash", nil, "SM3 of the protected file")
	}
	return i, nil
}

// receiptFields describes a receipt in the words of its JSON.
func receiptFields(r *receipt.Signed) map[string]any {
	certs := make([]any, 0, len(r.Certificates))
	for _, der := range r.Certificates {
		certs = append(certs, certificateFields(der))
	}
	status := map[string]any{"seal": r.SealStatus, "signer": r.SignerStatus, "maker": r.MakerStatus}
	if !r.SealSince.IsZero() {
		status["sealSince"] = utc(r.SealSince)
	}
	return map[string]any{
		"id": r.ID, "requestId": r.RequestID, "centre": r.Centre, "centreCertificate": certificateFields(r.SignerCert), "certificates": certs,
		"time":     map[string]any{"value": r.Time.Format("2006-01-02T15:04:05.000Z07:00"), "source": pdfseal.TimeReceipt},
		"dataHash": r.DataHash, "signatureSm3": r.SignatureSM3, "sealId": r.SealID, "sealSm3": r.SealSM3, "signerSm3": r.SignerSM3,
		"status": status, "verdict": r.Verdict, "reasons": r.Reasons, "bundle": r.Bundle,
	}
}

// checkTimestamp files what a timestamp token proves by itself: its own signature, that it is over the value, and that its certificate is
// one for timestamps (rule T5). It answers the token, nil where it proves nothing.
func (i *inspection) checkTimestamp(id string, token, value []byte) *timestamp.Token {
	if token == nil {
		i.skip(id, "absent")
		return nil
	}
	t, err := timestamp.Parse(token)
	if err == nil {
		err = errors.Join(t.CheckImprint(value), t.CheckAuthority())
	}
	if err != nil {
		i.check(id, coded("TIMESTAMP", errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))), "")
		return nil
	}
	i.check(id, nil, t.Time.Format(time.RFC3339Nano))
	return t
}

// tokenFields describes a timestamp token.
func tokenFields(t *timestamp.Token) map[string]any {
	return map[string]any{"time": t.Time.Format(time.RFC3339Nano), "serial": strings.ToUpper(t.Serial.Text(16)), "policy": t.Policy.String(),
		"imprint": hex.EncodeToString(t.Imprint[:]), "accuracy": t.Accuracy.String(), "authority": certificateFields(t.SignerCert), "notes": notes(t.Notes)}
}

// checkToken files the checks of a timestamp token in a file of its own. protected, if given, is what it should be over.
func (i *inspection) checkToken(raw []byte, protected *digested) {
	t, err := timestamp.Parse(raw)
	if err != nil {
		i.check("timestamp", coded("TIMESTAMP", err), "")
		i.skip("data_hash", "not reached")
		return
	}
	i.Fields["timestamp"] = tokenFields(t)
	i.check("timestamp", coded("TIMESTAMP", t.CheckAuthority()), t.Time.Format(time.RFC3339Nano))
	switch {
	case protected == nil:
		i.skip("data_hash", "no --protected file")
	case protected.sum != t.Imprint:
		i.check("data_hash", fmt.Errorf("HASH_MISMATCH: SM3 of the protected file is %x", protected.sum), "")
	default:
		i.check("data_hash", nil, "SM3 of the protected file")
	}
}
