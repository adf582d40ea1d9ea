package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"sealdesk/cmd/dev/training"
	"sealdesk/pdfseal"
)

// clockBack is by how much the finder of the lost UsbKey sets the clock back.
const clockBack = 10 * time.Minute

// lose has the seal reported lost, in a copy of the office, so that the office
// itself stays usable.
func (d *demonstration) lose(ctx context.Context) error {
	lost, err := d.office.Copy(ctx, d.rehearsal)
	if err != nil {
		return err
	}
	if err := plugIn(lost, d.seal.ID); err != nil {
		return err
	}
	// Revocation lists count whole seconds: what was sealed within the second of the loss would stand after it.
	select {
	case <-time.After(time.Until(time.Now().Truncate(time.Second).Add(time.Second))):
	case <-ctx.Done():
		return ctx.Err()
	}
	var state struct {
		Status string
		Since  time.Time
	}
	if err := lost.Centre.Order(ctx, &state, "练习：密钥盘遗失", "report-lost", d.seal.ID); err != nil {
		return err
	}
	d.step("密钥盘遗失，中心登记挂失（在副本中演练） reported lost, in a copy of the office", "自 since "+clock(state.Since))
	if err := d.refused(ctx, lost); err != nil {
		return err
	}
	number, err := d.renew(ctx, lost)
	if err != nil {
		return err
	}
	d.step("签发并导入新信任包 new trust bundle imported", fmt.Sprintf("第 %d 期 number %d", number, number))
	r, err := d.verify(ctx, d.newBundle(), d.received)
	if err != nil {
		return err
	}
	if r.Verdict != "valid" {
		return fmt.Errorf("the file sealed before the loss: %s", r)
	}
	d.step("挂失前的公文再核验 the document sealed before the loss", "仍然"+r.words()+"，回执证明在前 proven by the receipt")
	return d.forgery(ctx, lost, state.Since.Add(-clockBack))
}

// refused shows that the centre stops who seals with a lost seal and an old bundle.
func (d *demonstration) refused(ctx context.Context, lost *training.Office) (err error) {
	stop, err := d.serve(ctx, lost)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	_, err = d.run(ctx, lost, d.forged)
	var failed *sealctlError
	if !errors.As(err, &failed) || failed.exit != exitCentreRefuses {
		return fmt.Errorf("sealing with the lost seal: %w", err)
	}
	if _, err := os.Stat(d.forged); err == nil {
		return errors.New("the centre refused, but the file is there")
	}
	d.step("拾得者联网用印 the finder seals online", "中心拒绝 refused, exit "+strconv.Itoa(failed.exit))
	return nil
}

// newBundle is the recipient's trust bundle after the loss.
func (d *demonstration) newBundle() string { return filepath.Join(d.bare, "bundle2.sdtb") }

// renew has the centre issue a bundle and imports it into the copy of the office.
func (d *demonstration) renew(ctx context.Context, lost *training.Office) (number int, err error) {
	var bundle struct{ Number int }
	if err := lost.Centre.Order(ctx, &bundle, "练习：公布挂失", "bundle", "--out", d.newBundle()); err != nil {
		return 0, err
	}
	var imported struct{ Number int }
	if err := output(d.sealctl(ctx, lost, nil, "trust", "import", "--json", d.newBundle()), &imported); err != nil {
		return 0, err
	}
	if imported.Number != bundle.Number {
		return 0, fmt.Errorf("bundle %d was imported, not %d", imported.Number, bundle.Number)
	}
	return imported.Number, nil
}

// forgery seals with the lost key, past the centre and the bundle, with a clock
// that was set back. sealctl takes no clock from anybody, so this is what a
// program of the finder's own would do.
func (d *demonstration) forgery(ctx context.Context, lost *training.Office, at time.Time) error {
	signer, err := lost.Signer(d.seal)
	if err != nil {
		return err
	}
	seal, err := os.ReadFile(d.seal.File)
	if err != nil {
		return err
	}
	marks := []pdfseal.Mark{{Page: d.where.Page, X: d.where.X, Y: d.where.Y}}
	if _, err := pdfseal.AffixFile(ctx, d.forged, d.where.Sample, pdfseal.Request{Seal: seal, Signer: signer, Marks: marks, Time: at}); err != nil {
		return fmt.Errorf("forgery: %w", err)
	}
	r, err := d.verify(ctx, d.newBundle(), d.forged)
	if err != nil {
		return err
	}
	if r.Verdict != "invalid" && r.Verdict != "indeterminate" {
		return fmt.Errorf("the forged file: %s", r)
	}
	d.step("拾得者绕过中心、拨回时钟用印 sealed past the centre, clock set back", r.words()+"，自称时间 claimed time "+clock(at))
	return nil
}
