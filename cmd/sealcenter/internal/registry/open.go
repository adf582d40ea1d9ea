package registry

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // driver "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open registry. It is safe for concurrent use, by several processes too.
type Store struct {
	write, read *sql.DB // the same pool on PostgreSQL
	dialect     dialect
}

// Connections kept open at most.
const (
	sqliteReaders    = 8
	postgresSessions = 16
)

// Open opens the registry at a target, makes it where a SQLite file is absent,
// and brings its tables up to date. A target that begins with postgres:// or
// postgresql:// is a PostgreSQL database, everything else the path of a SQLite
// file, which is made with mode 0600. A registry that a newer program has
// brought further is refused with ErrNewer.
func Open(ctx context.Context, target string) (*Store, error) {
	var s *Store
	var err error
	if IsPostgres(target) {
		s, err = openPostgres(target)
	} else {
		s, err = openSQLite(target)
	}
	if err != nil {
		return nil, fmt.Errorf("registry: open: %w", err)
	}
	if err := s.migrate(ctx); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("registry: migrate: %w", err)
	}
	return s, nil
}

// IsPostgres reports whether a target names a PostgreSQL database.
func IsPostgres(target string) bool {
	return strings.HasPrefix(target, "postgres://") || strings.HasPrefix(target, "postgresql://")
}

// openPostgres opens sessions whose commits are on the server's disk when they return, also where the database is set to answer before.
func openPostgres(target string) (*Store, error) {
	config, err := pgx.ParseConfig(target)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
		return err
	}))
	db.SetMaxOpenConns(postgresSessions)
	db.SetMaxIdleConns(postgresSessions)
	return &Store{write: db, read: db, dialect: postgres}, nil
}

// openSQLite opens one connection that writes, since SQLite has one writer
// anyway, and some that read beside it. A commit is on the disk when it returns
// (WAL with synchronous=FULL): a receipt that went out is never lost.
func openSQLite(path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	dsn := func(extra string) string {
		u := url.URL{Scheme: "file", Path: filepath.ToSlash(path),
			RawQuery: "_pragma=busy_timeout(15000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" + extra}
		return u.String()
	}
	write, err := sql.Open("sqlite", dsn("&_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", dsn("&_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(sqliteReaders)
	read.SetMaxIdleConns(sqliteReaders)
	return &Store{write: write, read: read, dialect: sqlite}, nil
}

// Close ends the connections.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.read.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("registry: %w", err)
	}
	return nil
}

// Kind names the database: "sqlite" or "postgresql".
func (s *Store) Kind() string { return s.dialect.name }

// migrate runs the migrations that the database has not seen, all in one transaction.
func (s *Store) migrate(ctx context.Context) error {
	all, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY)"); err != nil {
			return err
		}
		var have int
		if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM migrations").Scan(&have); err != nil {
			return err
		}
		if have > len(all) {
			return fmt.Errorf("%w: %d, this program knows %d", ErrNewer, have, len(all))
		}
		for n := have + 1; n <= len(all); n++ {
			if err := s.apply(ctx, tx, all[n-1], n); err != nil {
				return fmt.Errorf("migration %d: %w", n, err)
			}
		}
		return nil
	})
}

var (
	tableName = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`)
	comment   = regexp.MustCompile(`(?m)--.*$`)
)

func (s *Store) apply(ctx context.Context, tx *sql.Tx, file string, version int) error {
	raw, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	text := s.dialect.types.Replace(comment.ReplaceAllString(string(raw), ""))
	statements := strings.Split(text, ";")
	for _, m := range tableName.FindAllStringSubmatch(text, -1) {
		statements = append(statements, s.dialect.guard(m[1])...)
	}
	statements = append(statements, "INSERT INTO migrations (version) VALUES ("+strconv.Itoa(version)+")")
	for _, stmt := range statements {
		if strings.TrimSpace(stmt) == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, stmt); err != nil {
			return err
		}
	}
	return nil
}
