package job

import (
	"errors"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/trust"
)

// CheckpointSigner accepts as signers of the register's checkpoints the custodians' certificates of a trust bundle; it serves as
// register.CheckOptions.Trusted. The bundle must stay open while it is used.
func CheckpointSigner(store *trust.Store) func(cert []byte) error {
	return func(der []byte) error {
		cert, err := gm.ParseCertificate(der)
		if err != nil {
			return err
		}
		if chain := store.Chain(cert, trust.PurposeSigner); chain.Status != trust.ChainTrusted {
			return errors.New(chain.Detail)
		}
		return nil
	}
}
