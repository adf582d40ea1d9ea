package pdfseal

import (
	"context"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/trust"
)

// Inspect runs the pre-seal gate: what in the document forbids sealing, could change its view later, or is worth knowing (rules P1, W3).
// Existing seals are judged with store at the present moment. Errors: *SyntaxError, ErrNotPDF, ErrEncrypted, those of ctx and of reading.
func Inspect(ctx context.Context, src Source, store *trust.Store) (*Inventory, error) {
	inv, _, err := inspect(ctx, src, store, time.Time{}, true)
	return inv, err
}

// InspectFile runs the pre-seal gate on the file at path; see Inspect. Errors: those of OpenFile and Inspect.
func InspectFile(ctx context.Context, path string, store *trust.Store) (*Inventory, error) {
	f, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Inspect(ctx, f, store)
}

// inspect runs the gate; where not all is asked for, only what may forbid sealing is looked for.
func inspect(ctx context.Context, src Source, store *trust.Store, now time.Time, all bool) (*Inventory, *pdf.File, error) {
	f, err := pdf.Open(ctx, src)
	if err != nil {
		return nil, nil, err
	}
	g := &gate{file: f, view: f.Latest(), reached: map[int]bool{}, trees: map[int]bool{}, inv: &Inventory{Version: f.Version(), Revisions: len(f.Revisions()), Findings: []Finding{}}}
	steps := []func() error{g.pages, g.catalog, func() error { return g.objects(ctx) }, g.locate}
	if all {
		steps = append(steps, func() error { return g.overlays(ctx) }, g.hidden)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, nil, err
		}
	}
	for _, n := range f.Notes() {
		g.add(Finding{Rule: n.Rule, Level: LevelNote, Key: FindingBaseNote, Detail: n.Msg})
	}
	if err := g.seals(ctx, src, VerifyOptions{Trust: store, Now: now}); err != nil {
		return nil, nil, err
	}
	return g.inv, f, nil
}

// gate collects findings.
type gate struct {
	file *pdf.File
	view *pdf.View
	inv  *Inventory
	hits []hit

	reached map[int]bool // objects to which a way leads from the trailer
	trees   map[int]bool // those of them that list pages
}

// add lists a finding; what concerns the whole document has no pages.
func (g *gate) add(f Finding) { g.inv.Findings = append(g.inv.Findings, f) }

func (g *gate) pages() error {
	n, err := g.view.PageCount()
	if err != nil {
		return err
	}
	if g.inv.Pages = n; n == 0 {
		g.add(Finding{Rule: "S10", Level: LevelRefuse, Key: FindingNoPages, Detail: "document has no pages"})
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
		g.add(Finding{Rule: "P1", Level: LevelRefuse, Key: FindingXFA, Detail: "/AcroForm /XFA"})
	}
	if cat["OCProperties"] != nil {
		g.hit(hit{level: LevelWarn, key: FindingOptionalContent, detail: "/OCProperties"})
	}
	perms, err := g.view.Dict(cat["Perms"])
	if err != nil {
		return err
	}
	if perms["UR3"] != nil || perms["UR"] != nil {
		g.add(Finding{Rule: "P1", Level: LevelRefuse, Key: FindingUsageRights, Detail: "/Perms /UR3"})
	}
	if perms["DocMDP"] != nil {
		g.add(Finding{Rule: "P1", Level: LevelRefuse, Key: FindingDocMDP, Detail: "/Perms /DocMDP"})
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
	for i, f := range fields {
		widgetOnly := f.name == "" && f.up >= 0
		if (f.kind == "Tx" || f.kind == "Btn" || f.kind == "Ch") && !widgetOnly && !hasKidFields(fields, i) {
			g.hit(hit{level: LevelWarn, key: FindingForm, num: f.ref.ObjectNumber.Value(), name: fieldName(fields, i), detail: "interactive form fields"})
		}
	}
	return nil
}

// hasKidFields tells whether a field is only the node above others that have names of their own.
func hasKidFields(all []field, i int) bool {
	for j := i + 1; j < len(all) && all[j].up >= i; j++ {
		if all[j].up == i && all[j].name != "" {
			return true
		}
	}
	return false
}

// PageSize returns the width and height of the upright visible page n (from 1) in millimetres. Errors: *SyntaxError, ErrNotPDF, ErrEncrypted,
// those of ctx and of reading, and one where there is no such page.
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
