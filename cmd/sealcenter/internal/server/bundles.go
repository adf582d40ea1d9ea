package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/trust"
)

// bundleCheck is how often the registry is asked whether there is a newer bundle.
const bundleCheck = time.Second

// bundles keeps the latest trust bundle open and what was computed from it.
type bundles struct {
	desk *desk.Desk

	mu      sync.Mutex
	now     *snapshot
	checked time.Time
}

// snapshot is one trust bundle in use. It is closed when the last request
// that holds it has ended and a newer one has taken its place.
type snapshot struct {
	registry.Bundle
	store *trust.Store
	certs [][]byte // that a reader of a receipt may need
	crls  [][]byte
	known memory

	mu    sync.Mutex
	users int
	old   bool
}

// take answers the latest bundle; the caller must call release.
func (b *bundles) take(ctx context.Context) (*snapshot, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.now == nil || time.Since(b.checked) > bundleCheck {
		if err := b.refresh(ctx); err != nil {
			return nil, err
		}
		b.checked = time.Now()
	}
	b.now.mu.Lock()
	b.now.users++
	b.now.mu.Unlock()
	return b.now, nil
}

func (b *bundles) refresh(ctx context.Context) error {
	latest, err := b.desk.Store.LatestBundle(ctx)
	switch {
	case errors.Is(err, registry.ErrNotFound):
		return newProblem(http.StatusNotFound, "no_bundle", "the centre has not issued a trust bundle yet")
	case err != nil:
		return errors.Join(errStore, err)
	case b.now != nil && b.now.Number == latest.Number:
		return nil
	}
	s := &snapshot{Bundle: latest}
	if s.store, err = b.desk.OpenBundle(ctx); err != nil {
		return err
	}
	if err := s.evidence(b.desk.Authority); err != nil {
		return errors.Join(err, s.store.Close())
	}
	if b.now != nil {
		b.now.retire()
	}
	b.now = s
	return nil
}

// evidence collects the certificates and lists that go out with receipts.
func (s *snapshot) evidence(a *authority.Authority) error {
	for _, name := range []string{authority.SignerCA, authority.MakerCA} {
		c, err := a.Certificate(name)
		if err != nil {
			return err
		}
		s.certs = append(s.certs, c.Raw)
		crl, err := a.CRL(name)
		if err != nil {
			return err
		}
		if crl != nil {
			s.crls = append(s.crls, crl)
		}
	}
	return nil
}

func (s *snapshot) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users--
	s.closeUnused()
}

func (s *snapshot) retire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.old = true
	s.closeUnused()
}

func (s *snapshot) closeUnused() {
	if s.old && s.users == 0 {
		_ = s.store.Close() // it was open for reading only
	}
}

func (b *bundles) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.now != nil {
		b.now.retire()
		b.now = nil
	}
	return nil
}

// memory remembers signature checks of certificates and seals, which never change.
type memory struct {
	mu     sync.Mutex
	chains map[chainKey]trust.ChainResult
	seals  map[[32]byte]error
}

type chainKey struct {
	cert    [32]byte
	purpose trust.Purpose
}

// maxMemory bounds the entries of each kind; a full memory begins anew.
const maxMemory = 4096

func (s *snapshot) chain(c *gm.Certificate, p trust.Purpose) trust.ChainResult {
	key := chainKey{c.Fingerprint(), p}
	s.known.mu.Lock()
	res, ok := s.known.chains[key]
	s.known.mu.Unlock()
	if ok {
		return res
	}
	res = s.store.Chain(c, p)
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	if s.known.chains == nil || len(s.known.chains) >= maxMemory {
		s.known.chains = map[chainKey]trust.ChainResult{}
	}
	s.known.chains[key] = res
	return res
}

// sealValue remembers whether the maker's signature of a seal is right.
func (s *snapshot) sealValue(digest [32]byte, check func() error) error {
	s.known.mu.Lock()
	err, ok := s.known.seals[digest]
	s.known.mu.Unlock()
	if ok {
		return err
	}
	err = check()
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	if s.known.seals == nil || len(s.known.seals) >= maxMemory {
		s.known.seals = map[[32]byte]error{}
	}
	s.known.seals[digest] = err
	return err
}

// latest hands out the trust bundle. Its tag is its number.
func (s *Server) latest(w http.ResponseWriter, r *http.Request) error {
	b, err := s.bundle.take(r.Context())
	if err != nil {
		return err
	}
	defer b.release()
	f, err := s.o.Desk.Authority.OpenBundle(b.Number, b.Manifest)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(bundleTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("server: bundle: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("ETag", strconv.Quote(strconv.Itoa(b.Number)))
	h.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}
