package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Change is a transaction of the issuing desk. Its readings are those of the
// state that it changes; nothing else changes it meanwhile.
type Change struct {
	ctx context.Context
	tx  *sql.Tx
	r   reader
}

// Update runs do in one transaction. An error of do leaves the registry as it was.
func (s *Store) Update(ctx context.Context, do func(*Change) error) error {
	err := s.update(ctx, func(tx *sql.Tx) error { return do(&Change{ctx: ctx, tx: tx, r: reader{ctx, tx}}) })
	if err != nil {
		return fmt.Errorf("registry: %w", err)
	}
	return nil
}

// Record writes an event and answers its number. Order, Action and Time are required.
func (c *Change) Record(e Event) (int64, error) {
	if e.Detail == "" {
		e.Detail = "{}"
	}
	if e.Action == "" || e.Time.IsZero() {
		return 0, errors.New("event without action or time")
	}
	var seq int64
	err := c.tx.QueryRowContext(c.ctx, `INSERT INTO events (time, action, seal_id, division, status, since, who, why, application, detail)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) RETURNING seq`,
		millis(e.Time), e.Action, optional(e.SealID), optional(e.Division), optional(string(e.Status)), optionalTime(e.Since),
		e.Who, e.Why, e.Application, e.Detail).Scan(&seq)
	return seq, err
}

// insert adds a row; ErrConflict where its key is taken.
func (c *Change) insert(text string, args ...any) error {
	res, err := c.tx.ExecContext(c.ctx, text+" ON CONFLICT DO NOTHING", args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrConflict, err)
	}
	return nil
}

// AddDepartment adds an issuing department; ErrConflict where its division has one.
func (c *Change) AddDepartment(event int64, d Department) error {
	return c.insert("INSERT INTO departments (division, name, maker_sm3, event) VALUES ($1,$2,$3,$4)", d.Division, d.Name, d.MakerSM3, event)
}

// AddCertificate adds a certificate. One that is known already stays as it is.
func (c *Change) AddCertificate(event int64, x Certificate) error {
	err := c.insert("INSERT INTO certificates (sm3, authority, serial, key_sm3, unit, person, der, not_before, not_after, event) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
		x.SM3, x.Authority, x.Serial, x.KeySM3, x.Unit, x.Person, x.DER, millis(x.NotBefore), millis(x.NotAfter), event)
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// Revoke revokes a certificate. One that is revoked already stays so with its first time and reason.
func (c *Change) Revoke(event int64, r Revocation) error {
	err := c.insert("INSERT INTO revocations (cert_sm3, time, reason, event) VALUES ($1,$2,$3,$4)", r.CertSM3, millis(r.Time), r.Reason, event)
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// AddSeal adds a seal; ErrConflict where its ID or its bytes are known, or another seal replaces the same one.
func (c *Change) AddSeal(event int64, s Seal) error {
	return c.insert(`INSERT INTO seals (id, sm3, der, name, unit, unit_kind, division, issuer, cert_sm3, valid_from, valid_to, replaces, event)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)`,
		s.ID, s.SM3, s.DER, s.Name, s.Unit, s.UnitKind, s.Division, s.Issuer, s.CertSM3, millis(s.ValidFrom), millis(s.ValidTo), optional(s.Replaces), event)
}

// AddAnchor adds an authority of others; ErrConflict where it is known for the purpose.
func (c *Change) AddAnchor(event int64, a Anchor) error {
	n := 0
	if a.Intermediate {
		n = 1
	}
	return c.insert("INSERT INTO anchors (sm3, purpose, intermediate, der, event) VALUES ($1,$2,$3,$4,$5)", a.SM3, string(a.Purpose), n, a.DER, event)
}

// AddCRL adds a revocation list of an authority of others. One that is known stays.
func (c *Change) AddCRL(event int64, sm3 string, der []byte) error {
	err := c.insert("INSERT INTO foreign_crls (sm3, der, event) VALUES ($1,$2,$3)", sm3, der, event)
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// AddBundle records a bundle; ErrConflict where its number is taken.
func (c *Change) AddBundle(event int64, b Bundle) error {
	return c.insert("INSERT INTO bundles (number, manifest, issued, expires, size, event) VALUES ($1,$2,$3,$4,$5,$6)",
		b.Number, b.Manifest, millis(b.Issued), millis(b.Expires), b.Size, event)
}

// AddClient records a client certificate; ErrConflict where it is known.
func (c *Change) AddClient(event int64, x Client) error {
	return c.insert("INSERT INTO clients (fingerprint, name, transport, not_after, event) VALUES ($1,$2,$3,$4,$5)",
		x.Fingerprint, x.Name, x.Transport, millis(x.NotAfter), event)
}

// DisableClient lets a client ask no longer; ErrConflict where that is so already.
func (c *Change) DisableClient(event int64, fingerprint string) error {
	return c.insert("INSERT INTO clients_disabled (fingerprint, event) VALUES ($1,$2)", fingerprint, event)
}

// Seal answers a seal; ErrNotFound.
func (c *Change) Seal(id string) (Seal, error) { return c.r.seal(id) }

// State answers the present state of a seal; ErrNotFound.
func (c *Change) State(id string) (State, error) { return c.r.state(id) }

// LastSealID answers the highest ID of a length that is prefix and digits; empty where there is none. It compares IDs with digits
// alone: how a database sorts other characters depends on its locale.
func (c *Change) LastSealID(prefix string, length int) (string, error) {
	var id sql.NullString
	err := c.tx.QueryRowContext(c.ctx, "SELECT MAX(id) FROM seals WHERE id >= $1 AND id <= $2 AND LENGTH(id) = $3",
		prefix+strings.Repeat("0", length-len(prefix)), prefix+strings.Repeat("9", length-len(prefix)), length).Scan(&id)
	return id.String, err
}

// Certificate answers a certificate by its SM3 in hex; ErrNotFound.
func (c *Change) Certificate(sm3 string) (Certificate, error) { return c.r.certificate(sm3) }

// SealsOfKey answers the seals whose certificate is one of a key, by ID, without the cancelled ones.
func (c *Change) SealsOfKey(keySM3 string) ([]KeyUse, error) { return c.r.sealsOfKey(keySM3) }

// CertificatesOfKey answers the certificates of a key that the centre's own authority issued, by their SM3.
func (c *Change) CertificatesOfKey(keySM3 string) ([]string, error) {
	return c.r.certificatesOfKey(keySM3)
}

// Revocation answers since when and why a certificate is revoked; false where it is not.
func (c *Change) Revocation(certSM3 string) (Revocation, bool, error) { return c.r.revocation(certSM3) }

// KeyLost reports whether a seal of a key was ever reported lost, whoever issued its certificate.
func (c *Change) KeyLost(keySM3 string) (bool, error) { return c.r.keyLost(keySM3) }
