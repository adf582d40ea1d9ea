package job

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"sealdesk/pdfseal/trust/keeper"
)

// Bundles is where the latest trust bundle comes from; *center.Client is one.
type Bundles interface {
	Bundle(ctx context.Context, w io.Writer, have int) (n int, changed bool, err error)
	Host() string
}

// UpdateTrust fetches the latest trust bundle and imports it, as keeper.Import does a file; root is the fingerprint that the user states for
// this import, which may be empty. Where the centre has none but the present one, the answer is Unchanged and nothing was fetched. After
// an error the bundle in use is the same as before: *TrustError where the bundle is refused, else that of the connection.
func UpdateTrust(ctx context.Context, from Bundles, k *keeper.Keeper, root string, now time.Time) (done keeper.Imported, err error) {
	have := keeper.Imported{Unchanged: true}
	switch s, err := k.Current(now); {
	case err != nil: // a folder that is damaged is mended by an import
	case s != nil:
		have.Number, have.Roots = s.Number(), s.Roots()
		if err := s.Close(); err != nil {
			return done, err
		}
	}
	f, err := os.CreateTemp("", "sealdesk-*.sdtb")
	if err != nil {
		return done, err
	}
	defer os.Remove(f.Name())
	_, changed, err := from.Bundle(ctx, f, have.Number)
	if err = errors.Join(err, f.Close()); err != nil {
		return done, err
	}
	if !changed {
		return have, nil
	}
	if done, err = k.Import(ctx, f.Name(), keeper.ImportOptions{Root: root, Now: now}); err != nil && ctx.Err() == nil {
		err = &TrustError{Path: from.Host(), Err: err}
	}
	return done, err
}
