package pkcs11

import (
	"log/slog"
	"time"

	"sealdesk/token"
)

// Options says which library is used and how. Module and Crypto are needed.
type Options struct {
	Module   string        // absolute path of the PKCS#11 library
	Crypto   token.Crypto  // SM2 and SM3
	Profiles []Profile     // from the configuration, tried before the built-in table
	Log      *slog.Logger  // nil: no log
	Deadline time.Duration // for one call into the library; 0: 30 s
}
