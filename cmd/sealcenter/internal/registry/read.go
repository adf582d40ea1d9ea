package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"sealdesk/pdfseal/trust"
)

// reader reads from a database or inside a transaction.
type reader struct {
	ctx context.Context
	q   query
}

func (s *Store) reader(ctx context.Context) reader { return reader{ctx, s.read} }

const sealColumns = `s.id, s.sm3, s.der, s.name, s.unit, s.unit_kind, s.division, s.issuer, s.cert_sm3, s.valid_from, s.valid_to, s.replaces, n.id`

const sealTables = `seals s LEFT JOIN seals n ON n.replaces = s.id`

func scanSeal(scan func(...any) error) (Seal, error) {
	var s Seal
	var from, to int64
	var replaces, by sql.NullString
	err := scan(&s.ID, &s.SM3, &s.DER, &s.Name, &s.Unit, &s.UnitKind, &s.Division, &s.Issuer, &s.CertSM3, &from, &to, &replaces, &by)
	s.ValidFrom, s.ValidTo, s.Replaces, s.ReplacedBy = instant(from), instant(to), replaces.String, by.String
	return s, err
}

func (r reader) seal(id string) (Seal, error) {
	if !utf8.ValidString(id) || strings.ContainsRune(id, 0) { // PostgreSQL answers an error to what is no text
		return Seal{}, fmt.Errorf("%w: seal %q", ErrNotFound, id)
	}
	s, err := scanSeal(r.q.QueryRowContext(r.ctx, "SELECT "+sealColumns+" FROM "+sealTables+" WHERE s.id = $1", id).Scan)
	return s, found(err, "seal "+id)
}

func (r reader) state(id string) (State, error) {
	var status string
	var since sql.NullInt64
	err := r.q.QueryRowContext(r.ctx, "SELECT status, since FROM events WHERE seal_id = $1 AND status IS NOT NULL ORDER BY seq DESC LIMIT 1", id).Scan(&status, &since)
	return State{Status: trust.Status(status), Since: optionalInstant(since)}, found(err, "state of seal "+id)
}

// KeyUse is a seal with the certificate that it names.
type KeyUse struct{ SealID, CertSM3 string }

func (r reader) sealsOfKey(keySM3 string) ([]KeyUse, error) {
	return collect(r.ctx, r.q, "seals of a key", `SELECT s.id, s.cert_sm3 FROM certificates c JOIN seals s ON s.cert_sm3 = c.sm3 WHERE c.key_sm3 = $1 AND
		(SELECT e.status FROM events e WHERE e.seal_id = s.id AND e.status IS NOT NULL ORDER BY e.seq DESC LIMIT 1) <> $2 ORDER BY s.id`,
		func(scan func(...any) error) (u KeyUse, err error) { return u, scan(&u.SealID, &u.CertSM3) }, keySM3, string(trust.StatusCancelled))
}

// certificatesOfKey answers the certificates of a key that the centre's own authority issued, by their SM3.
func (r reader) certificatesOfKey(keySM3 string) ([]string, error) {
	return collect(r.ctx, r.q, "certificates of a key", `SELECT sm3 FROM certificates WHERE key_sm3 = $1 AND authority = 'signer' ORDER BY sm3`,
		func(scan func(...any) error) (sm3 string, err error) { return sm3, scan(&sm3) }, keySM3)
}

const eventColumns = "seq, time, action, seal_id, division, status, since, who, why, application, detail"

func scanEvent(scan func(...any) error) (Event, error) {
	var e Event
	var at int64
	var seal, division, status sql.NullString
	var since sql.NullInt64
	err := scan(&e.Seq, &at, &e.Action, &seal, &division, &status, &since, &e.Who, &e.Why, &e.Application, &e.Detail)
	e.Time, e.SealID, e.Division, e.Status, e.Since = instant(at), seal.String, division.String, trust.Status(status.String), optionalInstant(since)
	return e, err
}

// Department answers the department of a division; ErrNotFound.
func (s *Store) Department(ctx context.Context, division string) (Department, error) {
	var d Department
	err := s.read.QueryRowContext(ctx, "SELECT division, name, maker_sm3 FROM departments WHERE division = $1", division).Scan(&d.Division, &d.Name, &d.MakerSM3)
	return d, found(err, "department "+division)
}

// Departments answers all issuing departments by division.
func (s *Store) Departments(ctx context.Context) ([]Department, error) {
	return collect(ctx, s.read, "departments", "SELECT division, name, maker_sm3 FROM departments ORDER BY division",
		func(scan func(...any) error) (d Department, err error) {
			return d, scan(&d.Division, &d.Name, &d.MakerSM3)
		})
}

// Seal answers a seal; ErrNotFound.
func (s *Store) Seal(ctx context.Context, id string) (Seal, error) { return s.reader(ctx).seal(id) }

// State answers the present state of a seal; ErrNotFound.
func (s *Store) State(ctx context.Context, id string) (State, error) { return s.reader(ctx).state(id) }

// Counts answers how many seals there are in each state.
func (s *Store) Counts(ctx context.Context) (map[trust.Status]int, error) {
	type row struct {
		status string
		n      int
	}
	rows, err := collect(ctx, s.read, "number of seals", `SELECT e.status, COUNT(*) FROM seals s JOIN events e ON e.seq =
		(SELECT MAX(x.seq) FROM events x WHERE x.seal_id = s.id AND x.status IS NOT NULL) GROUP BY e.status`,
		func(scan func(...any) error) (r row, err error) { return r, scan(&r.status, &r.n) })
	out := map[trust.Status]int{}
	for _, r := range rows {
		out[trust.Status(r.status)] = r.n
	}
	return out, err
}

// SealEvents answers what happened to a seal, oldest first.
func (s *Store) SealEvents(ctx context.Context, id string) ([]Event, error) {
	return collect(ctx, s.read, "events of seal "+id, "SELECT "+eventColumns+" FROM events WHERE seal_id = $1 ORDER BY seq", scanEvent, id)
}

// Events answers the last events, newest first.
func (s *Store) Events(ctx context.Context, limit int) ([]Event, error) {
	return collect(ctx, s.read, "events", "SELECT "+eventColumns+" FROM events ORDER BY seq DESC LIMIT $1", scanEvent, limit)
}

// Seals answers the seals by ID, at most limit after the ID given.
func (s *Store) Seals(ctx context.Context, after string, limit int) ([]Seal, error) {
	return collect(ctx, s.read, "seals", "SELECT "+sealColumns+" FROM "+sealTables+" WHERE s.id > $1 ORDER BY s.id LIMIT $2", scanSeal, after, limit)
}

// History is one step in the life of a seal.
type History struct {
	SealID, Issuer string // Issuer: division of the issuing department
	State
}

// WalkHistory hands every status of every seal to each, ordered by seal and
// then in the order of recording, without holding more than a row in memory.
func (s *Store) WalkHistory(ctx context.Context, each func(History) error) error {
	rows, err := s.read.QueryContext(ctx, `SELECT s.id, s.issuer, e.status, e.since FROM seals s JOIN events e ON e.seal_id = s.id
		WHERE e.status IS NOT NULL ORDER BY s.id, e.seq`)
	if err != nil {
		return fmt.Errorf("registry: history: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var h History
		var status string
		var since sql.NullInt64
		if err := rows.Scan(&h.SealID, &h.Issuer, &status, &since); err != nil {
			return fmt.Errorf("registry: history: %w", err)
		}
		h.State = State{trust.Status(status), optionalInstant(since)}
		if err := each(h); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("registry: history: %w", err)
	}
	return nil
}

// Certificate answers a certificate by its SM3 in hex; ErrNotFound.
func (s *Store) Certificate(ctx context.Context, sm3 string) (Certificate, error) {
	return s.reader(ctx).certificate(sm3)
}

func (r reader) certificate(sm3 string) (Certificate, error) {
	var c Certificate
	var from, to int64
	err := r.q.QueryRowContext(r.ctx, "SELECT sm3, authority, serial, key_sm3, unit, person, der, not_before, not_after FROM certificates WHERE sm3 = $1", sm3).
		Scan(&c.SM3, &c.Authority, &c.Serial, &c.KeySM3, &c.Unit, &c.Person, &c.DER, &from, &to)
	c.NotBefore, c.NotAfter = instant(from), instant(to)
	return c, found(err, "certificate "+sm3)
}

// Revocation answers since when and why a certificate is revoked; false where it is not.
func (s *Store) Revocation(ctx context.Context, certSM3 string) (Revocation, bool, error) {
	return s.reader(ctx).revocation(certSM3)
}

func (r reader) revocation(certSM3 string) (Revocation, bool, error) {
	out := Revocation{CertSM3: certSM3}
	var at int64
	err := r.q.QueryRowContext(r.ctx, "SELECT time, reason FROM revocations WHERE cert_sm3 = $1", certSM3).Scan(&at, &out.Reason)
	if errors.Is(err, sql.ErrNoRows) {
		return Revocation{}, false, nil
	}
	out.Time = instant(at)
	return out, err == nil, found(err, "revocation")
}

// keyLost reports whether a seal of a key was ever reported lost, whoever issued its certificate.
func (r reader) keyLost(keySM3 string) (bool, error) {
	var n int
	err := r.q.QueryRowContext(r.ctx, `SELECT COUNT(*) FROM certificates c JOIN seals s ON s.cert_sm3 = c.sm3 JOIN events e ON e.seal_id = s.id
		WHERE c.key_sm3 = $1 AND e.status = $2`, keySM3, string(trust.StatusReportedLost)).Scan(&n)
	return n > 0, found(err, "key")
}

// Revocations answers the revoked certificates of an authority.
func (s *Store) Revocations(ctx context.Context, authority string) ([]Revocation, error) {
	return collect(ctx, s.read, "revocations", `SELECT r.cert_sm3, c.serial, r.time, r.reason FROM revocations r JOIN certificates c ON c.sm3 = r.cert_sm3
		WHERE c.authority = $1 ORDER BY c.serial`, func(scan func(...any) error) (r Revocation, err error) {
		var at int64
		err = scan(&r.CertSM3, &r.Serial, &at, &r.Reason)
		r.Time = instant(at)
		return r, err
	}, authority)
}
