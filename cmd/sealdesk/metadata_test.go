//go:build cgo

package main

import (
	"testing"

	"github.com/BurntSushi/toml"

	"sealdesk/ui"
)

// The packaging of the program reads FyneApp.toml, the program itself its own constants.
func TestMetadata_sameAsFyneApp(t *testing.T) {
	var f struct {
		Details struct {
			Name, ID, Version string
			Build             int
		}
		Migrations map[string]bool
	}
	if _, err := toml.DecodeFile("../../FyneApp.toml", &f); err != nil {
		t.Fatal(err)
	}
	d := f.Details
	if d.Name != ui.Name || d.ID != ui.ID || d.Version != ui.Version || d.Build != ui.Build || !f.Migrations["fyneDo"] {
		t.Errorf("FyneApp.toml says %+v", f)
	}
}
