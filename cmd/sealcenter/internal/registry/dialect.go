package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Errors of the registry.
var (
	ErrNotFound = errors.New("registry: no such record")
	ErrConflict = errors.New("registry: another record has this key")
	ErrNewer    = errors.New("registry: a newer version of the program has changed the tables")
)

// dialect is what differs between the databases.
type dialect struct {
	name  string
	types *strings.Replacer
	// guard makes the statements that let a table refuse UPDATE and DELETE.
	guard func(table string) []string
	// lock is run at the start of each change of the desk, so that two desks do not
	// decide upon the same state; empty where a transaction has the only writer anyway.
	lock string
}

var sqlite = dialect{
	name:  "sqlite",
	types: strings.NewReplacer("{blob}", "BLOB", "{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
	guard: func(table string) []string {
		var out []string
		for _, verb := range []string{"UPDATE", "DELETE"} {
			out = append(out, fmt.Sprintf("CREATE TRIGGER %s_no_%s BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'records of the centre are never changed or deleted'); END",
				table, strings.ToLower(verb), verb, table))
		}
		return out
	},
}

var postgres = dialect{
	name:  "postgresql",
	types: strings.NewReplacer("{blob}", "BYTEA", "{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
	guard: func(table string) []string {
		return []string{
			"CREATE OR REPLACE FUNCTION sealcenter_refuse() RETURNS trigger LANGUAGE plpgsql AS " +
				"'BEGIN RAISE EXCEPTION ''records of the centre are never changed or deleted''; END'",
			fmt.Sprintf("CREATE TRIGGER %s_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION sealcenter_refuse()", table, table),
		}
	},
	lock: "SELECT pg_advisory_xact_lock(7311058)",
}

// update runs do in a transaction that no other change of the desk runs beside.
func (s *Store) update(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if s.dialect.lock != "" {
		if _, err := tx.ExecContext(ctx, s.dialect.lock); err != nil {
			return err
		}
	}
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// query is what *sql.DB and *sql.Tx share.
type query interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row
}

// found turns the absence of a row into ErrNotFound.
func found(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%w: %s", ErrNotFound, what)
	}
	return fmt.Errorf("registry: %s: %w", what, err)
}

// collect reads all rows with scan.
func collect[T any](ctx context.Context, q query, what, text string, scan func(func(...any) error) (T, error), args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("registry: %s: %w", what, err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("registry: %s: %w", what, err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("registry: %s: %w", what, err)
	}
	return out, nil
}
