package state

import (
	"context"
	"slices"
	"sync"

	"sealdesk/pdfseal"
)

// View says which revision of a document is shown.
type View string

// The views of a verified document.
const (
	ViewNow    View = "now"
	ViewSealed View = "sealed" // as it was when the chosen seal was affixed
	ViewBeside View = "beside" // both, side by side
)

// Item is one file on the screen for verifying.
type Item struct {
	Path    string
	Done    bool
	Result  Verified
	Err     error
	Changes Comparison
}

// Verdict returns the verdict of a judged file; a file that cannot be read is indeterminate.
func (i Item) Verdict() pdfseal.Verdict {
	if i.Err != nil || i.Result.Report == nil {
		return pdfseal.VerdictIndeterminate
	}
	return i.Result.Report.Verdict
}

// Verification is the screen for verifying.
type Verification struct {
	Items   []Item
	Current int
	Seal    int // index of the seal shown
	Spot    int // number of the chosen place among Item.Changes, from 1; 0: none
	Page    int
	View    View
	Details bool   // rules, certificates and skipped checks are unfolded
	Export  string // the report that was written last
	running int
	round   int
}

type verificationEvent interface{ verification() }

// The events of verifying.
type (
	// FileVerified answers for one file.
	FileVerified struct {
		Round  int
		Path   string
		Result Verified
		Err    error
	}
	// RoundEnded: all files that were brought together have been judged.
	RoundEnded struct{ Round int }
	// ItemChosen shows a file.
	ItemChosen struct{ Index int }
	// ListCleared takes all files off the list.
	ListCleared struct{}
	// SealShown shows a seal of the file, and its page.
	SealShown struct{ Index int }
	// PageTurned: the page view shows another page.
	PageTurned struct{ Page int }
	// ViewChosen shows another revision.
	ViewChosen struct{ View View }
	// DetailsToggled folds or unfolds.
	DetailsToggled struct{}
	// ExportChosen writes the report of all judged files.
	ExportChosen struct{ Path string }
	// ReportWritten answers it.
	ReportWritten struct{ Path string }
)

func (FileVerified) verification()   {}
func (RoundEnded) verification()     {}
func (ItemChosen) verification()     {}
func (ListCleared) verification()    {}
func (SealShown) verification()      {}
func (PageTurned) verification()     {}
func (ViewChosen) verification()     {}
func (DetailsToggled) verification() {}
func (ExportChosen) verification()   {}
func (ReportWritten) verification()  {}

// Item returns the file shown.
func (v Verification) Item() (Item, bool) {
	if v.Current < 0 || v.Current >= len(v.Items) {
		return Item{}, false
	}
	return v.Items[v.Current], true
}

// Judged counts the files that are done.
func (v Verification) Judged() int {
	n := 0
	for _, i := range v.Items {
		if i.Done {
			n++
		}
	}
	return n
}

// Running tells whether files are being verified.
func (v Verification) Running() bool { return v.running > 0 }

// SealReport returns the seal shown.
func (v Verification) SealReport() (pdfseal.SealReport, bool) {
	i, ok := v.Item()
	if !ok || i.Result.Report == nil || v.Seal < 0 || v.Seal >= len(i.Result.Report.Seals) {
		return pdfseal.SealReport{}, false
	}
	return i.Result.Report.Seals[v.Seal], true
}

// Revision returns the revision that the chosen seal covers, counted from 1; 0 where there is none, or nothing came after it.
func (v Verification) Revision() int {
	s, ok := v.SealReport()
	if !ok || s.Coverage.WholeFile {
		return 0
	}
	return s.Coverage.Revision
}

// addFiles brings files to be verified; those already there are judged anew.
func (m Machine) addFiles(d Desk, paths []string) (Desk, Cmd) {
	v := &d.Verification
	v.Items = slices.Clone(v.Items)
	first := -1
	for _, p := range paths {
		at := slices.IndexFunc(v.Items, func(i Item) bool { return i.Path == p })
		if at < 0 {
			at = len(v.Items)
			v.Items = append(v.Items, Item{})
		}
		v.Items[at] = Item{Path: p}
		if first < 0 {
			first = at
		}
	}
	v.Current, v.Seal, v.Spot, v.Page, v.View, v.Export = first, 0, 0, 1, ViewNow, ""
	return m.verify(d, paths)
}

// verifyWorkers is how many files are judged at a time.
const verifyWorkers = 2

func (m Machine) verify(d Desk, paths []string) (Desk, Cmd) {
	v := &d.Verification
	v.round++
	v.running++
	round := v.round
	return d, func(ctx context.Context, send func(Event)) {
		queue := make(chan string)
		var workers sync.WaitGroup
		for range min(verifyWorkers, len(paths)) {
			workers.Go(func() {
				for p := range queue {
					r, err := m.Work.Verify(ctx, p)
					send(FileVerified{Round: round, Path: p, Result: r, Err: err})
				}
			})
		}
		for _, p := range paths {
			select {
			case queue <- p:
				continue
			case <-ctx.Done():
			}
			break
		}
		close(queue)
		workers.Wait()
		send(RoundEnded{round})
	}
}

// verifyAgain judges every file anew, because what they are judged with has changed.
func (m Machine) verifyAgain(d Desk) (Desk, Cmd) {
	v := &d.Verification
	if len(v.Items) == 0 {
		return d, nil
	}
	var paths []string
	v.Items = slices.Clone(v.Items)
	for i := range v.Items {
		v.Items[i] = Item{Path: v.Items[i].Path}
		paths = append(paths, v.Items[i].Path)
	}
	return m.verify(d, paths)
}

func (m Machine) verification(d Desk, e Event) (Desk, Cmd) {
	v := &d.Verification
	switch e := e.(type) {
	case FileVerified:
		return m.fileVerified(d, e)
	case RoundEnded:
		v.running = max(0, v.running-1)
	case ItemChosen:
		if e.Index >= 0 && e.Index < len(v.Items) {
			v.Current, v.Seal, v.Spot, v.View = e.Index, 0, 0, ViewNow
			return m.showSeal(d)
		}
	case ListCleared:
		d.Verification = Verification{running: v.running, round: v.round, View: ViewNow, Details: v.Details}
	case SealShown:
		v.Seal, v.Spot = e.Index, 0
		return m.showSeal(d)
	case PageTurned:
		v.Page = e.Page
	case ViewChosen:
		v.View = e.View
	case DetailsToggled:
		v.Details = !v.Details
	case SpotsFound, Compared, SpotChosen:
		v.comparing(e)
	case ExportChosen:
		return m.export(d, e.Path)
	case ReportWritten:
		v.Export = e.Path
	}
	return d, nil
}

func (m Machine) fileVerified(d Desk, e FileVerified) (Desk, Cmd) {
	v := &d.Verification
	at := slices.IndexFunc(v.Items, func(i Item) bool { return i.Path == e.Path })
	if at < 0 {
		return d, nil
	}
	v.Items = slices.Clone(v.Items)
	v.Items[at] = Item{Path: e.Path, Done: true, Result: e.Result, Err: e.Err}
	if at == v.Current {
		return m.showSeal(d)
	}
	return d, nil
}

// showSeal turns to the page that matters: the first that was changed after sealing, else the first mark of the seal. A changed
// document is compared with what was sealed, once.
func (m Machine) showSeal(d Desk) (Desk, Cmd) {
	v := &d.Verification
	v.Page = 1
	if s, ok := v.SealReport(); ok && len(s.Marks) > 0 {
		v.Page = s.Marks[0].Page
	}
	if i, ok := v.Item(); ok {
		return m.compare(d, i)
	}
	return d, nil
}

func (m Machine) export(d Desk, path string) (Desk, Cmd) {
	var all []Verified
	for _, i := range d.Verification.Items {
		if i.Done && i.Err == nil {
			all = append(all, i.Result)
		}
	}
	if len(all) == 0 {
		return d, nil
	}
	return d, func(ctx context.Context, send func(Event)) {
		if err := m.Work.Export(ctx, path, all); err != nil {
			send(NoticeArose{Notice{Err: err}})
			return
		}
		send(ReportWritten{path})
	}
}
