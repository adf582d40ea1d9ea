package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/trust"
)

// BundleOptions says what a trust bundle rules.
type BundleOptions struct {
	Days   int // until it expires
	Policy trust.Policy
}

// maxBundleDays bounds the life of a bundle: who has an old one misses what was revoked since.
const maxBundleDays = 366

// Bundle writes the next trust bundle: new revocation lists, the departments,
// and the states of all seals. It has been read back whole before it counts.
func (d *Desk) Bundle(ctx context.Context, o registry.Order, b BundleOptions) (registry.Bundle, error) {
	if err := checkOrder(o); err != nil {
		return registry.Bundle{}, err
	}
	if err := checkDays(b.Days); err != nil {
		return registry.Bundle{}, err
	}
	for {
		out, err := d.next(ctx, o, b)
		if !errors.Is(err, registry.ErrConflict) { // else another desk has taken the number meanwhile
			return out, err
		}
	}
}

func checkDays(days int) error {
	if days < 1 || days > maxBundleDays {
		return refuse("bundle_days", "Max", fmt.Sprint(maxBundleDays))
	}
	return nil
}

// next writes the bundle after the latest one; registry.ErrConflict where another has taken its place.
func (d *Desk) next(ctx context.Context, o registry.Order, b BundleOptions) (registry.Bundle, error) {
	former, err := d.Store.LatestBundle(ctx)
	if err != nil && !errors.Is(err, registry.ErrNotFound) {
		return registry.Bundle{}, err
	}
	now := d.now().Truncate(time.Second)
	out := registry.Bundle{Number: former.Number + 1, Issued: now, Expires: now.AddDate(0, 0, b.Days)}
	if now.Before(former.Issued) {
		return out, refuse("clock", "Since", former.Issued.In(Zone).Format("2006-01-02 15:04:05"))
	}
	staged, err := d.stage(ctx, out, former.Manifest, b.Policy)
	if err != nil {
		return out, err
	}
	if err := d.keep(ctx, o, staged, &out); err != nil {
		return out, err
	}
	return out, nil
}

// keep reads the staged bundle back, names it and records it.
func (d *Desk) keep(ctx context.Context, o registry.Order, staged *authority.Staged, out *registry.Bundle) error {
	out.Size = staged.Size
	var err error
	if out.Manifest, err = d.readBack(ctx, staged, out.Number); err != nil {
		return errors.Join(err, staged.Discard())
	}
	if err := staged.Name(out.Number, out.Manifest); err != nil {
		return errors.Join(err, staged.Discard())
	}
	return d.Store.Update(ctx, func(c *registry.Change) error {
		event, err := c.Record(registry.Event{Time: d.now(), Order: o, Action: registry.ActionBundle, Detail: detail("number", fmt.Sprint(out.Number), "manifest", out.Manifest)})
		if err != nil {
			return err
		}
		return c.AddBundle(event, *out)
	})
}

func (d *Desk) readBack(ctx context.Context, staged *authority.Staged, number int) (manifest string, err error) {
	f, err := staged.Open()
	if err != nil {
		return "", fmt.Errorf("desk: bundle: %w", err)
	}
	s, err := d.open(f)
	if err != nil {
		return "", fmt.Errorf("desk: own bundle: %w", err)
	}
	defer s.Close()
	if err := s.Check(ctx); err != nil {
		return "", fmt.Errorf("desk: own bundle: %w", err)
	}
	if s.Number() != number {
		return "", fmt.Errorf("desk: own bundle: number %d, not %d", s.Number(), number)
	}
	return s.Manifest(), nil
}

func (d *Desk) stage(ctx context.Context, b registry.Bundle, former string, policy trust.Policy) (*authority.Staged, error) {
	spec, keys, err := d.spec(ctx, b, former)
	if err != nil {
		return nil, err
	}
	spec.Policy = policy
	w := &walk{ctx: ctx, store: d.Store}
	staged, err := d.Authority.StageBundle(func(out io.Writer) error {
		return errors.Join(trust.WriteBundle(ctx, out, spec, w.seals(), keys...), w.err)
	})
	if err != nil {
		return nil, fmt.Errorf("desk: bundle: %w", err)
	}
	return staged, nil
}

// spec collects what a bundle says besides the seals.
func (d *Desk) spec(ctx context.Context, b registry.Bundle, former string) (trust.BundleSpec, []cms.Key, error) {
	spec := trust.BundleSpec{Centre: trust.Centre{ID: d.Centre.ID, Name: d.Centre.Name}, Number: b.Number, Issued: b.Issued, Expires: b.Expires, Previous: former}
	entities, roots, err := d.Authority.UpdateKeys()
	if err != nil {
		return spec, nil, err
	}
	var keys []cms.Key
	for _, e := range entities {
		keys = append(keys, e)
	}
	spec.Roots, spec.FormerRoots = roots[:1], roots[1:]
	if err := d.addAuthorities(ctx, &spec); err != nil {
		return spec, nil, err
	}
	departments, err := d.Store.Departments(ctx)
	if err != nil {
		return spec, nil, err
	}
	for _, r := range departments {
		spec.Departments = append(spec.Departments, department(r))
	}
	return spec, keys, nil
}

// addAuthorities adds the anchors and the revocation lists: new ones of our
// own authorities, those of others as they were taken in.
func (d *Desk) addAuthorities(ctx context.Context, spec *trust.BundleSpec) error {
	for _, own := range []struct {
		entity  string
		purpose trust.Purpose
		list    string // name of the authority in the registry, "" where it has no list
	}{
		{authority.SignerCA, trust.PurposeSigner, "signer"}, {authority.MakerCA, trust.PurposeMaker, "seal-maker"}, {authority.Centre, trust.PurposeCentre, ""},
	} {
		cert, err := d.Authority.Certificate(own.entity)
		if err != nil {
			return err
		}
		spec.Anchors = append(spec.Anchors, trust.Anchor{Purpose: own.purpose, Certificate: cert.Raw})
		if own.list == "" {
			continue
		}
		all, err := d.Store.Revocations(ctx, own.list)
		if err != nil {
			return err
		}
		revoked := map[string]gm.Revocation{}
		for _, r := range all {
			revoked[r.Serial] = gm.Revocation{Time: r.Time, Reason: r.Reason}
		}
		crl, err := d.Authority.WriteCRL(own.entity, spec.Issued, spec.Expires, revoked)
		if err != nil {
			return err
		}
		spec.CRLs = append(spec.CRLs, crl)
	}
	others, err := d.Store.Anchors(ctx)
	if err != nil {
		return err
	}
	for _, a := range others {
		spec.Anchors = append(spec.Anchors, trust.Anchor{Purpose: a.Purpose, Certificate: a.DER, Intermediate: a.Intermediate})
	}
	lists, err := d.Store.ForeignCRLs(ctx)
	if err != nil {
		return err
	}
	newest, err := newestLists(lists)
	spec.CRLs = append(spec.CRLs, newest...)
	return err
}

// newestLists keeps the list that was taken in last of each issuer and key.
func newestLists(lists [][]byte) ([][]byte, error) {
	seen := map[string]bool{}
	var out [][]byte
	for _, der := range slices.Backward(lists) {
		l, err := gm.ParseCRL(der)
		if err != nil {
			return nil, fmt.Errorf("desk: %w", err)
		}
		if by := string(l.RawIssuer) + string(l.AuthorityKeyID); !seen[by] {
			seen[by], out = true, append(out, der)
		}
	}
	return out, nil
}

// walk hands the seals of the registry on, one at a time.
type walk struct {
	ctx   context.Context
	store *registry.Store
	err   error
}

func (w *walk) seals() iter.Seq[trust.SealRecord] {
	return func(yield func(trust.SealRecord) bool) {
		var id, issuer string
		var states []registry.State
		stopped := errors.New("stopped")
		flush := func() error {
			if id != "" && !yield(record(id, issuer, states)) {
				return stopped
			}
			return nil
		}
		err := w.store.WalkHistory(w.ctx, func(h registry.History) error {
			if h.SealID != id {
				if err := flush(); err != nil {
					return err
				}
				id, issuer, states = h.SealID, h.Issuer, nil
			}
			states = append(states, h.State)
			return nil
		})
		if err == nil {
			err = flush()
		}
		if !errors.Is(err, stopped) {
			w.err = err
		}
	}
}

func record(id, issuer string, states []registry.State) trust.SealRecord {
	r := trust.SealRecord{ID: id, Division: issuer}
	for _, s := range States(states) {
		r.History = append(r.History, trust.SealStatus{Status: s.Status, Since: s.Since})
	}
	return r
}

// OpenBundle opens the latest trust bundle, checked under the centre's own
// root; registry.ErrNotFound where there is none.
func (d *Desk) OpenBundle(ctx context.Context) (*trust.Store, error) {
	b, err := d.Store.LatestBundle(ctx)
	if err != nil {
		return nil, err
	}
	f, err := d.Authority.OpenBundle(b.Number, b.Manifest)
	if err != nil {
		return nil, err
	}
	s, err := d.open(f)
	if err != nil {
		return nil, fmt.Errorf("desk: bundle %d: %w", b.Number, err)
	}
	return s, nil
}
