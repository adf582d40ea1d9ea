package explain

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"sealdesk/pdfseal"
)

// Under is the datum of a change that holds the text which stood at its place when the document was sealed. What reads pages sets it.
const Under = "under"

// Change returns the sentence of something that a later revision brought: on which page, what, and in brackets where it stands, in
// millimetres, and the rule.
func Change(t Translator, c pdfseal.Change) string {
	if c.Text != "" {
		return c.Text
	}
	var parts []string
	if c.Area.Known() && !c.WholePage {
		parts = append(parts, t.T("where.at", areaData(c.Area)))
		if c.Was != nil {
			parts = append(parts, t.T("where.was", areaData(*c.Was)))
		}
	}
	if rule := c.Data["rule"]; rule != "" && !c.Permitted() {
		parts = append(parts, t.T("where.rule", map[string]string{"Rule": rule}))
	}
	return tail(t, ChangeCaption(t, c), parts)
}

// ChangeCaption returns the sentence of a change without millimetres and rule, for a picture in which the place is shown.
func ChangeCaption(t Translator, c pdfseal.Change) string {
	text := t.T(changeKey(c), words(t, c.Data))
	if c.Page > 0 && !namesPages(c.Key) {
		return t.T("where.page", map[string]string{"Page": strconv.Itoa(c.Page), "Text": text})
	}
	return text
}

// namesPages tells whether the sentence of a change says itself on which pages it is.
func namesPages(key string) bool {
	switch key {
	case pdfseal.ChangePageContent, pdfseal.ChangeFont, pdfseal.ChangePicture, pdfseal.ChangeDrawing, pdfseal.ChangeLayer, pdfseal.ChangeResource,
		pdfseal.ChangePagesMoved, pdfseal.ChangeSealAdded:
		return true
	}
	return false
}

// beside are the annotations through which the text stays readable.
var beside = []string{"Text", "Link", "Highlight", "Underline", "Squiggly", "StrikeOut", "Caret", "Popup"}

// changeKey chooses the sentence: another one where it is known which text the change concerns.
func changeKey(c pdfseal.Change) string {
	key := "change." + c.Key
	if c.Data[Under] == "" {
		return key
	}
	switch c.Key {
	case pdfseal.ChangeAnnotationAdded:
		if slices.Contains(beside, c.Data["subtype"]) {
			return key + ".beside"
		}
		return key + ".over"
	case pdfseal.ChangeAnnotationAltered, pdfseal.ChangeAnnotationRemoved:
		return key + ".over"
	}
	return key
}

// tail puts what is more exact behind a sentence, in brackets.
func tail(t Translator, text string, parts []string) string {
	if len(parts) == 0 {
		return text
	}
	return t.T("where.tail", map[string]string{"Text": text, "Parts": strings.Join(parts, t.T("where.separator", nil))})
}

func areaData(a pdfseal.Area) map[string]string {
	return map[string]string{"X": millimetres(a.X), "Y": millimetres(a.Y), "W": millimetres(a.W), "H": millimetres(a.H)}
}

// pages names one page or several: "1–3, 5".
func pages(t Translator, list string) string {
	key := "where.pages.one"
	if strings.ContainsAny(list, "–,") {
		key = "where.pages.other"
	}
	return t.T(key, map[string]string{"Pages": list})
}

// millimetres writes a length to a tenth.
func millimetres(x float64) string {
	return strconv.FormatFloat(math.Round(x*10)/10+0, 'f', -1, 64)
}

// annotationCodes are the kinds of annotation of ISO 32000-2, table 171, that have a word.
var annotationCodes = []string{"Text", "Link", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline", "Squiggly", "StrikeOut",
	"Caret", "Stamp", "Ink", "Popup", "FileAttachment", "Sound", "Movie", "Screen", "Widget", "PrinterMark", "TrapNet", "Watermark", "3D", "Redact",
	"Projection", "RichMedia"}

// Annotation names a kind of annotation; one that is unknown is named as such.
func Annotation(t Translator, subtype string) string {
	switch {
	case slices.Contains(annotationCodes, subtype):
		return t.T("annotation."+subtype, nil)
	case subtype == "" || subtype == "?":
		return t.T("annotation.none", nil)
	}
	return t.T("annotation.unknown", map[string]string{"Name": subtype})
}

// entryCodes are the entries of trailer, catalogue, form and page that have a word. A slash in a name is a point in its key.
var entryCodes = []string{"AA", "AcroForm", "AcroForm.CO", "AcroForm.DA", "AcroForm.DR", "AcroForm.Fields", "AcroForm.NeedAppearances", "AcroForm.XFA", "ArtBox",
	"BleedBox", "Collection", "DSS", "Dests", "Encrypt", "Extensions", "Group", "ID", "Info", "Lang", "MarkInfo", "Metadata", "Names", "NeedsRendering",
	"OCProperties", "OpenAction", "Outlines", "OutputIntents", "PageLabels", "PageLayout", "PageMode", "Pages", "Perms", "PieceInfo", "Resources", "Root",
	"StructParents", "StructTreeRoot", "Tabs", "Thumb", "TrimBox", "VP", "Version", "ViewerPreferences"}

// entry names an entry of a dictionary by its word and its key.
func entry(t Translator, key string) string {
	code := strings.ReplaceAll(key, "/", ".")
	if !slices.Contains(entryCodes, code) {
		return "/" + key
	}
	return t.T("where.tail", map[string]string{"Text": t.T("entry."+code, nil), "Parts": "/" + key})
}

// parts names the parts that a change lists by their codes.
func parts(t Translator, codes string) string {
	if codes == "" {
		codes = "other"
	}
	var out []string
	for _, code := range strings.Split(codes, ",") {
		out = append(out, word(t, "part.", code, pdfseal.PartCodes()))
	}
	return strings.Join(out, t.T("list.separator", nil))
}

// TellsText tells whether the sentence of a change has a form that quotes the text which it concerns.
func TellsText(key string) bool {
	switch key {
	case pdfseal.ChangeAnnotationAdded, pdfseal.ChangeAnnotationAltered, pdfseal.ChangeAnnotationRemoved:
		return true
	}
	return false
}
