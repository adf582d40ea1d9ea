package training

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// workstation is the name under which the centre knows the office's computer.
const workstation = "练习工作站"

// connection is the folder with what the office's computer shows to the centre.
func (o *Office) connection() string { return filepath.Join(o.Dir, "tls") }

// Names in that folder, as sealcenter gives them.
const (
	caFile         = "ca.crt"
	clientCertFile = "client.crt"
	clientKeyFile  = "client.key"
)

// makeClient has the centre issue the files of the connection, unless good ones are there.
func (w *work) makeClient(ctx context.Context) error {
	if usableConnection(w.connection(), w.now) {
		return nil
	}
	if err := os.RemoveAll(w.connection()); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	return w.Centre.Order(ctx, &struct{}{}, "登记练习工作站", "client", "--name", workstation, "--out", w.connection())
}

// usableConnection: certificate and key belong together, come from the authority beside them, and last for a while.
func usableConnection(dir string, now time.Time) bool {
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, clientCertFile), filepath.Join(dir, clientKeyFile))
	if err != nil {
		return false
	}
	ca, err := os.ReadFile(filepath.Join(dir, caFile))
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(ca) {
		return false
	}
	_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: now.AddDate(0, 0, renewAfter), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return err == nil
}
