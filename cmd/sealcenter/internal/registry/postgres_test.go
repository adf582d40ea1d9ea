package registry

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	server "sealdesk/cmd/dev/postgres"
)

// TestPostgres_commitsAreOnTheDisk: a database that is set to answer before a commit is on the disk would lose receipts that went out; one
// that is set to wait for more than that is left as it is.
func TestPostgres_commitsAreOnTheDisk(t *testing.T) {
	pg, err := server.Start(context.WithoutCancel(t.Context()))
	if errors.Is(err, server.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := pg.Stop(); err != nil {
			t.Error(err)
		}
	}()
	for setting, want := range map[string]string{"off": "on", "on": "on", "remote_apply": "remote_apply"} {
		target, err := pg.Database(t.Context(), setting)
		if err != nil {
			t.Fatal(err)
		}
		admin, err := sql.Open("pgx", target)
		if err != nil {
			t.Fatal(err)
		}
		_, err = admin.ExecContext(t.Context(), `ALTER DATABASE "`+setting+`" SET synchronous_commit = '`+setting+`'`)
		if err := errors.Join(err, admin.Close()); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		err = s.write.QueryRowContext(t.Context(), "SHOW synchronous_commit").Scan(&got)
		if err := errors.Join(err, s.Close()); err != nil || got != want {
			t.Errorf("set to %s: a session has %q, want %q, %v", setting, got, want, err)
		}
	}
}
