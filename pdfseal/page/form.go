package page

import (
	"context"
	"fmt"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/structs"
)

// drawForm draws the widgets of form fields, signature fields among them, which pdfium leaves out of the page. Nothing of the form
// is filled, calculated or highlighted, and no script runs.
func (l *live) drawForm(ctx context.Context, bitmap references.FPDF_BITMAP, page, w, h int) (err error) {
	kind, err := l.in.FPDF_GetFormType(&requests.FPDF_GetFormType{Document: l.doc})
	if err != nil {
		return fmt.Errorf("form: %w", err)
	}
	if kind.FormType == enums.FPDF_FORMTYPE_NONE {
		return nil
	}
	select {
	case forms <- struct{}{}:
		defer func() { <-forms }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	form, err := l.in.FPDFDOC_InitFormFillEnvironment(&requests.FPDFDOC_InitFormFillEnvironment{Document: l.doc, FormFillInfo: still})
	if err != nil {
		return fmt.Errorf("form: %w", err)
	}
	defer func() {
		if _, e := l.in.FPDFDOC_ExitFormFillEnvironment(&requests.FPDFDOC_ExitFormFillEnvironment{FormHandle: form.FormHandle}); e != nil && err == nil {
			err = fmt.Errorf("form: %w", e)
		}
	}()
	_, err = l.in.FPDF_FFLDraw(&requests.FPDF_FFLDraw{
		FormHandle: form.FormHandle, Bitmap: bitmap, Page: l.of(page), SizeX: w, SizeY: h, Flags: drawFlags,
	})
	if err != nil {
		return fmt.Errorf("form on page %d: %w", page, err)
	}
	return nil
}

// forms admits one form environment at a time: the binding tells the environments of different instances apart by their address
// in the instance's own memory, which may be the same in two.
var forms = make(chan struct{}, 1)

// still answers every wish of a form with nothing, for a form that is only looked at.
var still = structs.FPDF_FORMFILLINFO{
	FFI_Invalidate:         func(references.FPDF_PAGE, float64, float64, float64, float64) {},
	FFI_SetCursor:          func(enums.FXCT) {},
	FFI_SetTimer:           func(int, func(int)) int { return 0 },
	FFI_KillTimer:          func(int) {},
	FFI_GetLocalTime:       func() structs.FPDF_SYSTEMTIME { return structs.FPDF_SYSTEMTIME{} },
	FFI_GetPage:            func(references.FPDF_DOCUMENT, int) *references.FPDF_PAGE { return nil },
	FFI_GetRotation:        func(references.FPDF_PAGE) enums.FPDF_PAGE_ROTATION { return 0 },
	FFI_ExecuteNamedAction: func(string) {},
}
