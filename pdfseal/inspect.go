package pdfseal

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/trust"
)

// Inspect runs the pre-seal gate: what in the document forbids sealing, could change its view later, or is worth knowing (rules P1, W3).
// Existing seals are judged with store at the present moment.
func Inspect(ctx context.Context, src Source, store *trust.Store) (*Inventory, error) {
	inv, _, err := inspect(ctx, src, store, time.Time{})
	return inv, err
}

// InspectFile runs the pre-seal gate on the file at path; see Inspect.
func InspectFile(ctx context.Context, path string, store *trust.Store) (*Inventory, error) {
	f, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Inspect(ctx, f, store)
}

func inspect(ctx context.Context, src Source, store *trust.Store, now time.Time) (*Inventory, *pdf.File, error) {
	f, err := pdf.Open(ctx, src)
	if err != nil {
		return nil, nil, err
	}
	g := &gate{file: f, view: f.Latest(), inv: &Inventory{Version: f.Version(), Revisions: len(f.Revisions()), Findings: []Finding{}}, seen: map[string]bool{}}
	for _, step := range []func() error{g.pages, g.catalog, func() error { return g.objects(ctx) }} {
		if err := step(); err != nil {
			return nil, nil, err
		}
	}
	for _, n := range f.Notes() {
		g.add(n.Rule, LevelNote, FindingBaseNote, 0, n.Msg, map[string]string{"detail": n.Msg})
	}
	if err := g.seals(ctx, src, VerifyOptions{Trust: store, Now: now}); err != nil {
		return nil, nil, err
	}
	return g.inv, f, nil
}

// gate collects findings; each kind is listed once.
type gate struct {
	file *pdf.File
	view *pdf.View
	inv  *Inventory
	seen map[string]bool
}

func (g *gate) add(rule string, level Level, key string, page int, detail string, data map[string]string) {
	if g.seen[key] && key != FindingBaseNote {
		return
	}
	g.seen[key] = true
	g.inv.Findings = append(g.inv.Findings, Finding{Rule: rule, Level: level, Key: key, Page: page, Detail: detail, Data: data})
}

func (g *gate) pages() error {
	n, err := g.view.PageCount()
	if err != nil {
		return err
	}
	if g.inv.Pages = n; n == 0 {
		g.add("S10", LevelRefuse, FindingNoPages, 0, "document has no pages", nil)
	}
	return nil
}

// catalog looks at what hangs directly below the catalogue.
func (g *gate) catalog() error {
	cat, _, err := g.view.Catalog()
	if err != nil {
		return err
	}
	form, err := g.view.Dict(cat["AcroForm"])
	if err != nil {
		return err
	}
	if form["XFA"] != nil {
		g.add("P1", LevelRefuse, FindingXFA, 0, "/AcroForm /XFA", nil)
	}
	if cat["OCProperties"] != nil {
		g.add("P1", LevelWarn, FindingOptionalContent, 0, "/OCProperties", nil)
	}
	perms, err := g.view.Dict(cat["Perms"])
	if err != nil {
		return err
	}
	if perms["UR3"] != nil || perms["UR"] != nil {
		g.add("P1", LevelRefuse, FindingUsageRights, 0, "/Perms /UR3", nil)
	}
	if perms["DocMDP"] != nil {
		g.add("P1", LevelRefuse, FindingDocMDP, 0, "/Perms /DocMDP", nil)
	}
	fields, err := allFields(g.view)
	if err != nil {
		return err
	}
	if need, err := g.view.Resolve(form["NeedAppearances"]); err != nil {
		return err
	} else if need == types.Boolean(true) {
		if err := g.needAppearances(fields); err != nil {
			return err
		}
	}
	for _, f := range fields {
		if f.kind == "Tx" || f.kind == "Btn" || f.kind == "Ch" {
			g.add("P1", LevelWarn, FindingForm, 0, "interactive form fields", nil)
		}
	}
	return nil
}

// objects looks at every object that the newest revision reaches.
func (g *gate) objects(ctx context.Context) (err error) {
	g.inv.dangling, err = undefined(ctx, g.view, g.object)
	return err
}

// object looks at one object and what is nested in it.
func (g *gate) object(num int, o types.Object) {
	switch v := o.(type) {
	case types.Array:
		for _, e := range v {
			g.object(num, e)
		}
	case types.StreamDict:
		if v.Dict["F"] != nil {
			g.add("P1", LevelRefuse, FindingExternalStream, 0, "stream of object "+strconv.Itoa(num)+" lies in another file", nil)
		}
		g.dict(num, v.Dict)
	case types.Dict:
		g.dict(num, v)
	}
}

// actions are the action types that can change what is shown or leave the document (verification.md §1.9).
var actions = map[types.Name]Level{"JavaScript": LevelRefuse, "Launch": LevelRefuse, "ImportData": LevelWarn, "SubmitForm": LevelWarn,
	"ResetForm": LevelWarn, "Rendition": LevelWarn, "Movie": LevelWarn, "Sound": LevelWarn, "Hide": LevelWarn, "SetOCGState": LevelWarn,
	"GoToE": LevelWarn, "GoToR": LevelNote, "URI": LevelNote}

func (g *gate) dict(num int, d types.Dict) {
	where := "object " + strconv.Itoa(num)
	s, _ := d["S"].(types.Name)
	level, isAction := actions[s]
	switch {
	case d["JS"] != nil || s == "JavaScript":
		g.add("P1", LevelRefuse, FindingJavaScript, 0, where, nil)
	case s == "Launch":
		g.add("P1", LevelRefuse, FindingLaunch, 0, where, nil)
	case isAction:
		g.add("P1", level, FindingActions, 0, where, map[string]string{"kind": string(s)})
	}
	if d["Subtype"] == types.Name("Form") && d["Ref"] != nil {
		g.add("P1", LevelRefuse, FindingReferenceX, 0, where, nil)
	}
	if d["EF"] != nil {
		g.add("P1", LevelWarn, FindingAttachment, 0, where, nil)
	}
	for _, e := range d {
		g.object(num, e)
	}
}

// seals judges what the document carries already: a further seal is only put beside seals that are not invalid (rule W3).
func (g *gate) seals(ctx context.Context, src Source, o VerifyOptions) error {
	all, err := findCandidates(g.file)
	if err != nil || len(all) == 0 {
		return err
	}
	g.inv.Seals = len(all)
	rep, err := Verify(ctx, src, o)
	if err != nil {
		return fmt.Errorf("pdfseal: existing seals: %w", err)
	}
	for _, s := range rep.Seals {
		if s.Standard == "" || s.Seal.ID == "" {
			g.add("W3", LevelRefuse, FindingForeignSig, 0, "signature of another kind in field "+strconv.Quote(s.Field), nil)
		}
	}
	if bad := rep.Verdict == VerdictInvalid || o.Trust != nil && !rep.Verdict.Accepted(); bad {
		g.add("W3", LevelRefuse, FindingSealNotValid, 0, rep.summary(), map[string]string{"verdict": string(rep.Verdict)})
	}
	return nil
}

// PageSize returns the width and height of the upright visible page n (from 1) in millimetres.
func PageSize(ctx context.Context, src Source, n int) (w, h float64, err error) {
	f, err := pdf.Open(ctx, src)
	if err != nil {
		return 0, 0, err
	}
	p, err := f.Latest().Page(n)
	if err != nil {
		return 0, 0, err
	}
	w, h = newSheet(p).size()
	return w, h, nil
}
