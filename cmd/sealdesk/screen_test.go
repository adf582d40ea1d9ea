//go:build linux && cgo

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// display is an Xvfb of its own, whose picture lies in a file.
type display struct {
	t    *testing.T
	name string
	fb   string // the picture, in the format of xwd
}

// startDisplay starts Xvfb on a free number.
func startDisplay(t *testing.T, width, height int) *display {
	t.Helper()
	dir := t.TempDir()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-fbdir", dir, "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{write}
	if err := cmd.Start(); err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	write.Close()
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); read.Close() })
	buf := make([]byte, 16)
	n, err := read.Read(buf)
	if err != nil {
		t.Fatalf("Xvfb gives no display: %v", err)
	}
	return &display{t: t, name: ":" + strings.TrimSpace(string(buf[:n])), fb: filepath.Join(dir, "Xvfb_screen0")}
}

// do runs xdotool.
func (d *display) do(args ...string) {
	d.t.Helper()
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+d.name)
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("xdotool %v: %v: %s", args, err, out)
	}
}

func (d *display) key(names ...string) {
	d.t.Helper()
	d.do(append([]string{"key", "--delay", "60"}, names...)...)
}
func (d *display) text(s string) { d.t.Helper(); d.do("type", "--delay", "40", s) }

func (d *display) click(x, y int) {
	d.t.Helper()
	d.do("mousemove", fmt.Sprint(x), fmt.Sprint(y), "sleep", "0.2", "click", "1")
}

// drag moves the mouse from one place to another with the button down.
func (d *display) drag(x1, y1, x2, y2 int) {
	d.t.Helper()
	d.do("mousemove", fmt.Sprint(x1), fmt.Sprint(y1), "sleep", "0.2", "mousedown", "1")
	for i := 1; i <= 8; i++ {
		d.do("mousemove", fmt.Sprint(x1+(x2-x1)*i/8), fmt.Sprint(y1+(y2-y1)*i/8), "sleep", "0.05")
	}
	d.do("sleep", "0.2", "mouseup", "1")
}

// picture reads what the screen shows.
func (d *display) picture() *image.RGBA {
	d.t.Helper()
	raw, err := os.ReadFile(d.fb)
	if err != nil {
		d.t.Fatal(err)
	}
	img, err := readXWD(raw)
	if err != nil {
		d.t.Fatal(err)
	}
	return img
}

// pixel reads the colour at the left top of the screen.
func (d *display) pixel() color.RGBA {
	d.t.Helper()
	f, err := os.Open(d.fb)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	head := make([]byte, 100)
	if _, err := io.ReadFull(f, head); err != nil {
		d.t.Fatal(err)
	}
	at := binary.BigEndian.Uint32(head) + 12*binary.BigEndian.Uint32(head[4*19:])
	var p [4]byte
	if _, err := f.ReadAt(p[:], int64(at)); err != nil {
		d.t.Fatal(err)
	}
	return color.RGBA{R: p[2], G: p[1], B: p[0], A: 0xFF}
}

// readXWD reads a picture of 32 bits a pixel in the format of xwd, version 7.
func readXWD(b []byte) (*image.RGBA, error) {
	if len(b) < 100 {
		return nil, errors.New("xwd: short header")
	}
	field := func(i int) int { return int(binary.BigEndian.Uint32(b[4*i:])) }
	head, w, h, bits, stride, colours := field(0), field(4), field(5), field(11), field(12), field(19)
	at := head + 12*colours
	if field(1) != 7 || bits != 32 || len(b) < at+stride*h || stride < 4*w {
		return nil, fmt.Errorf("xwd: version %d, %d bits, %d bytes", field(1), bits, len(b))
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			p := b[at+y*stride+4*x:]
			img.SetRGBA(x, y, color.RGBA{R: p[2], G: p[1], B: p[0], A: 0xFF})
		}
	}
	return img, nil
}

// steady waits until the screen has not changed for some time. A blinking cursor may keep it changing, so there is an end to it.
func (d *display) steady(quiet, end time.Duration) {
	d.t.Helper()
	last, since := []byte(nil), time.Now()
	for stop := time.Now().Add(end); time.Now().Before(stop) && time.Since(since) < quiet; time.Sleep(quiet / 5) {
		now, err := os.ReadFile(d.fb)
		if err != nil {
			d.t.Fatal(err)
		}
		if !bytes.Equal(now, last) {
			last, since = now, time.Now()
		}
	}
}

// shoot writes the screen to a PNG in the folder of the walk.
func (d *display) shoot(dir, name string) {
	d.t.Helper()
	d.steady(time.Second, 5*time.Second) // a busy machine slides slowly
	if err := writePNG(filepath.Join(dir, name+".png"), d.picture()); err != nil {
		d.t.Fatal(err)
	}
}

// until waits for something to become true.
func until(t *testing.T, what string, patience time.Duration, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("waited %v in vain for: %s", patience, what)
}
