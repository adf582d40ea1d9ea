//go:build !cgo

// Command sealdesk is the desktop client: it affixes and verifies electronic seals in a window.
package main

import (
	"fmt"
	"os"

	"sealdesk/ui/explain"
)

// A window needs the graphics of the system, which are reached through C.
func main() {
	fmt.Fprintln(os.Stderr, "sealdesk: this program was built without cgo and has no window; use sealctl")
	os.Exit(explain.ExitUnexpected)
}
