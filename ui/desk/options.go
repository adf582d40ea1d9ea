package desk

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"sealdesk/pdfseal/trust"
	"sealdesk/ui/config"
	"sealdesk/ui/i18n"
	"sealdesk/ui/state"
)

// ReadOptions implements state.Work.
func (d *Desk) ReadOptions(context.Context) state.Options {
	if err := d.withTrust(func(*trust.Store) error { return nil }); err != nil {
		d.Log.Warn("the policy cannot be read", "error", err)
	}
	d.mu.Lock()
	locks := d.locks
	c, fixed := locks.under(d.cfg)
	d.mu.Unlock()
	o := state.Options{Path: c.Path, Lang: c.Lang, Dark: c.Window.Dark, LargePrint: c.Window.LargePrint, Module: c.Key.Module, TrustFile: c.Trust,
		Suffix: c.Output.Suffix, Existing: c.Output.Existing, OutDir: c.Output.Dir, Rule: state.RuleKind(c.Place.Rule),
		WithoutTrust: c.Policy.SealWithoutTrust, Found: libraries(), Center: centerOptions(c.Center)}
	for key := range fixed {
		if o.Locked == nil {
			o.Locked = map[string]string{}
		}
		o.Locked[key] = locks.reason(d.Catalogue())
	}
	if o.Lang == "" {
		o.Lang = i18n.Chinese
	}
	if o.Rule == "" {
		o.Rule = state.RuleDate
	}
	return o
}

// SaveOptions implements state.Work. What the policy fixes stays in the file as it was.
func (d *Desk) SaveOptions(_ context.Context, o state.Options) error {
	d.mu.Lock()
	c := d.cfg
	_, fixed := d.locks.under(c)
	d.mu.Unlock()
	c = withCenter(c, o.Center, fixed)
	if err := checkCenter(c.Center); err != nil {
		return err
	}
	driver := c.Key.Module
	c.Lang, c.Window, c.Key.Module, c.Output.Dir = o.Lang, config.Window{Dark: o.Dark, LargePrint: o.LargePrint}, o.Module, o.OutDir
	for key, set := range map[string]func(){"suffix": func() { c.Output.Suffix = o.Suffix },
		"existing": func() { c.Output.Existing = o.Existing }, "rule": func() { c.Place.Rule = string(o.Rule) }} {
		if !fixed[key] {
			set()
		}
	}
	if err := c.Save(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cfg = c
	if driver != o.Module {
		d.dropKeys()
	}
	return nil
}

// TryModule implements state.Work.
func (d *Desk) TryModule(ctx context.Context, path string) (int, error) {
	c := d.config()
	if path == c.Key.Module {
		p, err := d.keys()
		if err != nil {
			return 0, err
		}
		infos, err := p.Tokens(ctx)
		return len(infos), err
	}
	k := c.Key
	k.Module = path
	p, err := d.openModule(k)
	if err != nil {
		return 0, err
	}
	defer p.Close()
	infos, err := p.Tokens(ctx)
	return len(infos), err
}

// places are where vendors of UsbKeys put their PKCS#11 libraries.
var places = map[string][]string{
	"linux":   {"/usr/lib/*pkcs11*.so", "/usr/lib/pkcs11/*.so", "/usr/lib/*-linux-gnu/pkcs11/*.so", "/usr/local/lib/*pkcs11*.so", "/opt/*/lib/*pkcs11*.so"},
	"windows": {`C:\Windows\System32\*pkcs11*.dll`, `C:\Windows\System32\*p11*.dll`, `C:\Program Files\*\*pkcs11*.dll`},
	"darwin":  {"/usr/local/lib/*pkcs11*.dylib", "/Library/*/*pkcs11*.dylib"},
}

// maxLibraries bounds the list.
const maxLibraries = 12

// notDrivers are libraries in those places that reach no key of their own.
var notDrivers = []string{"p11-kit-client.so", "p11-kit-trust.so", "p11-kit-proxy.so", "gnome-keyring-pkcs11.so", "pkcs11-spy.so"}

// libraries lists what looks like a PKCS#11 library on this machine.
func libraries() []string {
	var out []string
	for _, pattern := range places[runtime.GOOS] {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue // a constant pattern; the test knows them to be well formed
		}
		for _, p := range found {
			st, err := os.Stat(p)
			if err != nil || !st.Mode().IsRegular() || slices.Contains(notDrivers, filepath.Base(p)) || slices.Contains(out, p) {
				continue
			}
			out = append(out, p)
		}
	}
	return out[:min(len(out), maxLibraries)]
}
