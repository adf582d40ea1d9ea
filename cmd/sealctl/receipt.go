package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/pdfseal/register"
	"sealdesk/ui/explain"
	"sealdesk/ui/job"
)

// receiptCmd is `sealctl receipt`: what was sealed without the centre gets its receipt.
type receiptCmd struct {
	Files  []string `arg:"" optional:"" name:"file" help:"${flag_receipt_files}"`
	Forget bool     `xor:"files" help:"${flag_receipt_forget}"`
	Trust  string   `placeholder:"FILE" help:"${flag_trust}"`
	JSON   bool     `name:"json" help:"${flag_json}"`
}

// receiptLine is the JSON of one seal signature.
type receiptLine struct {
	File    string            `json:"file"`
	Field   string            `json:"field,omitempty"`
	Status  job.ReceiptStatus `json:"status"`
	Receipt string            `json:"receipt,omitempty"`
	Error   *failure          `json:"error,omitempty"`
}

// Run fetches and embeds receipts. The exit code is that of the first one that is still missing.
func (c *receiptCmd) Run(a *app) error {
	if c.Forget && len(c.Files) > 0 {
		return cmdline.Usage("forget")
	}
	client, err := a.centre()
	if err != nil {
		return err
	}
	defer client.Close()
	store, err := a.trustStore(c.Trust)
	if err != nil {
		return err
	}
	r := job.Receipts{Centre: client, Trust: store, Forget: c.Forget, Now: a.now, Log: a.log, Settled: a.printSettled, Warned: a.warn}
	done, err := c.books(a, &r)
	if err != nil {
		return err
	}
	defer done()
	list, err := r.Fetch(a.ctx, c.Files)
	told := "" // the centre that cannot be reached is explained once, not for every file
	for _, o := range list {
		told = c.show(a, o, told)
	}
	if len(list) == 0 && err == nil && !c.JSON {
		a.say("receipt.nothing")
	}
	if err == nil {
		return nil
	}
	if len(list) == 0 {
		return err
	}
	return exitCode(explain.Error(err).Exit)
}

// books opens queue and register, unless this computer has none yet: then nothing waits, and there is no use to record a receipt for.
func (c *receiptCmd) books(a *app, r *job.Receipts) (done func(), err error) {
	if a.cfg.Register == "" {
		return nil, unsetError{}
	}
	if _, err := os.Stat(a.cfg.Register); errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil
	}
	reg, err := a.register(register.Options{})
	if err != nil {
		return nil, err
	}
	q, err := a.outbox()
	if err != nil {
		reg.Close()
		return nil, err
	}
	r.Queue, r.Register = q, reg
	return func() {
		q.Close()
		reg.Close()
	}, nil
}

// show prints one outcome, its error unless told is the same, and answers the error that was told last.
func (c *receiptCmd) show(a *app, o job.ReceiptOutcome, told string) string {
	if c.JSON {
		a.writeJSON(receiptLine{File: o.File, Field: o.Field, Status: o.Status, Receipt: o.Receipt, Error: a.failure(o.Err)})
		return told
	}
	if o.File != "" {
		a.say("receipt."+string(o.Status), "File", o.File, "Field", o.Field, "Receipt", o.Receipt)
	}
	if o.Err == nil {
		return told
	}
	if text := a.failure(o.Err).Texts.String(); text != told {
		fmt.Fprintln(a.stderr, line(o.File))
		a.printFailure(a.stderr, o.Err)
		return text
	}
	return told
}
