package desk

import (
	"errors"
	"os"
	"strings"
	"testing"

	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/trust"
	"sealdesk/ui/config"
	"sealdesk/ui/explain"
	"sealdesk/ui/state"
)

const pin = "sha256:0000000000000000000000000000000000000000000000000000000000000000"

func TestCenterSettings_areSavedAndReadBack(t *testing.T) {
	o := newOffice(t)
	ca := o.write("centre-ca.pem", []byte("x"))
	options := o.ReadOptions(t.Context())
	if options.Center != (state.CenterOptions{Transport: "tls"}) {
		t.Fatalf("without a centre: %+v", options.Center)
	}
	options.Center = state.CenterOptions{URL: " https://centre.example:8443/base ", CA: ca, Pins: pin + "，" + pin, Transport: "tlcp"}
	if err := o.SaveOptions(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	want := options.Center
	want.URL, want.Pins = "https://centre.example:8443/base", pin+" "+pin
	if got := o.ReadOptions(t.Context()).Center; got != want {
		t.Errorf("in force: %+v", got)
	}
	read, err := config.Load(options.Path)
	if err != nil || centerOptions(read.Center) != want {
		t.Errorf("in the file: %+v, %v", read.Center, err)
	}
}

// What cannot be a centre is refused in words, and neither the file nor what is in force changes.
func TestCenterSettings_refused(t *testing.T) {
	o := newOffice(t)
	before, err := os.ReadFile(o.ReadOptions(t.Context()).Path)
	if err != nil {
		t.Fatal(err)
	}
	good := state.CenterOptions{URL: "https://centre.example", CA: o.write("ca.pem", []byte("x")), Transport: "tls"}
	for name, c := range map[string]struct {
		change func(*state.CenterOptions)
		key    string
	}{
		"not encrypted":   {func(o *state.CenterOptions) { o.URL = "http://centre.example" }, "center.address"},
		"user and secret": {func(o *state.CenterOptions) { o.URL = "https://me:secret@centre.example" }, "center.address"},
		"query":           {func(o *state.CenterOptions) { o.URL += "/?a=b" }, "center.address"},
		"no host":         {func(o *state.CenterOptions) { o.URL = "https://" }, "center.address"},
		"half a pin":      {func(o *state.CenterOptions) { o.Pins = "sha256:00" }, "center.pins"},
		"no authority":    {func(o *state.CenterOptions) { o.CA = "" }, "center.no_ca"},
		"key alone":       {func(o *state.CenterOptions) { o.Key = "/k.pem" }, "center.half_certificate"},
	} {
		options := o.ReadOptions(t.Context())
		options.Center = good
		c.change(&options.Center)
		saved := o.SaveOptions(t.Context(), options)
		_, tried := o.TryCenter(t.Context(), options.Center)
		for what, err := range map[string]error{"saved": saved, "tried": tried} {
			if m := explain.Error(err); err == nil || m.Key != c.key || m.Exit != explain.ExitUsage {
				t.Errorf("%s, %s: %v (%s)", name, what, err, m.Key)
			}
			if text := explain.Error(err).Texts(o.Catalogue()).What; strings.Contains(text, "«") || text == "" {
				t.Errorf("%s: it says %q", name, text)
			}
		}
	}
	if after, err := os.ReadFile(o.ReadOptions(t.Context()).Path); err != nil || string(after) != string(before) {
		t.Errorf("the settings file was changed: %v", err)
	}
	if _, err := o.TryCenter(t.Context(), state.CenterOptions{}); explain.Error(err).Key != "center.unset" {
		t.Errorf("no centre: %v", err)
	}
	var e *center.Error
	if _, err := o.TryCenter(t.Context(), good); !errors.As(err, &e) || e.Kind != center.KindSettings {
		t.Errorf("a file that holds no certificate: %v", err)
	}
}

// An address that the policy fixes stands above the file and is not written into it.
func TestCenterSettings_locked(t *testing.T) {
	o := newOffice(t)
	options := o.ReadOptions(t.Context())
	options.Center = state.CenterOptions{URL: "https://mine.example", CA: o.write("ca.pem", []byte("x")), Transport: "tls"}
	if err := o.SaveOptions(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	o.lock(trust.Setting{Name: "center.url", Value: "https://theirs.example"}, trust.Setting{Name: "center.transport", Value: "tlcp"})
	got := o.ReadOptions(t.Context())
	if got.Center.URL != "https://theirs.example" || got.Center.Transport != "tlcp" || !strings.Contains(got.Locked["center_url"], "5") || got.Locked["center_transport"] == "" {
		t.Fatalf("%+v, %v", got.Center, got.Locked)
	}
	got.Center.URL, got.Center.Pins = "https://mine-again.example", pin
	if err := o.SaveOptions(t.Context(), got); err != nil {
		t.Fatal(err)
	}
	if after := o.ReadOptions(t.Context()).Center; after.URL != "https://theirs.example" || after.Pins != pin {
		t.Errorf("%+v", after)
	}
	file, err := os.ReadFile(got.Path)
	if err != nil || !strings.Contains(string(file), "https://mine.example") || strings.Contains(string(file), "theirs") {
		t.Errorf("the file holds %s, %v", file, err)
	}
	for _, f := range o.Diagnose(t.Context()) {
		if f.Key == "gui.diag.policy" && f.Data["N"] == "2" {
			return
		}
	}
	t.Error("the diagnosis does not say what is fixed")
}
