package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	base "fyne.io/fyne/v2/widget"

	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// fileRow is one line of a list of files.
type fileRow struct {
	shape theme.Shape
	ink   widget.Ink
	word  string // in the colour of the shape, before the name
	text  string
}

// fileList is a list of files with a shape before each. Only the lines that are seen are made.
type fileList struct {
	rows    []fileRow
	current int
	list    *widget.List
	root    *fyne.Container
	setting bool
}

func rowHeight() float32 { return theme.Text()*2 + 4 }

// newFileList makes a list. remove may be nil.
func newFileList(chosen, remove func(int)) *fileList {
	l := &fileList{current: -1}
	l.list = widget.NewList(func() int { return len(l.rows) }, func() fyne.CanvasObject { return newFileLine(remove != nil) },
		func(i int, o fyne.CanvasObject) {
			line := o.(*fileLine)
			line.show(l.rows[i], i == l.current)
			line.remove = func() {
				if remove != nil {
					remove(i)
				}
			}
		})
	l.list.OnSelected = func(i base.ListItemID) {
		if !l.setting && i != l.current {
			chosen(i)
		}
	}
	l.root = container.NewStack(l.list)
	return l
}

func (l *fileList) set(rows []fileRow, current int) {
	l.rows = rows
	moved := l.current != current
	if l.current = current; current >= len(rows) {
		l.current = -1
	}
	l.list.Refresh()
	if moved && l.current >= 0 {
		l.setting = true
		l.list.Select(current)
		l.setting = false
	}
}

// fileLine is the object of one line.
type fileLine struct {
	base.BaseWidget
	mark   *widget.Mark
	word   *widget.Text
	text   *widget.Text
	away   *widget.Button
	remove func()
	row    *fyne.Container

	removable bool
}

func newFileLine(removable bool) *fileLine {
	l := &fileLine{mark: widget.NewMark(theme.Waiting, widget.Faint), word: widget.NewText("", widget.Plain), text: widget.NewLine("", widget.Plain)}
	l.away = widget.NewShapeButton(theme.Minus, func() { l.remove() })
	l.row = widget.NewRow(6, 2, l.mark, l.word, l.text, l.away)
	l.removable = removable
	l.ExtendBaseWidget(l)
	return l
}

func (l *fileLine) show(r fileRow, current bool) {
	l.mark.Set(r.shape, r.ink)
	l.word.Set(r.word, r.ink)
	l.word.Hidden = r.word == ""
	l.text.Set(r.text, widget.Plain)
	l.away.Hidden = !l.removable || !current
	l.row.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (l *fileLine) MinSize() fyne.Size { return fyne.NewSize(80, rowHeight()) }

// CreateRenderer implements fyne.Widget.
func (l *fileLine) CreateRenderer() fyne.WidgetRenderer {
	return base.NewSimpleRenderer(container.New(inset{8, 0}, l.row))
}
