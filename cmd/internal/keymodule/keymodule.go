// Package keymodule opens the PKCS#11 library that the settings name.
package keymodule

import (
	"log/slog"
	"path/filepath"

	"sealdesk/token"
	"sealdesk/token/pkcs11"
	"sealdesk/ui/config"
	"sealdesk/ui/job"
)

// userID is the signer identifier that some mechanisms take as a parameter.
const userID = "1234567812345678"

// Open opens the PKCS#11 library of the settings. Errors are *token.ModuleError.
func Open(k config.Key, log *slog.Logger) (token.Provider, error) {
	if k.Module == "" {
		return nil, &token.ModuleError{Reason: token.ReasonNone}
	}
	path, err := filepath.Abs(k.Module)
	if err != nil {
		return nil, &token.ModuleError{Path: k.Module, Reason: token.ReasonPath, Err: err}
	}
	p, err := pkcs11.Open(pkcs11.Options{Module: path, Crypto: job.Crypto{}, Profiles: profiles(k.Profiles), Log: log})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// profiles turns those of the settings, whose values config has checked, into those of the driver.
func profiles(list []config.Profile) []pkcs11.Profile {
	in := map[string]pkcs11.InKind{"digest": pkcs11.InDigest, "message": pkcs11.InMsgZ, "z-message": pkcs11.InMsgNoZ}
	out := map[string]pkcs11.OutKind{"": pkcs11.OutAuto, "raw": pkcs11.OutRaw, "der": pkcs11.OutDER}
	var all []pkcs11.Profile
	for _, p := range list {
		q := pkcs11.Profile{Name: p.Name, Lib: p.Lib, Manufacturer: p.Manufacturer, Model: p.Model, KeyType: uint(p.KeyType),
			SealLabel: p.SealLabel, SealApp: p.SealApp}
		for _, s := range p.Sign {
			way := pkcs11.SM2Sign{Mech: uint(s.Mechanism), In: in[s.In], Out: out[s.Out]}
			if s.UserID {
				way.Param = []byte(userID)
			}
			q.Sign = append(q.Sign, way)
		}
		all = append(all, q)
	}
	return all
}
