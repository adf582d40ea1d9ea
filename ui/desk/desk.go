// Package desk does what the windows ask for: it joins ui/state to ui/job, the settings, the UsbKey and the pages of documents. It
// knows no toolkit.
package desk

import (
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"sealdesk/pdfseal/trust"
	"sealdesk/token"
	"sealdesk/ui/config"
	"sealdesk/ui/explain"
	"sealdesk/ui/job"
	"sealdesk/ui/report"
	"sealdesk/ui/state"
)

// Catalogue answers the sentences of reports and diagnoses.
type Catalogue interface {
	report.Translator
	explain.Translator
	Has(key string) bool
	Lang() string
}

// Setup is what a Desk works with.
type Setup struct {
	Config    *config.Config
	OpenKeys  func(k config.Key, log *slog.Logger) (token.Provider, error)
	Catalogue func() Catalogue
	Text      job.TextReader
	Log       *slog.Logger     // nil: nothing is logged
	Now       func() time.Time // nil: time.Now
	Program   string           // what runs as verifying worker; empty: this program
	Version   string
}

// Desk implements state.Work.
type Desk struct {
	Setup
	Pages *Pages

	mu       sync.Mutex
	cfg      config.Config // as the settings file has it
	locks    locks         // that stand above it
	provider token.Provider
	openErr  error
	module   chan struct{} // closed when another driver is to be used
	pool     *pool
}

var _ state.Work = (*Desk)(nil)

// New makes a desk. Close ends it.
func New(s Setup) *Desk {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	return &Desk{Setup: s, Pages: NewPages(), cfg: *s.Config, module: make(chan struct{})}
}

// Close lets go of the keys, the documents and the workers.
func (d *Desk) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dropKeys()
	d.dropPool()
	d.Pages.Close()
}

// Now implements state.Work.
func (d *Desk) Now() time.Time { return d.Setup.Now() }

// config returns the settings in force.
func (d *Desk) config() config.Config {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, _ := d.locks.under(d.cfg)
	return c
}

// keys opens the driver, once. One that refuses to start is opened anew by the next call: the service that it needs may run by then.
func (d *Desk) keys() (token.Provider, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.provider != nil || d.openErr != nil {
		return d.provider, d.openErr
	}
	p, err := d.openModule(d.cfg.Key)
	if refusesToStart(err) {
		return nil, err
	}
	d.provider, d.openErr = p, err
	return p, err
}

func refusesToStart(err error) bool {
	var m *token.ModuleError
	return errors.As(err, &m) && m.Reason == token.ReasonInitialise
}

func (d *Desk) openModule(k config.Key) (token.Provider, error) {
	if k.TrainingStore != "" {
		if err := os.Setenv("SOFTKEY_DIR", k.TrainingStore); err != nil {
			return nil, err
		}
	}
	return d.OpenKeys(k, d.Log)
}

// dropKeys lets go of the driver and tells the watch. The caller holds the lock.
func (d *Desk) dropKeys() {
	if d.provider != nil {
		if err := d.provider.Close(); err != nil {
			d.Log.Warn("driver cannot be closed", "error", err)
		}
	}
	d.provider, d.openErr = nil, nil
	close(d.module)
	d.module = make(chan struct{})
}

// source says where the trust bundle comes from.
func (d *Desk) source() job.TrustSource {
	c := d.config()
	return job.TrustSource{File: c.Trust, Dir: c.TrustBundle.Dir, Root: c.TrustBundle.Root}
}

// withTrust calls f with the trust bundle, nil where there is none.
func (d *Desk) withTrust(f func(*trust.Store) error) error {
	s, err := d.source().Open(d.Now())
	if err != nil {
		return err
	}
	if s != nil {
		defer s.Close()
	}
	d.setLocks(s)
	return f(s)
}
