package postgres

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestStart_servesAndLeavesNothing(t *testing.T) {
	s, err := Start(t.Context())
	if errors.Is(err, ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	url, err := s.Database(t.Context(), "one")
	if err != nil || !strings.HasPrefix(url, "postgres://sealdesk@/one?host=") {
		t.Errorf("%q, %v", url, err)
	}
	if _, err := s.Database(t.Context(), "one"); err == nil {
		t.Error("the same database was made twice")
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}
