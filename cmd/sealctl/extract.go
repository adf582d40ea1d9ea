package main

import (
	"encoding/hex"
	"path/filepath"
	"strconv"

	"sealdesk/pdfseal"
	"sealdesk/ui/job"
)

// extractCmd is `sealctl extract`: the document exactly as it was when a seal was affixed.
type extractCmd struct {
	File     string `arg:"" name:"file" help:"${flag_extract_file}"`
	Revision int    `required:"" placeholder:"N" help:"${flag_revision}"`
	Output   string `short:"o" required:"" placeholder:"OUT.pdf" help:"${flag_extract_output}"`
	JSON     bool   `name:"json" help:"${flag_json}"`
}

// extracted is the JSON of an extraction.
type extracted struct {
	File     string `json:"file"`
	Output   string `json:"output"`
	Revision int    `json:"revision"`
	Sealed   bool   `json:"sealed"` // the revision ends with a seal
	Size     int64  `json:"size"`
	SM3      string `json:"sm3"`
}

// Run writes the revision into a new file.
func (c *extractCmd) Run(a *app) error {
	if err := job.Regular(c.File); err != nil {
		return err
	}
	e, err := pdfseal.ExtractFile(a.ctx, c.Output, c.File, c.Revision)
	if err != nil {
		return err
	}
	sm3 := hex.EncodeToString(e.SM3[:])
	if c.JSON {
		a.writeJSON(extracted{c.File, c.Output, e.Revision, e.Sealed, e.Size, sm3})
		return nil
	}
	key := "extract.plain"
	if e.Sealed {
		key = "extract.sealed"
	}
	a.say(key, "Out", filepath.Clean(c.Output), "Revision", strconv.Itoa(e.Revision), "Size", strconv.FormatInt(e.Size, 10), "SM3", sm3)
	return nil
}
