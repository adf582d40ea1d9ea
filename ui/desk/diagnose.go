package desk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/page"
	"sealdesk/pdfseal/trust"
	"sealdesk/token"
	"sealdesk/ui/explain"
	"sealdesk/ui/state"
)

// Diagnose implements state.Work.
func (d *Desk) Diagnose(ctx context.Context) []state.Finding {
	var out []state.Finding
	out = append(out, good("gui.diag.version", "Version", d.Version, "System", runtime.GOOS+"/"+runtime.GOARCH))
	for _, look := range []func(context.Context) []state.Finding{d.lookSettings, d.lookDriver, d.lookTrust, d.lookPolicy, d.lookCenter, d.lookRegister, d.lookOutput, d.lookPages} {
		if ctx.Err() != nil {
			break
		}
		out = append(out, look(ctx)...)
	}
	return out
}

func finding(g state.Grade, key string, pairs ...string) state.Finding {
	data := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i]] = pairs[i+1]
	}
	return state.Finding{Grade: g, Key: key, Data: data}
}

func good(key string, pairs ...string) state.Finding { return finding(state.GradeGood, key, pairs...) }
func note(key string, pairs ...string) state.Finding { return finding(state.GradeNote, key, pairs...) }

func bad(err error, key string, pairs ...string) state.Finding {
	f := finding(state.GradeBad, key, pairs...)
	f.Err = err
	return f
}

func (d *Desk) lookSettings(context.Context) []state.Finding {
	if path := d.config().Path; path != "" {
		return []state.Finding{good("gui.diag.settings", "Path", path)}
	}
	return []state.Finding{note("gui.diag.no_settings")}
}

// lookDriver tests the driver and describes the keys that it reaches.
func (d *Desk) lookDriver(ctx context.Context) []state.Finding {
	p, err := d.keys()
	var module *token.ModuleError
	switch {
	case errors.As(err, &module) && module.Reason == token.ReasonNone:
		return []state.Finding{bad(err, "gui.diag.no_driver")}
	case err != nil:
		return []state.Finding{bad(err, "gui.diag.driver_bad", "Path", d.config().Key.Module)}
	}
	out := []state.Finding{good("gui.diag.driver", "Path", d.config().Key.Module)}
	read := d.readKeys(ctx, p)
	switch {
	case read.Err != nil:
		return append(out, bad(read.Err, "gui.diag.keys_bad"))
	case len(read.Keys) == 0:
		return append(out, note("gui.diag.no_key"))
	}
	for _, k := range read.Keys {
		issued := d.TrustState(ctx).Issued
		pairs := []string{"Serial", k.Serial, "Seals", strconv.Itoa(len(k.Seals)), "State", string(k.State(d.Now(), issued))}
		switch s := k.State(d.Now(), issued); {
		case s == state.KeyReady:
			out = append(out, good("gui.diag.key", pairs...))
		case s.Usable():
			out = append(out, note("gui.diag.key_note", pairs...))
		default:
			f := bad(k.Err, "gui.diag.key_bad", pairs...)
			out = append(out, f)
		}
	}
	return out
}

func (d *Desk) lookTrust(ctx context.Context) []state.Finding {
	t := d.TrustState(ctx)
	switch {
	case t.Err != nil:
		return []state.Finding{bad(t.Err, "gui.diag.trust_bad")}
	case !t.Loaded():
		return []state.Finding{note("gui.diag.no_trust")}
	}
	pairs := []string{"Number", strconv.Itoa(t.Number), "Days", strconv.Itoa(t.AgeDays), "To", t.Expires.Format(time.DateOnly)}
	var stale bool
	if err := d.withTrust(func(s *trust.Store) error { stale = s != nil && s.Stale(d.Now()); return nil }); err != nil {
		return []state.Finding{bad(err, "gui.diag.trust_bad")}
	}
	switch now := d.Now(); {
	case now.Before(t.Issued.Add(-24 * time.Hour)):
		return []state.Finding{bad(nil, "gui.diag.clock", "Now", now.Format(time.DateTime), "Issued", t.Issued.Format(time.DateOnly))}
	case !t.Expires.IsZero() && now.After(t.Expires) || stale:
		return []state.Finding{note("gui.diag.trust_old", pairs...)}
	}
	return []state.Finding{good("gui.diag.trust", pairs...)}
}

// lookPolicy tells what the trust bundle fixes, and what of it cannot be fixed here.
func (d *Desk) lookPolicy(context.Context) []state.Finding {
	d.mu.Lock()
	locks, c := d.locks, d.cfg
	d.mu.Unlock()
	_, lines := c.Under(locks.policy)
	if len(lines) == 0 {
		return nil
	}
	var out []state.Finding
	for _, l := range lines {
		if l.Err != nil {
			out = append(out, note("gui.diag.policy_unused", "Name", l.Name, "Detail", l.Err.Error()))
		}
	}
	return append([]state.Finding{good("gui.diag.policy", "Number", strconv.Itoa(locks.number), "N", strconv.Itoa(len(lines)-len(out)))}, out...)
}

// lookOutput tests whether sealed files can be written where the settings say.
func (d *Desk) lookOutput(context.Context) []state.Finding {
	dir := d.config().Output.Dir
	if dir == "" {
		return nil
	}
	f, err := os.CreateTemp(dir, ".sealdesk-*")
	if err != nil {
		return []state.Finding{bad(err, "gui.diag.output_bad", "Path", dir)}
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return []state.Finding{bad(err, "gui.diag.output_bad", "Path", dir)}
	}
	return []state.Finding{good("gui.diag.output", "Path", dir)}
}

// lookPages tests the engine that draws pages.
func (d *Desk) lookPages(ctx context.Context) []state.Finding {
	if err := page.Warm(ctx); err != nil {
		return []state.Finding{bad(err, "gui.diag.pages_bad")}
	}
	return []state.Finding{good("gui.diag.pages")}
}

// SaveDiagnosis implements state.Work. Without names, the names of people, units and folders are left out; no PIN and nothing of any
// document is ever known here.
func (d *Desk) SaveDiagnosis(ctx context.Context, path string, names bool) error {
	cat := d.Catalogue()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", d.Now().Format(time.RFC3339))
	for _, f := range d.Diagnose(ctx) {
		data := map[string]string{}
		for k, v := range f.Data {
			if k == "Path" && !names {
				v = "…"
			}
			data[k] = v
		}
		fmt.Fprintf(&b, "[%s] %s\n", f.Grade, cat.T(f.Key, data))
		if f.Err == nil {
			continue
		}
		m := explain.Error(f.Err)
		fmt.Fprintf(&b, "    %s\n", m.Key)
		if names {
			fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(m.Texts(cat).String(), "\n", "\n    "))
		}
	}
	if names {
		d.people(ctx, &b)
	}
	return pdfseal.WriteNewFile(path, []byte(b.String()))
}

// people lists seals and certificates, which name units and persons.
func (d *Desk) people(ctx context.Context, b *strings.Builder) {
	p, err := d.keys()
	if err != nil {
		return
	}
	for _, k := range d.readKeys(ctx, p).Keys {
		fmt.Fprintf(b, "\n%s  %s\n", k.Label, k.Serial)
		for _, s := range k.Seals {
			fmt.Fprintf(b, "    %s  %s  %s\n", s.ID, s.Name, s.Holder)
		}
		for _, c := range k.Certificates {
			fmt.Fprintf(b, "    %s  %s\n", c.SerialHex, c.Subject)
		}
	}
}
