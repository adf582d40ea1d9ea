package desk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sealdesk/ui/state"
)

// A folder that was chosen for one order stands above that of the settings, for the file and for the equivalent command.
func TestSeal_intoTheFolderChosen(t *testing.T) {
	o := newOffice(t)
	in := o.write("a.pdf", blank(a4))
	dir := filepath.Join(o.dir, "elsewhere")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	mark := state.Mark{Page: 1, X: 100, Y: 100}
	out, err := o.Seal(t.Context(), state.Order{SealID: sealID, OutDir: dir, Documents: []state.OrderDocument{{In: in, Marks: []state.Mark{mark}}}, PIN: typed(testPIN)})
	if err != nil || len(out) != 1 || !out[0].Sealed || filepath.Dir(out[0].Out) != dir {
		t.Fatalf("%+v, %v", out, err)
	}
	d := state.Desk{Screen: state.ScreenSeal, Sealing: state.Sealing{OutDir: dir, Documents: []state.Document{{Path: in, Loaded: true, Rule: state.Rule{Kind: state.RuleHand}, Marks: []state.Mark{mark}}}}}
	if got := o.Command(d); !strings.Contains(got, "-o "+quote(out[0].Out)) {
		t.Errorf("the command writes elsewhere: %s", got)
	}
}
