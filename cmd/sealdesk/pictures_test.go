//go:build linux && cgo

package main

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"sealdesk/ui/state"
)

// looks are the looks of which pictures are taken, by the scale of the screen. At scale 1 the window has the size in which nothing may
// be out of reach, in large print, too.
var looks = map[int]string{
	1: "zh-light zh-dark en-light en-dark en-dark-large",
	2: "zh-light zh-dark en-light en-dark",
}

// TestPictures takes a picture of every screen and every state of the key area in a real window, in both languages, on both grounds, at
// scale 1 and 2.
func TestPictures(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	gallery := filepath.Join(w.office.Dir, "gallery")
	build := exec.Command("go", "test", "-c", "-tags=migrated_fynedo", "-o", gallery, "sealdesk/ui/view")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	for scale, names := range looks {
		t.Run(fmt.Sprintf("scale %d", scale), func(t *testing.T) {
			t.Parallel()
			taken := (&walk{t: t, office: w.office, bin: gallery, shots: w.shots}).gallery(scale, names)
			for _, look := range strings.Fields(names) {
				for _, s := range state.KeyStates() {
					if name := look + "-key-" + string(s); !taken[name] {
						t.Errorf("no picture %s", name)
					}
				}
				if n := len(taken) / len(strings.Fields(names)); n < 60 {
					t.Errorf("only %d pictures in each look", n)
				}
			}
		})
	}
}

// gallery shows every state of the window and takes pictures. It answers their names.
func (w *walk) gallery(scale int, names string) map[string]bool {
	w.t.Helper()
	d := startDisplay(w.t, 1280*scale, 720*scale)
	cmd := exec.Command(w.bin)
	cmd.Env = append(os.Environ(), "DISPLAY="+d.name, "LIBGL_ALWAYS_SOFTWARE=1", "LC_ALL=C.UTF-8", fmt.Sprintf("FYNE_SCALE=%d", scale),
		"SEALDESK_GALLERY="+names, "SEALDESK_GALLERY_PDF="+w.office.Samples[1], "SEALDESK_GALLERY_SEAL="+w.office.Seals[0].Picture)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	answer, err := cmd.StdinPipe()
	w.must(err)
	said, err := cmd.StdoutPipe()
	w.must(err)
	w.must(cmd.Start())
	w.t.Cleanup(func() { _ = cmd.Process.Kill() })
	d.do("mousemove", fmt.Sprint(1280*scale-1), fmt.Sprint(720*scale-1)) // out of sight
	taken := map[string]bool{}
	var written sync.WaitGroup
	for lines := bufio.NewScanner(said); lines.Scan(); {
		var name string
		var corner color.RGBA
		if n, _ := fmt.Sscanf(lines.Text(), "gallery: %s %d %d %d", &name, &corner.R, &corner.G, &corner.B); n < 4 {
			continue
		}
		corner.A = 0xFF
		taken[name] = true
		until(w.t, name, patience, func() bool { return d.pixel() == corner })
		img := d.picture()
		side := 2 * scale
		draw.Draw(img, image.Rect(0, 0, side, side), image.NewUniform(img.At(2*side, 2*side)), image.Point{}, draw.Src)
		_, err := fmt.Fprintln(answer)
		w.must(err)
		written.Wait() // one at a time, while the next is drawn
		written.Go(func() {
			if n := colours(img); n < 20 {
				w.t.Errorf("%s: the picture has %d colours", name, n)
			}
			if err := writePNG(filepath.Join(w.shots, fmt.Sprintf("%s-%d.png", name, scale)), img); err != nil {
				w.t.Error(err)
			}
		})
	}
	written.Wait()
	if err := cmd.Wait(); err != nil {
		w.t.Errorf("gallery: %v", err)
	}
	return taken
}

// colours counts the colours of a picture, among every seventh of its points.
func colours(img *image.RGBA) int {
	seen := map[[3]byte]bool{}
	for at := 0; at+4 <= len(img.Pix); at += 28 {
		seen[[3]byte(img.Pix[at:])] = true
	}
	return len(seen)
}

// writePNG writes a picture, fast rather than small.
func writePNG(path string, img image.Image) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(out, img)
}
