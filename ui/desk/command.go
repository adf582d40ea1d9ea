package desk

import (
	"fmt"
	"strings"

	"sealdesk/ui/config"
	"sealdesk/ui/state"
)

// Command answers the lines of sealctl that do what the window is about to do, one for each place that differs. A PIN is never part
// of them: sealctl asks for it.
func (d *Desk) Command(s state.Desk) string {
	c := d.config()
	program := strings.Join(append([]string{"sealctl"}, configFlag(c)...), " ")
	switch s.Screen {
	case state.ScreenVerify:
		args := []string{program, "verify"}
		for _, i := range s.Verification.Items {
			args = append(args, quote(i.Path))
		}
		return strings.Join(args, " ")
	case state.ScreenRegister:
		return program + " register list\n" + program + " register check"
	}
	var lines []string
	seal, _ := s.Sealing.Seal(s.Keys)
	taken, output := map[string]bool{}, outputOf(c, s.Sealing.OutDir)
	for _, doc := range s.Sealing.Documents {
		out := output.Name(doc.Path, taken)
		if doc.Done() {
			out = doc.Outcome.Out
		}
		taken[out] = true
		lines = append(lines, line(c, s, doc, seal, out))
	}
	return strings.Join(lines, "\n")
}

func configFlag(c config.Config) []string {
	if c.Path == "" {
		return nil
	}
	return []string{"--config", quote(c.Path)}
}

func line(c config.Config, s state.Desk, doc state.Document, seal state.Seal, out string) string {
	args := append([]string{"sealctl"}, configFlag(c)...)
	args = append(args, "seal", quote(doc.Path), "-o", quote(out))
	if seal.ID != "" {
		args = append(args, "--seal", quote(seal.ID))
	}
	switch {
	case doc.Rule.Kind == state.RuleDate:
		args = append(args, "--over-date")
	case doc.Rule.Kind == state.RuleKeyword:
		args = append(args, "--keyword", quote(doc.Rule.Keyword))
	case len(doc.Marks) > 0:
		var pages []string
		for _, m := range doc.Marks {
			if m.X == doc.Marks[0].X && m.Y == doc.Marks[0].Y {
				pages = append(pages, fmt.Sprint(m.Page))
			}
		}
		args = append(args, "--page", strings.Join(pages, ","), "--at", fmt.Sprintf("%.1f,%.1f", doc.Marks[0].X, doc.Marks[0].Y))
	}
	if w := doc.Straddle; w.Wanted() {
		args = append(args, "--straddle", string(w.Edge))
		if w.Pages != "" {
			args = append(args, "--straddle-pages", quote(w.Pages))
		}
		if w.Centre > 0 {
			args = append(args, "--straddle-at", fmt.Sprintf("%.1f", w.Centre))
		}
	}
	z := s.Sealing
	for _, f := range [][2]string{{"--reason", z.Reason}, {"--matter", string(z.Matter)}, {"--approver", z.Approver}} {
		if v := strings.TrimSpace(f[1]); v != "" {
			args = append(args, f[0], quote(v))
		}
	}
	return strings.Join(args, " ")
}

// quote makes a word safe for a POSIX shell.
func quote(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x80 && !strings.ContainsRune("-_./:@%+=,", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
