package view

import (
	"errors"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	base "fyne.io/fyne/v2/widget"

	"sealdesk/ui/state"
)

// dialogSize is the size of a file dialog.
var dialogSize = fyne.NewSize(900, 560)

// failed shows a failure of a dialog.
func (e *Env) failed(err error) { e.Dispatch(state.NoticeArose{Notice: state.Notice{Err: err}}) }

// front shows a file dialog, unless one is open already: two of them would lie one upon the other.
func (e *Env) front(d *dialog.FileDialog) {
	if e.open != nil {
		return
	}
	e.open = d
	if e.folder != "" {
		if at, err := storage.ListerForURI(storage.NewFileURI(e.folder)); err == nil { // it may be gone
			d.SetLocation(at)
		}
	}
	d.SetOnClosed(func() { e.open, e.name = nil, nil })
	d.Resize(dialogSize)
	d.Show()
	if name, ok := e.Window.Canvas().Focused().(*base.Entry); ok {
		e.name = name
		e.Window.Canvas().Unfocus()
	}
}

// typedInFront handles a key while a file dialog lies over the screen: Escape closes it, all else goes to the name of the file.
func (e *Env) typedInFront(key fyne.KeyName) {
	switch {
	case key == fyne.KeyEscape:
		e.open.Dismiss()
	case e.name == nil:
	case key == fyne.KeyReturn || key == fyne.KeyEnter:
		e.name.OnSubmitted(e.name.Text)
	default:
		e.name.TypedKey(&fyne.KeyEvent{Name: key})
	}
}

// chooseFile asks for an existing file.
func (e *Env) chooseFile(extensions []string, chosen func(path string)) {
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil {
			e.failed(err)
			return
		}
		if r == nil {
			return
		}
		path := r.URI().Path()
		if err := r.Close(); err != nil {
			e.failed(err)
			return
		}
		e.folder = filepath.Dir(path)
		chosen(path)
	}, e.Window)
	if len(extensions) > 0 {
		d.SetFilter(storage.NewExtensionFileFilter(extensions))
	}
	e.front(d)
}

// chooseFolder asks for a folder.
func (e *Env) chooseFolder(chosen func(path string)) {
	d := dialog.NewFolderOpen(func(u fyne.ListableURI, err error) {
		switch {
		case err != nil:
			e.failed(err)
		case u != nil:
			e.folder = u.Path()
			chosen(u.Path())
		}
	}, e.Window)
	e.front(d)
}

// saveFile asks where a file is to be written.
func (e *Env) saveFile(name string, extensions []string, chosen func(path string)) {
	d := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
		if err != nil {
			e.failed(err)
			return
		}
		if w == nil {
			return
		}
		// The dialog has made the file already; what writes it wants to make it whole or not at all.
		if err := errors.Join(w.Close(), storage.Delete(w.URI())); err != nil {
			e.failed(err)
			return
		}
		e.folder = filepath.Dir(w.URI().Path())
		chosen(w.URI().Path())
	}, e.Window)
	d.SetFileName(name)
	d.SetFilter(storage.NewExtensionFileFilter(extensions))
	e.front(d)
}
