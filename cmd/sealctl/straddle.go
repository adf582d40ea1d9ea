package main

import (
	"sealdesk/cmd/internal/cmdline"
	"sealdesk/ui/job"
)

// straddleFlags are the flags of `sealctl seal` for a straddle seal 骑缝章.
type straddleFlags struct {
	Edge  string `name:"straddle" placeholder:"right|left|top|bottom" help:"${flag_straddle}"`
	Pages string `name:"straddle-pages" placeholder:"PAGES" help:"${flag_straddle_pages}"`
	At    string `name:"straddle-at" placeholder:"MM" help:"${flag_straddle_at}"`
}

// read turns the flags into a wish; nil where there is none.
func (s straddleFlags) read() (*job.Straddle, error) {
	if s.Edge == "" {
		if s.Pages != "" || s.At != "" {
			return nil, cmdline.Usage("straddle_missing")
		}
		return nil, nil
	}
	edge, err := job.ParseEdge(s.Edge)
	if err != nil {
		return nil, cmdline.Usage("choice", "Flag", "--straddle", "List", "right left top bottom", "Value", s.Edge)
	}
	out := &job.Straddle{Edge: edge}
	if s.Pages != "" {
		if out.Pages, err = job.ParsePages(s.Pages); err != nil {
			return nil, cmdline.Usage("pages", "Flag", "--straddle-pages", "Value", s.Pages)
		}
	}
	if s.At != "" {
		if out.Centre, err = job.ParseLength(s.At); err != nil {
			return nil, cmdline.Usage("length", "Flag", "--straddle-at", "Value", s.At)
		}
	}
	return out, nil
}
