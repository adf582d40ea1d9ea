package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"sealdesk/cmd/dev/training"
)

// hasDisplay tells whether a window can be shown. On a build machine it is not.
func hasDisplay() bool {
	if os.Getenv("CI") == "true" {
		return false
	}
	return runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// demoWindow opens the client with the training UsbKey plugged in and the first sample document ready.
func (s *session) demoWindow(ctx context.Context, office *training.Office) error {
	if len(office.Placements) == 0 {
		return errors.New("the practice office has no sample document")
	}
	if err := s.ensure(ctx, "window"); err != nil {
		return err
	}
	where := office.Placements[0]
	if err := plugIn(office, where.Seal); err != nil {
		return err
	}
	fmt.Fprintln(s.err, "building bin/sealdesk"+exeSuffix+" (some minutes the first time)")
	program, err := s.build(ctx, filepath.Join(office.Dir, "bin"), "sealdesk")
	if err != nil {
		return err
	}
	word, err := pin(office)
	if err != nil {
		return err
	}
	word = bytes.TrimSpace(word)
	fmt.Fprintf(s.out, "\n密钥已插入，示例公文已打开：按 F9，输入练习口令 %s 即完成签章；F3 验章。\n", word)
	fmt.Fprintf(s.out, "The key is plugged in and a sample is open: press F9 and enter the practice PIN %s to seal; F3 verifies.\n", word)
	cmd := s.command(ctx, program, "--config", office.Config, where.Sample)
	cmd.Stdout, cmd.Stderr = s.out, s.err
	return cmd.Run()
}
