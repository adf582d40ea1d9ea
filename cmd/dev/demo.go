package main

import (
	"context"
	"encoding/json"
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
		return s.demo(ctx, office)
	}
}

// demo seals the first sample through PKCS#11, verifies the result and draws
// the page with the seal.
func (s *session) demo(ctx context.Context, office *training.Office) error {
	if len(office.Placements) == 0 {
		return errors.New("the practice office has no sample document")
	}
	where := office.Placements[0]
	if err := plugIn(office, where.Seal); err != nil {
		return err
	}
	sample := where.Sample
	sealed, picture, err := demoOutputs(office, sample)
	if err != nil {
		return err
	}
	if err := s.demoSeal(ctx, office, where, sealed); err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	verdict, err := s.demoVerify(ctx, office, sealed)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if err := draw(ctx, sealed, where.Page, picture); err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	s.tell(office, sample, sealed, picture, verdict)
	return nil
}

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

// demoOutputs names the two files of a demonstration, and removes those of the
// one before: sealctl writes over nothing.
func demoOutputs(office *training.Office, sample string) (sealed, picture string, err error) {
	dir := filepath.Join(office.Dir, "out")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", "", err
	}
	name := strings.TrimSuffix(filepath.Base(sample), filepath.Ext(sample))
	sealed, picture = filepath.Join(dir, name+"_已签章.pdf"), filepath.Join(dir, name+"_已签章.png")
	for _, path := range []string{sealed, picture} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", "", err
		}
	}
	return sealed, picture, nil
}

func (s *session) demoSeal(ctx context.Context, office *training.Office, where training.Placement, sealed string) error {
	word, err := pin(office)
	if err != nil {
		return err
	}
	cmd := s.sealctl(ctx, office, word, "seal", where.Sample, "-o", sealed, "--seal", where.Seal, "--over-date", "--pin-stdin", "--offline")
	cmd.Stdout = s.err
	return cmd.Run()
}

// demoVerify gives the verdict of the sealed file, which must be a good one.
func (s *session) demoVerify(ctx context.Context, office *training.Office, sealed string) (string, error) {
	cmd := s.sealctl(ctx, office, nil, "verify", "--trust", office.Trust, "--json", sealed)
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	var report struct {
		Verdict string `json:"verdict"`
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return "", err
	}
	if report.Verdict != "valid" && report.Verdict != "valid_with_notice" {
		return "", fmt.Errorf("verdict %q:\n%s", report.Verdict, out)
	}
	return report.Verdict, nil
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

func (s *session) tell(office *training.Office, sample, sealed, picture, verdict string) {
	word := map[string]string{"valid": "有效", "valid_with_notice": "有效（有提示）"}[verdict]
	fmt.Fprintf(s.out, "\n已用训练密钥盘为示例公文用印，并离线核验：%s\n", word)
	fmt.Fprintf(s.out, "A sample document was sealed with the training UsbKey and verified offline: %s\n\n", verdict)
	for _, row := range [][2]string{
		{"原文 document", sample},
		{"已签章 sealed PDF", sealed},
		{"页面图 page picture", picture},
		{"命令 sealctl", office.Sealctl},
		{"配置 settings", office.Config},
		{"信任文件 trust file", office.Trust},
		{"口令文件 PIN file", office.PINFile},
		{"密钥驱动 PKCS#11 module", office.Module},
	} {
		fmt.Fprintf(s.out, "  %s\n      %s\n", row[0], row[1])
	}
	fmt.Fprintf(s.out, "\n再试一次 try it yourself:\n  %s --config %s verify %s\n", office.Sealctl, office.Config, sealed)
	fmt.Fprintln(s.out, "\n这是练习环境：印章带“样章”字样，正式环境不信任。 A practice office: nothing of it is trusted in real use.")
}
