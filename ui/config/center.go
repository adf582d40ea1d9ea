package config

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"sealdesk/pdfseal/center"
)

// maxTimeout bounds what the settings may ask a user to wait for one answer.
const maxTimeout = 5 * time.Minute

// Center says how the central verification endpoint is reached. Without URL there is none.
type Center struct {
	URL         string   `toml:"url"`         // https://host[:port]
	CA          string   `toml:"ca"`          // PEM file of the authorities of the centre's server certificate; absolute after loading
	Certificate string   `toml:"certificate"` // PEM file of this computer's certificate; absolute after loading
	Key         string   `toml:"key"`         // PEM file of its private key; absolute after loading
	Pins        []string `toml:"pins"`        // "sha256:" and 64 hexadecimal digits each; empty: ca decides
	Proxy       string   `toml:"proxy"`       // http://host:port; empty: none, whatever the environment says
	Transport   string   `toml:"transport"`   // "tls" (default) or "tlcp" (GB/T 38636)
	Timeout     string   `toml:"timeout"`     // of one answer, such as "20s" (default)
}

// Configured reports whether there is a centre to ask.
func (c Center) Configured() bool { return c.URL != "" }

func (c Center) check() error {
	if err := oneOf("center.transport", c.Transport, "", center.TransportTLS, center.TransportTLCP); err != nil {
		return err
	}
	if _, err := c.timeout(); err != nil {
		return err
	}
	if err := center.CheckProxy(c.Proxy); err != nil {
		return err
	}
	if err := center.CheckPins(c.Pins); err != nil {
		return err
	}
	switch {
	case !c.Configured():
		return nil
	case c.CA == "":
		return fmt.Errorf("center.ca is missing")
	case (c.Certificate == "") != (c.Key == ""):
		return fmt.Errorf("center.certificate and center.key belong together")
	}
	return center.CheckURL(c.URL)
}

func (c Center) timeout() (time.Duration, error) {
	if c.Timeout == "" {
		return center.DefaultTimeout, nil
	}
	d, err := time.ParseDuration(c.Timeout)
	if err != nil || d < time.Second || d > maxTimeout {
		return 0, fmt.Errorf("center.timeout: %q is no time from 1s to %v", c.Timeout, maxTimeout)
	}
	return d, nil
}

// Open reads the files of the settings and makes a client, which the caller
// closes. It connects to nobody. log may be nil. Errors are *fs.PathError for
// a file that cannot be read, and *center.Error.
func (c Center) Open(now func() time.Time, log *slog.Logger) (*center.Client, error) {
	o := center.Options{URL: c.URL, Pins: c.Pins, Proxy: c.Proxy, Transport: c.Transport, Now: now, Log: log}
	var err error
	if o.Timeout, err = c.timeout(); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		path string
		to   *[]byte
	}{{c.CA, &o.CA}, {c.Certificate, &o.Certificate}, {c.Key, &o.Key}} {
		if f.path == "" {
			continue
		}
		if *f.to, err = os.ReadFile(f.path); err != nil {
			return nil, err
		}
	}
	defer clear(o.Key)
	return center.New(o)
}
