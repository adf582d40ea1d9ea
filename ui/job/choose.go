package job

import (
	"context"
	"errors"
	"strings"

	"sealdesk/pdfseal/ses"
	"sealdesk/token"
)

// held is an open key with the seal that was chosen on it. seal is the zero value where the key shows its seals only after log-in.
type held struct {
	token token.Token
	info  token.Info
	seal  KeySeal
}

// choose opens the key that holds the wanted seal. The caller closes the answered token.
func (s *Sealer) choose(ctx context.Context, want string) (*held, error) {
	infos, err := s.Provider.Tokens(ctx)
	if err != nil {
		return nil, err
	}
	if len(infos) == 0 {
		return nil, token.ErrNoToken
	}
	var all []found
	var unlisted []*ses.Seal
	signing := 0
	for _, info := range infos {
		inv, err := s.look(ctx, info)
		if err != nil {
			if len(infos) == 1 || ctx.Err() != nil {
				return nil, err
			}
			s.log().Warn("key cannot be read", "error", err)
			continue
		}
		signing += inv.signing
		unlisted = append(unlisted, inv.unlisted...)
		for _, k := range inv.seals {
			all = append(all, found{info, k})
		}
	}
	switch matching := match(all, want); {
	case len(matching) == 1:
		return s.hold(ctx, matching[0])
	case len(matching) > 1:
		return nil, ambiguous(matching)
	case len(infos) == 1 && signing > 0 && !anyUnlisted(unlisted, want):
		return s.hold(ctx, found{info: infos[0]})
	default:
		return nil, absent(all, unlisted, signing, want)
	}
}

// found is a seal and the key that it is on.
type found struct {
	info token.Info
	seal KeySeal
}

// look reads the public objects of one key and closes it again.
func (s *Sealer) look(ctx context.Context, info token.Info) (inventory, error) {
	t, err := s.Provider.Open(ctx, info.ID)
	if err != nil {
		return inventory{}, err
	}
	inv, err := search(ctx, t, s.patterns(info), s.log())
	return inv, errors.Join(err, t.Close())
}

func (s *Sealer) patterns(info token.Info) *Patterns {
	if p, ok := s.Narrow[info.Profile]; ok {
		return &p
	}
	return nil
}

func (s *Sealer) hold(ctx context.Context, f found) (*held, error) {
	t, err := s.Provider.Open(ctx, f.info.ID)
	if err != nil {
		return nil, err
	}
	info, err := t.Info(ctx)
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return &held{token: t, info: info, seal: f.seal}, nil
}

func match(all []found, want string) []found {
	if want == "" {
		return all
	}
	var out []found
	for _, f := range all {
		if f.seal.Seal.ID == want || f.seal.Seal.Name == want {
			out = append(out, f)
		}
	}
	return out
}

func anyUnlisted(seals []*ses.Seal, want string) bool {
	for _, s := range seals {
		if want == "" || s.ID == want || s.Name == want {
			return true
		}
	}
	return false
}

func ambiguous(list []found) error {
	lines := make([]string, 0, len(list))
	for _, f := range list {
		lines = append(lines, f.seal.Seal.ID+"  "+f.seal.Seal.Name+"  ("+f.info.Label+", "+f.info.Serial+")")
	}
	return situation("job.seal_ambiguous", nil, "List", strings.Join(lines, "\n"))
}

// absent says why no seal can be used.
func absent(all []found, unlisted []*ses.Seal, signing int, want string) error {
	switch {
	case anyUnlisted(unlisted, want):
		return situation("job.not_listed", nil, "Name", unlisted[0].Name)
	case want != "" && len(all) > 0:
		return situation("job.seal_unknown", nil, "Seal", want)
	case signing == 0:
		return token.ErrNoKey
	default:
		return situation("job.no_seal", nil)
	}
}

// choosePrivate finds the wanted seal among what a key shows after log-in.
func (s *Sealer) choosePrivate(ctx context.Context, h *held, want string) error {
	inv, err := search(ctx, h.token, s.patterns(h.info), s.log())
	if err != nil {
		return err
	}
	var all []found
	for _, k := range inv.seals {
		all = append(all, found{h.info, k})
	}
	switch matching := match(all, want); len(matching) {
	case 1:
		h.seal = matching[0].seal
		return nil
	case 0:
		return absent(all, inv.unlisted, inv.signing, want)
	default:
		return ambiguous(matching)
	}
}
