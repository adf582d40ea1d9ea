package desk

import (
	"context"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Open implements state.Work. The program that opens the file goes on by itself.
func (d *Desk) Open(_ context.Context, path string, folder bool) error {
	if folder {
		path = filepath.Dir(path)
	}
	cmd := opener(path)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		if err := cmd.Wait(); err != nil {
			d.Log.Warn("file could not be shown", "error", err)
		}
	}()
	return nil
}

// opener is the command with which the system shows a file.
func opener(path string) *exec.Cmd {
	switch runtime.GOOS {
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", path)
	case "darwin":
		return exec.Command("open", path)
	}
	return exec.Command("xdg-open", path)
}
