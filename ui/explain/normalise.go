package explain

// Why no normalised copy of a document is written (ui/normalise).
func init() {
	for _, key := range []string{"needless", "sealed", "differs", "readers", "pages"} {
		exits["normalise."+key] = ExitRefused
	}
	exits["normalise.unwritable"] = ExitUnreadable
}
