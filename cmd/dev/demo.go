package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sealdesk/cmd/dev/training"
	"sealdesk/cmd/softkey/store"
	"sealdesk/pdfseal/page"
)

// demoDPI is the resolution of the demonstration's picture.
const demoDPI = 150

func demoTask(flags *flag.FlagSet) func(context.Context, *session) error {
	dir := flags.String("dir", "", "folder to keep everything in (default: in the user's cache)")
	noWindow := flags.Bool("no-window", false, "show it on the command line although there is a display")
	return func(ctx context.Context, s *session) error {
		if err := s.ensure(ctx, "demo"); err != nil {
			return err
		}
		if *dir == "" {
			kept, err := cacheDir("demo")
			if err != nil {
				return err
			}
			*dir = kept
		}
		office, err := s.office(ctx, *dir)
		if err != nil {
			return err
		}
		if hasDisplay() && !*noWindow {
			return s.demoWindow(ctx, office)
		}
		return s.demo(ctx, office)
	}
}

// demo shows the life of a seal: used with the centre's receipt, verified by
// somebody who has nothing but the trust bundle, then lost.
func (s *session) demo(ctx context.Context, office *training.Office) error {
	d, err := newDemo(s, office)
	if err != nil {
		return err
	}
	if err := d.use(ctx); err != nil {
		return err
	}
	if err := d.lose(ctx); err != nil {
		return err
	}
	d.tell()
	return nil
}

// demonstration is one run.
type demonstration struct {
	*session
	office *training.Office
	where  training.Placement
	seal   training.Seal
	steps  int

	sealed, picture string // of the sample
	bare            string // folder of a recipient
	received        string // the sealed file there
	rehearsal       string // copy of the office in which the seal is lost
	forged          string // what the finder of the UsbKey seals
}

// newDemo names the files of a demonstration, and removes those of the one
// before: sealctl writes over nothing.
func newDemo(s *session, office *training.Office) (*demonstration, error) {
	if len(office.Placements) == 0 {
		return nil, errors.New("the practice office has no sample document")
	}
	d := &demonstration{session: s, office: office, where: office.Placements[0]}
	for _, seal := range office.Seals {
		if seal.ID == d.where.Seal {
			d.seal = seal
		}
	}
	out := filepath.Join(office.Dir, "out")
	name := strings.TrimSuffix(filepath.Base(d.where.Sample), filepath.Ext(d.where.Sample))
	d.sealed, d.picture = filepath.Join(out, name+"_已签章.pdf"), filepath.Join(out, name+"_已签章.png")
	d.bare, d.rehearsal = filepath.Join(out, "收文"), filepath.Join(out, "挂失演练")
	d.received, d.forged = filepath.Join(d.bare, filepath.Base(d.sealed)), filepath.Join(out, name+"_冒用.pdf")
	for _, path := range []string{d.sealed, d.picture, d.forged} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	for _, dir := range []string{d.bare, d.rehearsal} {
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	return d, os.MkdirAll(d.bare, 0o700)
}

// step tells one step with its result.
func (d *demonstration) step(what, result string) {
	d.steps++
	fmt.Fprintf(d.out, "%2d  %s: %s\n", d.steps, what, result)
}

// use seals with the centre online, and verifies without it.
func (d *demonstration) use(ctx context.Context) error {
	if err := plugIn(d.office, d.where.Seal); err != nil {
		return err
	}
	stop, err := d.serve(ctx, d.office)
	if err != nil {
		return err
	}
	fmt.Fprintln(d.out)
	d.step("核验中心已启动 the centre serves", d.office.Centre.URL)
	receipt, err := d.affix(ctx)
	if err := errors.Join(err, stop()); err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	d.step("联网用印，中心查验并核验，回执已嵌入 sealed, with the centre's receipt", receipt)
	if err := errors.Join(copyFile(d.received, d.sealed), copyFile(d.bundle(), d.office.Trust)); err != nil {
		return err
	}
	r, err := d.verify(ctx, d.bundle(), d.received)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if r.Verdict != "valid" || r.source() != "receipt" {
		return fmt.Errorf("verify: %s", r)
	}
	d.step("收文方离线、只有信任包 verified offline with nothing but the bundle", r.words()+"，回执证明用印时间 trusted time "+r.clock())
	if err := draw(ctx, d.sealed, d.where.Page, d.picture); err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	return nil
}

// bundle is the recipient's trust bundle.
func (d *demonstration) bundle() string { return filepath.Join(d.bare, "bundle.sdtb") }

// plugIn puts the training UsbKey with a seal into its port.
func plugIn(office *training.Office, seal string) error {
	for _, s := range office.Seals {
		if s.ID != seal {
			continue
		}
		slot, err := store.Open(office.Store, s.Slot)
		if err != nil {
			return err
		}
		return slot.Insert()
	}
	return fmt.Errorf("no training UsbKey holds the seal %s", seal)
}

// draw writes a PNG of one page, the first being 1.
func draw(ctx context.Context, document string, number int, picture string) error {
	doc, err := page.Open(ctx, document)
	if err != nil {
		return err
	}
	defer doc.Close()
	img, err := doc.Render(ctx, number, demoDPI)
	if err != nil {
		return err
	}
	out, err := os.Create(picture)
	if err != nil {
		return err
	}
	if err := png.Encode(out, img); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// tell lists where everything is.
func (d *demonstration) tell() {
	fmt.Fprintln(d.out)
	for _, row := range [][2]string{
		{"原文 document", d.where.Sample},
		{"已签章 sealed PDF", d.sealed},
		{"页面图 page picture", d.picture},
		{"收文方的文件夹 the recipient's folder", d.bare},
		{"冒用的文件 the forged file", d.forged},
		{"挂失演练用的副本 office copy with the lost seal", d.rehearsal},
		{"命令 sealctl", d.office.Sealctl},
		{"核验中心 sealcenter", d.office.Centre.Sealcenter + " --dir " + d.office.Centre.Dir},
		{"配置 settings", d.office.Config},
		{"信任包 trust bundle", d.office.Trust},
		{"口令文件 PIN file", d.office.PINFile},
		{"密钥驱动 PKCS#11 module", d.office.Module},
	} {
		fmt.Fprintf(d.out, "  %s\n      %s\n", row[0], row[1])
	}
	fmt.Fprintf(d.out, "\n再试一次 try it yourself:\n  %s --config %s verify %s\n", d.office.Sealctl, d.office.Config, d.sealed)
	fmt.Fprintln(d.out, "\n这是练习环境：印章带“样章”字样，正式环境不信任。 A practice office: nothing of it is trusted in real use.")
}
