package desk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

// Request says which seal is to be issued.
type Request struct {
	Department string // division of the issuing department; empty: the only one
	ID         string // empty: the next free one of the division

	Unit     string
	Division string // of the unit
	Kind     UnitKind
	Name     string // of the seal; empty: that of the unit
	Type     int    // property.type of GB/T 38540

	Custodian string
	PublicKey []byte // of the UsbKey: file with key, certificate request or certificate, for which a certificate is issued
	Cert      []byte // or its signing certificate, which the seal then names as it is

	Picture            ses.Picture
	ValidFrom, ValidTo time.Time
}

// Issued is a seal that was issued.
type Issued struct {
	Seal        registry.Seal
	Certificate []byte // the custodian's, DER
	NewCert     bool   // it was issued with the seal
	Department  string
}

// vendor is the maker's mark in the header of seals.
const vendor = "SEALDESK"

// practiceMark stands before the identifiers of training seals.
const practiceMark = "TRAINING"

// Issue issues a seal. Errors are *Refusal where a rule or a file is in the way.
func (d *Desk) Issue(ctx context.Context, o registry.Order, r Request) (*Issued, error) {
	draft, err := d.draft(ctx, o, r)
	if err != nil {
		return nil, err
	}
	err = d.Store.Update(ctx, func(c *registry.Change) error { return draft.record(c, registry.ActionIssue, "") })
	return draft.out, err
}

// draft is a seal that is about to be issued.
type draft struct {
	d          *Desk
	order      registry.Order
	r          Request
	department trust.Department
	maker      authority.Entity
	cert       *gm.Certificate
	authority  string // of cert
	now        time.Time
	out        *Issued
}

// draft checks everything that does not depend on other seals, and issues the custodian's certificate.
func (d *Desk) draft(ctx context.Context, o registry.Order, r Request) (*draft, error) {
	if err := checkOrder(o); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	dep, err := d.issuing(ctx, r.Department)
	if err != nil {
		return nil, err
	}
	if err := CheckIssue(dep, r.Division, r.Kind); err != nil {
		return nil, err
	}
	x := &draft{d: d, order: o, r: r, department: dep, now: d.now()}
	if x.maker, err = d.Authority.Maker(dep.Division); err != nil {
		return nil, err
	}
	if x.maker.Cert().NotAfter.Before(x.now) {
		return nil, refuse("certificate_unusable", "Detail", x.maker.Cert().Subject+": expired")
	}
	x.out = &Issued{Department: dep.Name}
	return x, x.certify(ctx)
}

func (r *Request) check() error {
	if r.Name == "" {
		r.Name = r.Unit
	}
	if r.Type == 0 {
		r.Type = 1
	}
	switch {
	case !plain(r.Unit):
		return refuse("unit", "Field", "--unit")
	case !plain(r.Name):
		return refuse("unit", "Field", "--name")
	case !plain(r.Custodian):
		return refuse("unit", "Field", "--custodian")
	case !IsDivision(r.Division):
		return refuse("division", "Division", r.Division)
	case !r.ValidTo.After(r.ValidFrom):
		return refuse("validity")
	}
	if r.ID != "" {
		division, ok := trust.Division(r.ID)
		switch {
		case !ok:
			return refuse("seal_id", "ID", r.ID)
		case division != r.Division:
			return refuse("seal_id_division", "ID", r.ID, "Division", r.Division)
		}
	}
	if _, _, _, err := r.Picture.Sniff(); err != nil {
		return refuse("picture", "Detail", err.Error())
	}
	if r.Picture.WidthMM <= 0 || r.Picture.HeightMM <= 0 {
		return refuse("picture", "Detail", fmt.Sprintf("%v×%v mm", r.Picture.WidthMM, r.Picture.HeightMM))
	}
	return nil
}

// certify takes the custodian's certificate, or issues one for the key.
func (x *draft) certify(ctx context.Context) error {
	if len(x.r.Cert) > 0 {
		return x.takeOver(ctx)
	}
	pub, err := authority.PublicKey(x.r.PublicKey)
	if err != nil {
		return refuse("key_file", "Detail", err.Error())
	}
	from := x.now.Add(-time.Hour)
	if x.r.ValidFrom.Before(from) {
		from = x.r.ValidFrom
	}
	der, err := x.d.Authority.CertifySigner(pub, authority.Holder{Unit: x.r.Unit, Person: x.r.Custodian, NotBefore: from, NotAfter: x.r.ValidTo})
	if err != nil {
		return err
	}
	x.authority, x.out.NewCert = "signer", true
	return x.use(der)
}

// checkRevoked refuses a certificate that is revoked, and one whose key was lost under another certificate.
func (x *draft) checkRevoked(c *registry.Change) error {
	_, revoked, err := c.Revocation(fingerprint(x.cert))
	if err != nil {
		return err
	}
	lost, err := c.KeyLost(keySM3(x.cert.Public))
	if err != nil {
		return err
	}
	switch {
	case lost:
		return refuse("key_lost", "Unit", x.r.Unit)
	case revoked:
		return refuse("certificate_revoked", "Subject", x.cert.Subject)
	}
	return nil
}

func (x *draft) use(der []byte) (err error) {
	x.out.Certificate = der
	x.cert, err = gm.ParseCertificate(der)
	return err
}

// takeOver checks a certificate that stands on the UsbKey already: usable for
// signing, in force, and from an authority for signers that the bundle names.
func (x *draft) takeOver(ctx context.Context) error {
	der, _ := authority.Unwrap(x.r.Cert)
	if err := x.use(der); err != nil {
		return refuse("certificate_unusable", "Detail", err.Error())
	}
	switch {
	case !x.cert.IsSM2 || !x.cert.CanSign():
		return refuse("certificate_unusable", "Detail", x.cert.Subject+": not an SM2 signing certificate")
	case x.now.Before(x.cert.NotBefore) || x.now.After(x.cert.NotAfter):
		return refuse("certificate_unusable", "Detail", x.cert.Subject+": not valid now")
	}
	ca, err := x.d.Authority.Certificate(authority.SignerCA)
	if err != nil {
		return err
	}
	if x.cert.CheckSignatureFrom(ca) == nil {
		x.authority = "signer"
		return nil
	}
	x.authority = "foreign"
	store, err := x.d.OpenBundle(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if res := store.Chain(x.cert, trust.PurposeSigner); res.Status != trust.ChainTrusted {
		return refuse("certificate_untrusted", "Subject", x.cert.Subject, "Detail", res.Detail)
	} else if rev := store.Revocation(x.cert, res.Path[min(1, len(res.Path)-1)], x.now); rev.Status == trust.RevocationRevoked {
		return refuse("certificate_revoked", "Subject", x.cert.Subject)
	}
	return nil
}

// record builds the seal and writes it down; replaces names the seal in whose place it stands.
func (x *draft) record(c *registry.Change, action, replaces string) error {
	if err := x.checkRevoked(c); err != nil {
		return err
	}
	id, err := x.id(c)
	if err != nil {
		return err
	}
	der, err := x.build(id)
	if err != nil {
		return err
	}
	digest := gm.SM3(der)
	since := x.r.ValidFrom.Truncate(time.Millisecond)
	if since.After(x.now) {
		since = x.now
	}
	event, err := c.Record(registry.Event{Time: x.now, Order: x.order, Action: action, SealID: id, Division: x.department.Division,
		Status: trust.StatusInForce, Since: since, Detail: detail("custodian", x.r.Custodian, "replaces", replaces)})
	if err != nil {
		return err
	}
	if err := c.AddCertificate(event, certificate(x.cert, x.authority, x.r.Unit, x.r.Custodian)); err != nil {
		return err
	}
	seal := registry.Seal{ID: id, SM3: fmt.Sprintf("%x", digest), DER: der, Name: x.r.Name, Unit: x.r.Unit, UnitKind: string(x.r.Kind), Division: x.r.Division,
		Issuer: x.department.Division, CertSM3: fingerprint(x.cert), ValidFrom: x.r.ValidFrom, ValidTo: x.r.ValidTo, Replaces: replaces}
	if err := c.AddSeal(event, seal); errors.Is(err, registry.ErrConflict) {
		return refuse("seal_id_taken", "ID", id)
	} else if err != nil {
		return err
	}
	x.out.Seal = seal
	return nil
}

// id is the identifier asked for, or the next free one.
func (x *draft) id(c *registry.Change) (string, error) {
	if x.r.ID != "" {
		return x.r.ID, nil
	}
	prefix := x.r.Division + "00"
	if x.d.Centre.Training {
		prefix = practiceMark + prefix
	}
	last, err := c.LastSealID(prefix, len(prefix)+6)
	if err != nil {
		return "", err
	}
	n := 0
	if last != "" {
		if n, err = strconv.Atoi(last[len(prefix):]); err != nil {
			return "", fmt.Errorf("desk: seal identifier %q: %w", last, err)
		}
	}
	if n >= 999_999 {
		return "", refuse("seal_id", "ID", prefix)
	}
	return fmt.Sprintf("%s%06d", prefix, n+1), nil
}

// build makes the seal (GB/T 38540-2020, V4), signed by the department's maker.
func (x *draft) build(id string) ([]byte, error) {
	der, err := ses.BuildSeal(ses.SealInfo{Version: ses.V4, Vendor: vendor, ID: id, Kind: x.r.Type, Name: x.r.Name, Certs: [][]byte{x.cert.Raw},
		Created: x.now, ValidFrom: x.r.ValidFrom, ValidTo: x.r.ValidTo, Picture: x.r.Picture}, x.maker.Certificate(), x.maker.Key().Sign)
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	seal, err := ses.ParseSeal(der)
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	if err := seal.VerifyValue(); err != nil {
		return nil, fmt.Errorf("desk: own seal: %w", err)
	}
	return der, nil
}
