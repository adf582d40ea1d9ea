package layers

// Libraries that have one home each.
const (
	fyne   = "fyne.io/fyne/v2"
	driver = "github.com/miekg/pkcs11"
	pdfcpu = "github.com/pdfcpu/pdfcpu"
	pdfium = "github.com/klippa-app/go-pdfium"
	wasm   = "github.com/tetratelabs/wazero"
	tjfoc  = "github.com/tjfoc/gmsm"
	sqlite = "modernc.org/sqlite"
	pgx    = "github.com/jackc/pgx/v5"
	emman  = "github.com/emmansun/gmsm"
)

// Rule is one sentence of the layering. Packages of the module are named by
// their path below it; as in Go's patterns, "x/..." is x and what lies below it.
type Rule struct {
	Name   string
	In     []string // the packages that the rule is about; nil = all
	Except []string // not these
	Tests  bool     // their tests too
	Deep   bool     // and everything that they import in turn

	Never     []string // modules or packages of others that they must not import, with all below them
	NeverOurs []string // packages of the module that they must not import
	OnlyStd   bool     // nothing of others besides the standard library
	NoOurs    bool     // nothing of the module besides AllowOurs
	AllowOurs []string
	NoCgo     bool // nothing of others that needs a C compiler

	Plant Plant // what the test of the rule plants to see it broken
}

// Plant is an import that breaks a rule.
type Plant struct{ Package, Import string }

// Rules is the whole layering.
var Rules = []Rule{
	{Name: "assets import nothing but the standard library", In: []string{"assets/..."}, OnlyStd: true, NoOurs: true,
		Plant: Plant{"assets", Module + "/token"}},
	{Name: "token imports nothing but the standard library", In: []string{"token"}, OnlyStd: true, NoOurs: true,
		Plant: Plant{"token", "golang.org/x/text/encoding"}},
	{Name: "token/pkcs11 knows token only", In: []string{"token/pkcs11/..."}, NoOurs: true, AllowOurs: []string{"token"},
		Plant: Plant{"token/pkcs11", Module + "/pdfseal/gm"}},
	{Name: "token/tokentest knows token only", In: []string{"token/tokentest/..."}, OnlyStd: true, NoOurs: true, AllowOurs: []string{"token"},
		Plant: Plant{"token/tokentest", Module + "/token/pkcs11"}},
	{Name: "pdfseal knows nothing above it", In: []string{"pdfseal/..."}, Except: []string{"pdfseal/fonts"}, NeverOurs: []string{"token/...", "ui/...", "cmd/...", "assets/..."},
		Plant: Plant{"pdfseal/ses", Module + "/token"}},
	{Name: "pdfseal/fonts takes the fonts from assets and knows nothing else", In: []string{"pdfseal/fonts"}, NoOurs: true, AllowOurs: []string{"assets"},
		Plant: Plant{"pdfseal/fonts", Module + "/pdfseal/internal/pdf"}},
	{Name: "ui does not know cmd", In: []string{"ui/..."}, NeverOurs: []string{"cmd/..."},
		Plant: Plant{"ui/job", Module + "/cmd/dev/system"}},
	{Name: "token knows nothing beside or above it", In: []string{"token/..."}, NeverOurs: []string{"cmd/...", "ui/...", "pdfseal/...", "assets/..."},
		Plant: Plant{"token/pkcs11", Module + "/ui/job"}},
	{Name: "only token/pkcs11 imports the PKCS#11 binding", Except: []string{"token/pkcs11/..."}, Never: []string{driver},
		Plant: Plant{"ui/job", driver}},
	{Name: "only cmd names the PKCS#11 driver", Except: []string{"cmd/...", "token/pkcs11/..."}, NeverOurs: []string{"token/pkcs11/..."},
		Plant: Plant{"ui/job", Module + "/token/pkcs11"}},
	{Name: "only pdfseal/gm imports a gmsm library", Except: []string{"pdfseal/gm/..."}, Never: []string{tjfoc, emman},
		Plant: Plant{"pdfseal/cms", emman + "/sm3"}},
	{Name: "pdfseal/gm stands alone", In: []string{"pdfseal/gm"}, NoOurs: true, AllowOurs: []string{"pdfseal/internal/der"},
		Plant: Plant{"pdfseal/gm", Module + "/pdfseal/ses"}},
	{Name: "pdfseal/gm/tlcp knows gm only", In: []string{"pdfseal/gm/tlcp"}, NoOurs: true, AllowOurs: []string{"pdfseal/gm", "pdfseal/internal/der"},
		Plant: Plant{"pdfseal/gm/tlcp", Module + "/pdfseal/center"}},
	{Name: "only pdfseal/page imports pdfium", Except: []string{"pdfseal/page/..."}, Never: []string{pdfium, wasm},
		Plant: Plant{"cmd/sealctl", pdfium}},
	{Name: "pdfseal/page knows no gmsm, no token, no ui", In: []string{"pdfseal/page/..."}, NoOurs: true, AllowOurs: []string{"pdfseal/internal/..."},
		Plant: Plant{"pdfseal/page", Module + "/pdfseal/gm"}},
	{Name: "pdfcpu stays inside pdfseal and pdfseal/internal", Except: []string{"pdfseal", "pdfseal/internal/..."}, Never: []string{pdfcpu},
		Plant: Plant{"pdfseal/trust", pdfcpu + "/pkg/pdfcpu/types"}},
	{Name: "pdfseal/internal knows no gmsm and no pdfium", In: []string{"pdfseal/internal/..."}, Never: []string{tjfoc, emman, pdfium}, NeverOurs: []string{"pdfseal/gm", "pdfseal/page"},
		Plant: Plant{"pdfseal/internal/pdf", Module + "/pdfseal/gm"}},
	{Name: "only tests import what helps tests", NeverOurs: []string{"token/tokentest", "ui/pages/pagestest"},
		Plant: Plant{"cmd/sealctl", Module + "/token/tokentest"}},
	{Name: "the practice PKI stays out of the programs", Except: []string{"cmd/dev/...", "cmd/softkey/...", "pdfseal/sealtest/..."}, NeverOurs: []string{"pdfseal/sealtest"},
		Plant: Plant{"cmd/sealctl", Module + "/pdfseal/sealtest"}},
	{Name: "only ui and cmd/sealdesk import Fyne", Except: []string{"ui/...", "cmd/sealdesk/..."}, Tests: true, Never: []string{fyne},
		Plant: Plant{"cmd/sealctl", fyne + "/widget"}},
	{Name: "what both front ends run knows no Fyne", In: []string{"ui/job/...", "ui/state/...", "ui/explain/...", "ui/config/...", "ui/desk/...", "ui/pages/...", "ui/pagetext/...", "ui/normalise/...", "ui/form/..."}, Tests: true, Never: []string{fyne},
		Plant: Plant{"ui/explain", fyne}},
	{Name: "ui/job knows no assets", In: []string{"ui/job/..."}, NeverOurs: []string{"assets", "ui/view/...", "ui/widget/...", "ui/theme/..."},
		Plant: Plant{"ui/job", Module + "/assets"}},
	{Name: "ui/state and ui/explain get the job handed in", In: []string{"ui/state/...", "ui/explain/..."}, NeverOurs: []string{"ui/job", "assets"},
		Plant: Plant{"ui/explain", Module + "/ui/job"}},
	{Name: "ui/i18n knows assets only", In: []string{"ui/i18n/..."}, NoOurs: true, AllowOurs: []string{"assets", "ui/i18n"}, Never: []string{fyne + "/widget", fyne + "/app"},
		Plant: Plant{"ui/i18n", Module + "/token"}},
	{Name: "sealctl needs no window", In: []string{"cmd/sealctl/..."}, Deep: true, NeverOurs: []string{"ui", "ui/view/...", "ui/widget/...", "ui/theme/...", "ui/i18n/toolkit"}, Never: []string{"github.com/go-gl", fyne + "/app"},
		Plant: Plant{"ui/job", "github.com/go-gl/gl/v2.1/gl"}},
	{Name: "the endpoint and the training key need no ui", In: []string{"cmd/sealcenter/...", "cmd/softkey/..."}, NeverOurs: []string{"ui/..."},
		Plant: Plant{"cmd/softkey", Module + "/ui/job"}},
	{Name: "only cmd/sealcenter imports database drivers", Except: []string{"cmd/sealcenter/..."}, Never: []string{sqlite, pgx},
		Plant: Plant{"pdfseal/register", sqlite}},
	{Name: "cmd/dev builds without a C compiler", In: []string{"cmd/dev/..."}, Deep: true, NoCgo: true,
		Plant: Plant{"cmd/dev/system", driver}},
}
