package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/pdfseal"
	"sealdesk/pdfseal/register"
	"sealdesk/ui/explain"
	"sealdesk/ui/job"
	"sealdesk/ui/pagetext"
	"sealdesk/ui/report"
)

// sealCmd is `sealctl seal`.
type sealCmd struct {
	Inputs   []string      `arg:"" name:"in.pdf" help:"${flag_seal_inputs}"`
	Output   string        `short:"o" placeholder:"OUT.pdf" xor:"out" help:"${flag_output}"`
	OutDir   string        `placeholder:"DIR" xor:"out" help:"${flag_out_dir}"`
	Seal     string        `placeholder:"ID" help:"${flag_seal}"`
	Page     string        `placeholder:"PAGES" help:"${flag_page}"`
	At       string        `placeholder:"X,Y" xor:"place" help:"${flag_at}"`
	Keyword  string        `placeholder:"TEXT" xor:"place" help:"${flag_keyword}"`
	OverDate bool          `xor:"place" help:"${flag_over_date}"`
	Straddle straddleFlags `embed:""`
	Reason   string        `placeholder:"TEXT" help:"${flag_reason}"`
	Matter   string        `placeholder:"KIND" help:"${flag_matter}"`
	Approver string        `placeholder:"NAME" help:"${flag_approver}"`
	Module   string        `placeholder:"FILE" help:"${flag_module}"`
	Trust    string        `placeholder:"FILE" help:"${flag_trust}"`
	Offline  bool          `help:"${flag_offline}"`
	JSON     bool          `name:"json" help:"${flag_json}"`
	pinFlags `embed:""`
}

// maxReason bounds /Reason, which stands in the signature dictionary, maxApprover a name in the register.
const (
	maxReason   = 500
	maxApprover = 200
)

// Run seals the documents. The exit code is that of the first document that failed.
func (c *sealCmd) Run(a *app) error {
	a.underPolicy()
	order, err := c.order(a)
	if err != nil {
		return err
	}
	sealer, err := c.sealer(a)
	if err != nil {
		return err
	}
	reg, err := a.register(register.Options{})
	if err != nil {
		return err
	}
	defer reg.Close()
	sealer.Register, order.Settled, order.Warned = reg, a.printSettled, a.warn
	closeCentre, err := c.centre(a, sealer)
	if err != nil {
		return err
	}
	defer closeCentre()
	a.warnStale(order.Documents)
	p := newProgress(a.stderr)
	order.PIN = clearing(p, a.asker(c.pinFlags))
	order.Progress = func(s job.Progress) {
		name := ""
		if s.Phase != job.PhaseKey {
			name = clean(filepath.Base(order.Documents[s.Document].In))
		}
		p.show(a.text([]string{"progress.gate", "progress.key", "progress.sealing", "progress.centre"}[s.Phase], "File", name), s.Done, s.Total)
	}
	sealer.Provider = &lateProvider{open: func() (provider, error) { return a.provider(c.Module) }}
	defer sealer.Provider.Close()
	outcomes, err := sealer.Seal(a.ctx, order)
	p.clear()
	for _, o := range outcomes {
		c.show(a, o)
	}
	if err == nil {
		return nil
	}
	return exitCode(a.finish(outcomes, err))
}

// centre lets the sealer ask the endpoint of the settings, and keep what it could not ask; with --offline it asks nothing and keeps all.
func (c *sealCmd) centre(a *app, s *job.Sealer) (done func(), err error) {
	if !a.cfg.Center.Configured() {
		return func() {}, nil
	}
	q, err := a.outbox()
	if err != nil {
		return nil, err
	}
	s.Outbox = q
	if c.Offline {
		return func() { q.Close() }, nil
	}
	client, err := a.centre()
	if err != nil {
		q.Close()
		return nil, err
	}
	s.Centre = client
	return func() {
		client.Close()
		q.Close()
	}, nil
}

// staleAge is the age from which a temporary file is what a crash has left, not the work of another process.
const staleAge = time.Hour

// warnStale lists what crashes have left in the output folders (rule W2). Nothing is deleted.
func (a *app) warnStale(docs []job.Document) {
	seen := map[string]bool{}
	for _, d := range docs {
		dir := filepath.Dir(d.Out)
		if seen[dir] {
			continue
		}
		seen[dir] = true
		stale, err := pdfseal.StaleTemps(dir, staleAge)
		if err != nil {
			continue // a folder that cannot be read is reported when the file is saved
		}
		for _, s := range stale {
			fmt.Fprintln(a.stderr, a.text("seal.stale", "Path", s.Path))
		}
	}
}

// order turns the flags into an order.
func (c *sealCmd) order(a *app) (job.Order, error) {
	straddle, err := c.Straddle.read()
	if err != nil {
		return job.Order{}, err
	}
	if a.cfg.Place.Rule == "hand" && !c.placed() {
		return job.Order{}, cmdline.Usage("by_hand")
	}
	place, err := c.place()
	if err != nil {
		return job.Order{}, err
	}
	if len(c.Reason) > maxReason {
		return job.Order{}, cmdline.Usage("too_long", "Flag", "--reason", "N", strconv.Itoa(maxReason))
	}
	if len(c.Approver) > maxApprover {
		return job.Order{}, cmdline.Usage("too_long", "Flag", "--approver", "N", strconv.Itoa(maxApprover))
	}
	matter := register.Matter(c.Matter)
	if matter != "" && !matter.Known() {
		return job.Order{}, cmdline.Usage("choice", "Flag", "--matter", "List", matters(), "Value", c.Matter)
	}
	docs, err := c.documents(a)
	if err != nil {
		return job.Order{}, err
	}
	return job.Order{Documents: docs, SealID: c.Seal, Place: place, Straddle: straddle, Reason: c.Reason, Matter: matter, Approver: c.Approver}, nil
}

// matters lists what --matter takes.
func matters() string {
	var list []string
	for _, m := range register.Matters() {
		list = append(list, string(m))
	}
	return strings.Join(list, ", ")
}

// printSettled tells what a crash has left, and what the register says of it now.
func (a *app) printSettled(list []register.Settled) {
	for _, s := range list {
		file := s.File
		if s.Output != "" {
			file = s.OutputPath()
		}
		a.note("register.settled."+string(s.Fate), "File", file)
	}
}

func (c *sealCmd) sealer(a *app) (*job.Sealer, error) {
	store, err := a.trustStore(c.Trust)
	if err != nil {
		return nil, err
	}
	s := &job.Sealer{Trust: store, Policy: job.Policy{WithoutTrust: a.cfg.Policy.SealWithoutTrust, Refuse: a.cfg.Policy.Refuse}, Filter: a.cfg.Seal.Filter,
		SubFilter: a.cfg.Seal.SubFilter, Text: pagetext.Reader{}, Now: a.now, Log: a.log, Narrow: map[string]job.Patterns{}}
	for _, p := range a.cfg.Key.Profiles {
		s.Narrow[p.Name] = job.Patterns{Label: p.SealLabel, Application: p.SealApp}
	}
	return s, nil
}

// placed tells whether the command line says where the seal stands; without that the date decides, unless the settings want it said.
func (c *sealCmd) placed() bool {
	return c.At != "" || c.Keyword != "" || c.OverDate || c.Straddle.Edge != "" && c.Page == ""
}

// place turns --page, --at, --keyword and --over-date into a Place; without any of the last three the date decides. A straddle seal may stand
// alone: the answer is then nil.
func (c *sealCmd) place() (job.Place, error) {
	if c.Straddle.Edge != "" && c.Page == "" && c.At == "" && c.Keyword == "" && !c.OverDate {
		return nil, nil
	}
	var pages job.PageRange
	if c.Page != "" {
		var err error
		if pages, err = job.ParsePages(c.Page); err != nil {
			return nil, cmdline.Usage("pages", "Flag", "--page", "Value", c.Page)
		}
	}
	switch {
	case c.At != "":
		at, err := job.ParsePoint(c.At)
		if err != nil {
			return nil, cmdline.Usage("point", "Value", c.At)
		}
		return job.Fixed{Pages: pages, At: at}, nil
	case c.Keyword != "":
		return job.Keyword{Text: c.Keyword, Pages: pages}, nil
	default:
		return job.OverDate{Pages: pages}, nil
	}
}

// documents names the output of every input.
func (c *sealCmd) documents(a *app) ([]job.Document, error) {
	if c.Output != "" && len(c.Inputs) > 1 {
		return nil, cmdline.Usage("one_output")
	}
	names := a.cfg.Output
	if c.OutDir != "" {
		names.Dir = c.OutDir
	}
	if names.Dir != "" && c.Output == "" {
		if err := job.Folder(names.Dir); err != nil { // said once, not for each document
			return nil, err
		}
	}
	docs := make([]job.Document, 0, len(c.Inputs))
	taken := map[string]bool{}
	for _, in := range c.Inputs {
		out := c.Output
		if out == "" {
			out = names.Name(in, taken)
		}
		taken[out] = true
		docs = append(docs, job.Document{In: in, Out: out})
	}
	return docs, nil
}

// sealResult is one document in JSON.
type sealResult struct {
	Input     string                  `json:"input"`
	Output    string                  `json:"output"`
	Status    job.Status              `json:"status"`
	Seal      *sealResultSeal         `json:"seal,omitempty"`
	Pages     []int                   `json:"pages,omitempty"`
	Straddle  []pdfseal.StraddleGroup `json:"straddle,omitempty"`
	Size      int64                   `json:"size,omitempty"`
	Record    int64                   `json:"record,omitempty"`
	SM3Before string                  `json:"sm3Before,omitempty"`
	SM3After  string                  `json:"sm3After,omitempty"`
	ByteRange []int64                 `json:"byteRange,omitempty"`
	Verdict   pdfseal.Verdict         `json:"verdict,omitempty"`
	Centre    *sealResultCentre       `json:"centre,omitempty"` // absent where no centre is set
	Findings  []pdfseal.Finding       `json:"findings"`
	Error     *failure                `json:"error,omitempty"`
}

// sealResultCentre is what the centre had to do with it: status "verified" with a receipt in the file, or "queued".
type sealResultCentre struct {
	Status  string   `json:"status"`
	Receipt string   `json:"receipt,omitempty"`
	Error   *failure `json:"error,omitempty"` // why it could not be asked
}

type sealResultSeal struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// show prints one outcome; the failure itself is printed where it is reported once.
func (c *sealCmd) show(a *app, o job.Outcome) {
	if c.JSON {
		a.writeJSON(newSealResult(a, o))
		return
	}
	for _, f := range o.Findings {
		fmt.Fprintln(a.stderr, a.text("seal.finding."+string(f.Level), "File", o.In, "Text", explain.Finding(a.cat, f)))
	}
	switch o.Status {
	case job.Sealed:
		straddles := pdfseal.StraddleGroups(o.Affixed.Marks)
		a.say("seal.done", "Out", o.Out, "Name", o.Affixed.SealName, "Pages", pdfseal.PageList(o.Affixed.Pages))
		for _, g := range straddles {
			a.say("seal.straddle", "Text", report.Straddle(a.cat, g))
		}
		if o.Affixed.Report != nil {
			explain.Fill(a.cat, o.Affixed.Report)
			a.say("seal.verdict", "Verdict", a.text("verdict."+string(o.Affixed.Report.Verdict)))
		}
		c.showCentre(a, o.Centre)
	case job.Failed:
		a.say("seal.failed", "File", o.In)
	case job.NotStarted:
		a.say("seal.not_started", "File", o.In)
	}
}

// showCentre says what the centre found, or what was not checked.
func (c *sealCmd) showCentre(a *app, r job.CentreResult) {
	switch {
	case r.Receipt != "":
		a.say("seal.centre.verified", "Receipt", r.Receipt)
	case !a.cfg.Center.Configured():
		a.say("seal.centre.unset")
	case c.Offline:
		a.say("seal.centre.offline")
	default:
		a.say("seal.centre.queued")
	}
	if r.Err != nil {
		a.note("seal.centre.why", "Text", explain.Error(r.Err).Texts(a.cat).What)
	}
}

func newCentreResult(a *app, r job.CentreResult) *sealResultCentre {
	out := &sealResultCentre{Status: "queued", Receipt: r.Receipt, Error: a.failure(r.Err)}
	if r.Receipt != "" {
		out.Status = "verified"
	}
	return out
}

func newSealResult(a *app, o job.Outcome) sealResult {
	r := sealResult{Input: o.In, Output: o.Out, Status: o.Status, Record: o.Record, Findings: []pdfseal.Finding{}, Error: a.failure(o.Err)}
	r.Findings = append(r.Findings, o.Findings...)
	d := o.Affixed
	if d == nil {
		return r
	}
	r.Straddle = pdfseal.StraddleGroups(d.Marks)
	r.Seal, r.Pages, r.Size, r.ByteRange = &sealResultSeal{d.SealID, d.SealName}, d.Pages, d.Size, d.ByteRange[:]
	if a.cfg.Center.Configured() {
		r.Centre = newCentreResult(a, o.Centre)
	}
	r.SM3Before, r.SM3After = fmt.Sprintf("%x", d.SM3Before), fmt.Sprintf("%x", d.SM3After)
	if d.Report != nil {
		r.Verdict = d.Report.Verdict
	}
	return r
}

// finish prints every failure once and the tally of a batch, and returns the exit code of err.
func (a *app) finish(outcomes []job.Outcome, err error) int {
	done, rest := 0, 0
	for _, o := range outcomes {
		switch {
		case o.Status == job.Sealed:
			done++
		case o.Status == job.NotStarted:
			rest++
		case o.Err != nil && len(outcomes) > 1:
			fmt.Fprintln(a.stderr, a.text("seal.failed", "File", o.In))
			a.printFailure(a.stderr, o.Err)
		}
	}
	if len(outcomes) == 1 {
		return a.report(err, false)
	}
	fmt.Fprintln(a.stderr, a.text("seal.tally", "Done", strconv.Itoa(done), "Failed", strconv.Itoa(len(outcomes)-done-rest), "Rest", strconv.Itoa(rest)))
	return explain.Error(err).Exit
}
