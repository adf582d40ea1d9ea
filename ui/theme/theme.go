package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	base "fyne.io/fyne/v2/theme"

	"sealdesk/assets"
)

// The sizes of texts, in units of the toolkit, before large print.
const (
	textSize    = 14
	largeText   = 18
	headingSize = 18
	titleSize   = 24
)

// Grid is the unit of all distances.
const Grid float32 = 8

// Options choose the look.
type Options struct {
	Dark       bool
	LargePrint bool
}

// Theme is the look of the window. It is immutable.
type Theme struct {
	options Options
	tokens  Tokens
	font    fyne.Resource
}

var _ fyne.Theme = (*Theme)(nil)

// embedded is the embedded font, one resource for all themes because the toolkit caches by it.
var embedded = fyne.NewStaticResource("DroidSansFallbackFull.ttf", assets.WindowFont)

// New makes a theme.
func New(o Options) *Theme {
	t := &Theme{options: o, tokens: light, font: embedded}
	if o.Dark {
		t.tokens = dark
	}
	return t
}

// Now returns the tokens of the theme in use; those of the light variant where another theme is set.
func Now() Tokens { return now().tokens }

func now() *Theme {
	if app := fyne.CurrentApp(); app != nil {
		if t, ok := app.Settings().Theme().(*Theme); ok {
			return t
		}
	}
	return standard
}

var standard = New(Options{})

// Text returns the size of running text.
func Text() float32 { return now().text() }

// Small returns the size of remarks.
func Small() float32 { return now().text() - 2 }

// Heading returns the size of headings inside a screen.
func Heading() float32 { return headingSize + now().text() - textSize }

// Title returns the size of the one large word of a screen.
func Title() float32 { return titleSize + now().text() - textSize }

func (t *Theme) text() float32 {
	if t.options.LargePrint {
		return largeText
	}
	return textSize
}

// Tokens returns the colours.
func (t *Theme) Tokens() Tokens { return t.tokens }

// Font implements fyne.Theme: one weight of one font; what it lacks comes from the font of the toolkit.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource {
	if s.Monospace || s.Symbol {
		return base.DefaultTheme().Font(s)
	}
	return t.font
}

// Icon implements fyne.Theme.
func (t *Theme) Icon(n fyne.ThemeIconName) fyne.Resource { return base.DefaultTheme().Icon(n) }

// Size implements fyne.Theme.
func (t *Theme) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case base.SizeNameText:
		return t.text()
	case base.SizeNameHeadingText:
		return titleSize + t.text() - textSize
	case base.SizeNameSubHeadingText:
		return headingSize + t.text() - textSize
	case base.SizeNameCaptionText:
		return t.text() - 2
	case base.SizeNameInputRadius, base.SizeNameSelectionRadius:
		return 6
	case base.SizeNameInnerPadding:
		return 6
	case base.SizeNameScrollBar:
		return 12
	case base.SizeNameScrollBarSmall:
		return 4
	}
	return base.DefaultTheme().Size(n)
}

// Color implements fyne.Theme. The variant of the system is not asked: the settings decide.
func (t *Theme) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	k := t.tokens
	switch n {
	case base.ColorNameBackground, base.ColorNameInputBackground, base.ColorNameMenuBackground, base.ColorNameOverlayBackground,
		base.ColorNameHeaderBackground:
		return k.Paper
	case base.ColorNameForeground:
		return k.Ink
	case base.ColorNamePlaceHolder, base.ColorNameDisabled:
		return k.Faint
	case base.ColorNameButton, base.ColorNameDisabledButton, base.ColorNameHover, base.ColorNamePressed:
		return k.Hover
	case base.ColorNamePrimary, base.ColorNameHyperlink:
		return k.Indigo
	case base.ColorNameFocus, base.ColorNameSelection:
		return k.Chosen
	case base.ColorNameForegroundOnPrimary, base.ColorNameForegroundOnError, base.ColorNameForegroundOnSuccess,
		base.ColorNameForegroundOnWarning:
		return k.OnAccent
	case base.ColorNameInputBorder:
		return k.Edge
	case base.ColorNameSeparator:
		return k.Line
	case base.ColorNameError:
		return k.Invalid
	case base.ColorNameSuccess:
		return k.Valid
	case base.ColorNameWarning:
		return k.Notice
	case base.ColorNameScrollBar:
		return k.Faint
	case base.ColorNameScrollBarBackground:
		return k.Paper
	}
	return base.DefaultTheme().Color(n, t.variant())
}

func (t *Theme) variant() fyne.ThemeVariant {
	if t.options.Dark {
		return base.VariantDark
	}
	return base.VariantLight
}
