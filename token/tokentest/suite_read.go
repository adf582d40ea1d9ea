package tokentest

import (
	"bytes"
	"context"
	"slices"

	"sealdesk/token"
)

var listing = []testCase{
	{"keys are listed with stable names", always, func(r *rig) {
		first, err := r.Provider.Tokens(r.ctx)
		r.must(err)
		second, err := r.Provider.Tokens(r.ctx)
		r.must(err)
		if !slices.Equal(first, second) {
			r.Errorf("two lists differ:\n%+v\n%+v", first, second)
		}
		seen := map[token.ID]bool{}
		for _, i := range first {
			if i.ID == "" || i.Serial == "" || i.Label == "" || i.Module == "" || seen[i.ID] {
				r.Errorf("not named, or twice: %+v", i)
			}
			seen[i.ID] = true
		}
	}},
	{"an unknown key is no key", always, func(r *rig) {
		_, err := r.Provider.Open(r.ctx, "no such key")
		r.want(err, token.ErrNoToken)
	}},
	{"an open key describes itself as in the list", always, func(r *rig) {
		listed := r.info()
		got, err := r.open().Info(r.ctx)
		r.must(err)
		if got != listed {
			r.Errorf("got %+v\nwant %+v", got, listed)
		}
	}},
	{"a cancelled context ends every call", always, func(r *rig) {
		tok := r.open()
		ctx, cancel := context.WithCancel(r.ctx)
		cancel()
		_, err := r.Provider.Tokens(ctx)
		r.want(err, context.Canceled)
		_, err = tok.Info(ctx)
		r.want(err, context.Canceled)
		_, err = tok.Certificates(ctx)
		r.want(err, context.Canceled)
		_, err = tok.Objects(ctx)
		r.want(err, context.Canceled)
		r.want(tok.Login(ctx, r.never), context.Canceled)
		_, err = tok.Info(r.ctx)
		r.must(err)
	}},
	{"a closed key and a closed driver say so", always, func(r *rig) {
		tok, other := r.open(), r.open()
		r.must(tok.Close())
		r.must(tok.Close())
		_, err := tok.Info(r.ctx)
		r.want(err, token.ErrClosed)
		r.want(tok.Login(r.ctx, r.never), token.ErrClosed)
		_, err = other.Info(r.ctx)
		r.must(err)
		r.must(r.Provider.Close())
		r.must(r.Provider.Close())
		_, err = other.Info(r.ctx)
		r.want(err, token.ErrClosed)
		_, err = r.Provider.Tokens(r.ctx)
		r.want(err, token.ErrClosed)
		_, err = r.Provider.Open(r.ctx, "x")
		r.want(err, token.ErrClosed)
	}},
}

var reading = []testCase{
	{"certificates are listed with their use", always, func(r *rig) {
		certs, err := r.open().Certificates(r.ctx)
		r.must(err)
		at := slices.IndexFunc(certs, func(c token.Certificate) bool { return bytes.Equal(c.DER, r.Certificate) })
		if at < 0 {
			r.Fatalf("the signing certificate is not among %d", len(certs))
		}
		c := certs[at]
		if !c.Signing || !c.SM2 || !c.HasPrivateKey || len(c.KeyID) == 0 || c.Subject == "" || c.SerialHex == "" || c.NotAfter.IsZero() {
			r.Errorf("signing certificate: %+v", c)
		}
		if r.Encryption == nil {
			return
		}
		at = slices.IndexFunc(certs, func(c token.Certificate) bool { return bytes.Equal(c.DER, r.Encryption) })
		if at < 0 {
			r.Fatal("the encryption certificate is not listed")
		}
		if certs[at].Signing {
			r.Errorf("encryption certificate: %+v", certs[at])
		}
	}},
	{"the encryption certificate cannot sign", func(b Bench) bool { return b.Encryption != nil }, func(r *rig) {
		r.want(r.open().CheckSM2(r.ctx, r.Encryption), token.ErrNoKey)
	}},
	{"a foreign certificate has no key here", signs, func(r *rig) {
		err := r.open().CheckSM2(r.ctx, []byte("no certificate"))
		r.want(err, token.ErrNoKey)
	}},
	{"a public object is read without a PIN", func(b Bench) bool { return b.Public.Value != nil }, func(r *rig) {
		r.object(r.open(), r.Public, true)
	}},
	{"a private object shows only while logged in", func(b Bench) bool { return b.Private.Value != nil }, func(r *rig) {
		tok := r.open()
		r.object(tok, r.Private, false)
		r.login(tok)
		r.object(tok, r.Private, true)
		r.must(tok.Logout(r.ctx))
		r.object(tok, r.Private, false)
	}},
	{"no object is larger than the limit", always, func(r *rig) {
		tok := r.open()
		r.login(tok)
		objects, err := tok.Objects(r.ctx)
		r.must(err)
		for _, o := range objects {
			if len(o.Value) > token.MaxObject {
				r.Errorf("%q has %d bytes", o.Label, len(o.Value))
			}
		}
	}},
}

// object checks whether an object is listed.
func (r *rig) object(tok token.Token, want token.Object, listed bool) {
	r.Helper()
	objects, err := tok.Objects(r.ctx)
	r.must(err)
	found := slices.ContainsFunc(objects, func(o token.Object) bool {
		return o.Label == want.Label && o.Application == want.Application && bytes.Equal(o.Value, want.Value) && o.Private == want.Private
	})
	if found != listed {
		r.Errorf("object %q listed: %v, want %v", want.Label, found, listed)
	}
}
