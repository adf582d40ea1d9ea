package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"sealdesk/pdfseal/trust"
)

// LatestBundle answers the bundle with the highest number; ErrNotFound.
func (s *Store) LatestBundle(ctx context.Context) (Bundle, error) {
	var b Bundle
	var issued, expires int64
	err := s.read.QueryRowContext(ctx, "SELECT number, manifest, issued, expires, size FROM bundles ORDER BY number DESC LIMIT 1").
		Scan(&b.Number, &b.Manifest, &issued, &expires, &b.Size)
	b.Issued, b.Expires = instant(issued), instant(expires)
	return b, found(err, "bundle")
}

// Anchors answers the authorities of others that the bundle names.
func (s *Store) Anchors(ctx context.Context) ([]Anchor, error) {
	return collect(ctx, s.read, "anchors", "SELECT sm3, purpose, intermediate, der FROM anchors ORDER BY purpose, sm3",
		func(scan func(...any) error) (a Anchor, err error) {
			var purpose string
			var intermediate int
			err = scan(&a.SM3, &purpose, &intermediate, &a.DER)
			a.Purpose, a.Intermediate = trust.Purpose(purpose), intermediate != 0
			return a, err
		})
}

// ForeignCRLs answers the revocation lists of authorities of others.
func (s *Store) ForeignCRLs(ctx context.Context) ([][]byte, error) {
	return collect(ctx, s.read, "revocation lists", "SELECT der FROM foreign_crls ORDER BY event",
		func(scan func(...any) error) (der []byte, err error) { return der, scan(&der) })
}

const clientQuery = `SELECT c.fingerprint, c.name, c.transport, c.not_after, d.fingerprint FROM clients c
	LEFT JOIN clients_disabled d ON d.fingerprint = c.fingerprint`

func scanClient(scan func(...any) error) (Client, error) {
	var c Client
	var until int64
	var disabled sql.NullString
	err := scan(&c.Fingerprint, &c.Name, &c.Transport, &until, &disabled)
	c.NotAfter, c.Disabled = instant(until), disabled.Valid
	return c, err
}

// Client answers a client by the SHA-256 of its certificate in hex; ErrNotFound.
func (s *Store) Client(ctx context.Context, fingerprint string) (Client, error) {
	c, err := scanClient(s.read.QueryRowContext(ctx, clientQuery+" WHERE c.fingerprint = $1", fingerprint).Scan)
	return c, found(err, "client")
}

// Clients answers all clients in the order of their making.
func (s *Store) Clients(ctx context.Context) ([]Client, error) {
	return collect(ctx, s.read, "clients", clientQuery+" ORDER BY c.event", scanClient)
}

// Verification answers the record of a request; ErrNotFound.
func (s *Store) Verification(ctx context.Context, requestID string) (Verification, error) {
	var v Verification
	var at int64
	var reasons string
	err := s.read.QueryRowContext(ctx, `SELECT id, request_id, request_sm3, client, time, seal_id, verdict, reasons, receipt, bundle
		FROM verifications WHERE request_id = $1`, requestID).
		Scan(&v.ID, &v.RequestID, &v.RequestSM3, &v.Client, &at, &v.SealID, &v.Verdict, &reasons, &v.Receipt, &v.Bundle)
	if err != nil {
		return v, found(err, "verification")
	}
	v.Time = instant(at)
	if err := json.Unmarshal([]byte(reasons), &v.Reasons); err != nil {
		return v, fmt.Errorf("registry: verification %s: %w", v.ID, err)
	}
	return v, nil
}

// FirstVerification answers the oldest answer of a verdict to requests of one content, RequestSM3; ErrNotFound.
func (s *Store) FirstVerification(ctx context.Context, requestSM3, verdict string) (Verification, error) {
	var id string
	err := s.read.QueryRowContext(ctx, "SELECT request_id FROM verifications WHERE request_sm3 = $1 AND verdict = $2 ORDER BY time LIMIT 1", requestSM3, verdict).Scan(&id)
	if err != nil {
		return Verification{}, found(err, "verification")
	}
	return s.Verification(ctx, id)
}

// AddVerification keeps an answer for good: when it returns, the record is on
// the disk. ErrConflict where the request has a record already.
func (s *Store) AddVerification(ctx context.Context, v Verification) error {
	reasons, err := json.Marshal(v.Reasons)
	if err != nil {
		return fmt.Errorf("registry: verification: %w", err)
	}
	return s.addOne(ctx, "verification", `INSERT INTO verifications (id, request_id, request_sm3, client, time, seal_id, verdict, reasons, receipt, bundle)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
		v.ID, v.RequestID, v.RequestSM3, v.Client, millis(v.Time), v.SealID, v.Verdict, string(reasons), v.Receipt, v.Bundle)
}

func (s *Store) addOne(ctx context.Context, what, text string, args ...any) error {
	res, err := s.write.ExecContext(ctx, text+" ON CONFLICT DO NOTHING", args...)
	if err != nil {
		return fmt.Errorf("registry: %s: %w", what, err)
	}
	n, err := res.RowsAffected()
	switch {
	case err != nil:
		return fmt.Errorf("registry: %s: %w", what, err)
	case n == 0:
		return fmt.Errorf("%w: %s", ErrConflict, what)
	}
	return nil
}

// CountVerifications answers how many answers were kept.
func (s *Store) CountVerifications(ctx context.Context) (n int, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM verifications").Scan(&n)
	return n, found(err, "verifications")
}

// SealVerifications answers the last answers about a seal, newest first, without their receipts.
func (s *Store) SealVerifications(ctx context.Context, id string, limit int) ([]Verification, error) {
	return collect(ctx, s.read, "verifications", `SELECT id, request_id, client, time, verdict, bundle FROM verifications
		WHERE seal_id = $1 ORDER BY time DESC LIMIT $2`, func(scan func(...any) error) (v Verification, err error) {
		var at int64
		err = scan(&v.ID, &v.RequestID, &v.Client, &at, &v.Verdict, &v.Bundle)
		v.Time, v.SealID = instant(at), id
		return v, err
	}, id, limit)
}

// ErrFork reports a checkpoint that contradicts one received before.
var ErrFork = errors.New("registry: checkpoint contradicts an earlier one")

// AddCheckpoint keeps a checkpoint. One of a size and head that is known is no
// error. ErrFork where the register has been larger before, or has had another head at that size.
func (s *Store) AddCheckpoint(ctx context.Context, c Checkpoint) error {
	err := s.update(ctx, func(tx *sql.Tx) error {
		var size int64
		var head sql.NullString
		err := tx.QueryRowContext(ctx, `SELECT MAX(size), (SELECT head FROM checkpoints WHERE register = $1 AND size = $2)
			FROM checkpoints WHERE register = $1 HAVING COUNT(*) > 0`, c.Register, c.Size).Scan(&size, &head)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return err
		case head.Valid && head.String == c.Head:
			return nil
		case size >= c.Size:
			return fmt.Errorf("%w: size %d received, %d known", ErrFork, c.Size, size)
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO checkpoints (register, size, head, signer, time, der, client, received) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
			c.Register, c.Size, c.Head, c.Signer, millis(c.Time), c.DER, c.Client, millis(c.Received))
		return err
	})
	if err != nil && !errors.Is(err, ErrFork) {
		return fmt.Errorf("registry: checkpoint: %w", err)
	}
	return err
}

// Checkpoints answers the checkpoints of a register by size; of all where register is empty.
func (s *Store) Checkpoints(ctx context.Context, register string) ([]Checkpoint, error) {
	return collect(ctx, s.read, "checkpoints", `SELECT register, size, head, signer, time, der, client, received FROM checkpoints
		WHERE $1 = '' OR register = $1 ORDER BY register, size`, func(scan func(...any) error) (c Checkpoint, err error) {
		var at, received int64
		err = scan(&c.Register, &c.Size, &c.Head, &c.Signer, &at, &c.DER, &c.Client, &received)
		c.Time, c.Received = instant(at), instant(received)
		return c, err
	}, register)
}
