package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestSave_readsBack(t *testing.T) {
	dir := t.TempDir()
	c, err := Load(write(t, dir, full))
	if err != nil {
		t.Fatal(err)
	}
	c.Lang, c.Window.Dark, c.Place.Rule, c.Output.Dir = "zh", true, "hand", filepath.Join(dir, "out")
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	again, err := Load(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c, again) {
		t.Errorf("saved %+v\nread  %+v", c, again)
	}
	raw, err := os.ReadFile(c.Path)
	if err != nil || strings.Contains(string(raw), dir) {
		t.Errorf("paths inside the folder are not relative: %s, %v", raw, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSave_firstFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	t.Setenv(DirVariable, dir)
	c, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Save(); err != nil || c.Path != filepath.Join(dir, FileName) {
		t.Fatalf("path %q, %v", c.Path, err)
	}
	if _, err := Load(""); err != nil {
		t.Error(err)
	}
}

func TestSave_refused(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, full)
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	c.Output.Suffix = "a/b"
	var e *Error
	if err := c.Save(); !errors.As(err, &e) || e.Key != "value" {
		t.Errorf("got %v", err)
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("the file was changed although the settings were refused")
	}
}
