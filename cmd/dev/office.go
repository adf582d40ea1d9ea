package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"sealdesk/cmd/dev/training"
	"sealdesk/cmd/softkey/store"
)

func trainingTask(flags *flag.FlagSet) func(context.Context, *session) error {
	dir := flags.String("dir", "", "folder of the practice office (required)")
	return func(ctx context.Context, s *session) error {
		if *dir == "" {
			return errors.New("--dir says where the practice office goes")
		}
		if err := s.ensure(ctx, "training"); err != nil {
			return err
		}
		office, err := s.office(ctx, *dir)
		if err != nil {
			return err
		}
		return json.NewEncoder(s.out).Encode(office)
	}
}

// office makes the practice office in dir, or completes the one that is there,
// and builds its programs. Progress goes to the session's err.
func (s *session) office(ctx context.Context, dir string) (*training.Office, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(s.err, "practice office: %s\n", dir)
	return training.Make(ctx, dir, training.Options{Build: s.programs})
}

// programs builds what an office runs.
func (s *session) programs(ctx context.Context, o *training.Office) error {
	bin := filepath.Dir(o.Sealctl)
	for _, program := range []string{"sealcenter", "sealctl", "softkey"} {
		fmt.Fprintf(s.err, "building bin/%s\n", program+exeSuffix)
		if _, err := s.build(ctx, bin, program); err != nil {
			return err
		}
	}
	return s.buildModule(ctx, o.Module)
}

// buildModule compiles the training UsbKey's PKCS#11 module, unless the one
// that is there is newer than its sources.
func (s *session) buildModule(ctx context.Context, module string) error {
	src := filepath.Join(s.root, "cmd", "softkey", "module")
	if newer(module, src) {
		return nil
	}
	fmt.Fprintln(s.err, "building the training UsbKey:", filepath.Base(module))
	return store.Build(ctx, src, module)
}

// newer reports whether a file is younger than all that lies in dir.
func newer(path, dir string) bool {
	made, err := os.Stat(path)
	if err != nil {
		return false
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if info, e := e.Info(); e != nil || !info.ModTime().Before(made.ModTime()) {
			return false
		}
	}
	return err == nil && len(entries) > 0
}

// sealctl runs the office's own sealctl with its configuration. stdin may be nil.
func (s *session) sealctl(ctx context.Context, office *training.Office, stdin []byte, args ...string) *exec.Cmd {
	cmd := s.command(ctx, office.Sealctl, append([]string{"--config", office.Config}, args...)...)
	if stdin != nil {
		cmd.Stdin = bytes.NewReader(stdin)
	}
	cmd.Stderr = s.err
	return cmd
}

// pin reads the practice PIN.
func pin(office *training.Office) ([]byte, error) {
	text, err := os.ReadFile(office.PINFile)
	if err != nil {
		return nil, err
	}
	return append(bytes.TrimSpace(text), '\n'), nil
}
