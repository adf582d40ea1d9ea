package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/center"
)

const centre = `[center]
url = "https://centre.example:8443/base"
ca = "centre/ca.pem"
certificate = "centre/client.pem"
key = "centre/client.key"
pins = ["sha256:0000000000000000000000000000000000000000000000000000000000000000"]
proxy = "http://proxy.example:3128"
transport = "tlcp"
timeout = "7s"
`

func TestLoad_center(t *testing.T) {
	dir := t.TempDir()
	c, err := Load(write(t, dir, centre))
	if err != nil {
		t.Fatal(err)
	}
	if c.Center.CA != filepath.Join(dir, "centre/ca.pem") || c.Center.Key != filepath.Join(dir, "centre/client.key") || !c.Center.Configured() {
		t.Errorf("center: %+v", c.Center)
	}
	if d, err := c.Center.timeout(); err != nil || d != 7*time.Second {
		t.Errorf("timeout %v, %v", d, err)
	}
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(c.Path)
	if err != nil || strings.Contains(string(raw), dir) {
		t.Errorf("paths inside the folder are not relative: %s, %v", raw, err)
	}
	if _, err := c.Center.Open(time.Now, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("files that are not there: %v", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "centre"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ca.pem", "client.pem", "client.key"} {
		if err := os.WriteFile(filepath.Join(dir, "centre", name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var e *center.Error
	if _, err := c.Center.Open(time.Now, nil); !errors.As(err, &e) || e.Kind != center.KindSettings || e.Stage != "ca" {
		t.Errorf("a file that holds no certificate: %v", err)
	}
}

func TestLoad_centerRefused(t *testing.T) {
	for name, change := range map[string][2]string{
		"http":             {`"https://centre`, `"http://centre`},
		"no authority":     {`ca = "centre/ca.pem"`, ``},
		"key alone":        {`certificate = "centre/client.pem"`, ``},
		"pin":              {`"sha256:00`, `"sha256:`},
		"proxy":            {`"http://proxy`, `"socks5://proxy`},
		"transport":        {`"tlcp"`, `"quic"`},
		"timeout":          {`"7s"`, `"7"`},
		"timeout too long": {`"7s"`, `"7h"`},
	} {
		text := strings.Replace(centre, change[0], change[1], 1)
		if text == centre {
			t.Fatalf("%s changes nothing", name)
		}
		_, err := Load(write(t, t.TempDir(), text))
		var e *Error
		if !errors.As(err, &e) || e.Key != "value" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
