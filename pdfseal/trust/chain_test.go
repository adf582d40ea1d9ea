package trust

import (
	"bytes"
	"strings"
	"testing"

	"sealdesk/pdfseal/gm"
)

func TestChain_table(t *testing.T) {
	root := issue(t, "root", ca("根", 1), nil)
	sub := issue(t, "sub", ca("签章认证机构", 0), root)
	leaf := issue(t, "leaf", end("示范旗人民政府"), sub)
	free := issue(t, "free", ca("无限制根", -1), nil)
	direct := issue(t, "direct", end("直接"), free)
	stranger := issue(t, "stranger", end("陌生"), issue(t, "elsewhere", ca("别处", -1), nil))
	selfMade := issue(t, "self", end("自签"), nil)
	// A forger's authority with the genuine name, its certificate not in the trust file.
	forged := issue(t, "forged leaf", end("示范旗人民政府"), issue(t, "forger", ca("签章认证机构", 0), root))
	// The same, without a key identifier in the way: the name alone points to the genuine authority.
	plain := issue(t, "plain leaf", end("示范旗人民政府"), &node{stripped(t, "forger"), key(t, "forger")})

	noSign := ca("无签发权根", -1)
	noSign.KeyUsage = gm.KeyUsageDigitalSignature | gm.KeyUsageNonRepudiation
	weak := issue(t, "weak", noSign, nil)
	weakLeaf := issue(t, "weak leaf", end("示范旗人民政府"), weak)
	noUsage := ca("无用途根", -1)
	noUsage.KeyUsage = 0
	bare := issue(t, "bare", noUsage, nil)
	bareLeaf := issue(t, "bare leaf", end("示范旗人民政府"), bare)
	tight := issue(t, "tight", ca("零层根", 0), nil)
	tightSub := issue(t, "tight sub", ca("下级", -1), tight)
	tightLeaf := issue(t, "tight leaf", end("示范旗人民政府"), tightSub)
	odd := ca("带关键扩展", -1)
	odd.Extensions = []gm.Extension{unknownExtension}
	oddCA := issue(t, "odd", odd, nil)
	oddLeafTpl := end("带关键扩展")
	oddLeafTpl.Extensions = []gm.Extension{unknownExtension}
	tsa := issue(t, "tsa", end("时间戳"), nil)

	for _, c := range []struct {
		name    string
		anchors []Anchor
		leaf    *node
		purpose Purpose
		want    ChainStatus
		path    int
		detail  string
	}{
		{"root, authority, leaf", []Anchor{anchor(PurposeSigner, root), intermediate(PurposeSigner, sub)}, leaf, PurposeSigner, ChainTrusted, 3, "根"},
		{"authority as anchor", []Anchor{anchor(PurposeSigner, sub)}, leaf, PurposeSigner, ChainTrusted, 2, ""},
		{"root alone", []Anchor{anchor(PurposeSigner, root)}, leaf, PurposeSigner, ChainUntrusted, 0, "no signer anchor"},
		{"intermediate of another purpose", []Anchor{anchor(PurposeSigner, root), anchor(PurposeMaker, root), intermediate(PurposeMaker, sub)}, leaf,
			PurposeSigner, ChainUntrusted, 0, "known as seal-maker"},
		{"other purpose", []Anchor{anchor(PurposeMaker, sub)}, leaf, PurposeSigner, ChainUntrusted, 0, "known as seal-maker"},
		{"intermediate without its root", []Anchor{anchor(PurposeSigner, free), intermediate(PurposeSigner, sub)}, leaf, PurposeSigner, ChainUntrusted, 0, "no anchor"},
		{"no path length", []Anchor{anchor(PurposeSigner, free)}, direct, PurposeSigner, ChainTrusted, 2, ""},
		{"stranger", []Anchor{anchor(PurposeSigner, root)}, stranger, PurposeSigner, ChainUntrusted, 0, ""},
		{"self-signed, not listed", []Anchor{anchor(PurposeSigner, root)}, selfMade, PurposeSigner, ChainUntrusted, 0, ""},
		{"issuer with another key", []Anchor{anchor(PurposeSigner, sub)}, forged, PurposeSigner, ChainUntrusted, 0, "another key"},
		{"wrong signature", []Anchor{anchor(PurposeSigner, sub)}, plain, PurposeSigner, ChainBroken, 0, "is not signed by"},
		{"two keys of one name, one right", []Anchor{anchor(PurposeSigner, sub), anchor(PurposeSigner, issue(t, "forger", ca("签章认证机构", 0), root))}, forged,
			PurposeSigner, ChainTrusted, 2, ""},
		{"issuer lacks keyCertSign", []Anchor{anchor(PurposeSigner, weak)}, weakLeaf, PurposeSigner, ChainBroken, 0, "keyCertSign"},
		{"issuer without key usage", []Anchor{anchor(PurposeSigner, bare)}, bareLeaf, PurposeSigner, ChainTrusted, 2, ""},
		{"path too long", []Anchor{anchor(PurposeSigner, tight), intermediate(PurposeSigner, tightSub)}, tightLeaf, PurposeSigner, ChainBroken, 0, "authorities below"},
		{"unknown critical extension of an issuer", []Anchor{anchor(PurposeSigner, oddCA)}, issue(t, "x", end("x"), oddCA), PurposeSigner, ChainUntrusted, 0, "1.2.3.4"},
		{"unknown critical extension of the leaf", []Anchor{anchor(PurposeSigner, free)}, issue(t, "y", oddLeafTpl, free), PurposeSigner, ChainUntrusted, 0, "1.2.3.4"},
		{"leaf named for timestamps", []Anchor{anchor(PurposeTimestamp, tsa)}, tsa, PurposeTimestamp, ChainTrusted, 1, "named"},
		{"that leaf for signing", []Anchor{anchor(PurposeTimestamp, tsa), anchor(PurposeSigner, root)}, tsa, PurposeSigner, ChainUntrusted, 0, ""},
		{"leaf of a named leaf", []Anchor{anchor(PurposeTimestamp, tsa)}, issue(t, "z", end("z"), tsa), PurposeTimestamp, ChainBroken, 0, "not a CA"},
		{"no anchor of the purpose at all", []Anchor{anchor(PurposeMaker, root)}, leaf, PurposeCentre, ChainUntrusted, 0, "no centre anchor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := load(t, file(c.anchors...)).Chain(c.leaf.cert, c.purpose)
			if res.Status != c.want || len(res.Path) != c.path || !strings.Contains(res.Detail, c.detail) || res.Detail == "" {
				t.Fatalf("%s, path of %d, %q; want %s, %d, %q", res.Status, len(res.Path), res.Detail, c.want, c.path, c.detail)
			}
			if c.path > 0 && !bytes.Equal(res.Path[0].Raw, c.leaf.cert.Raw) {
				t.Error("the path does not begin with the leaf")
			}
		})
	}
}

// stripped is a certificate named like the genuine authority, without key
// identifiers: what it issues points to its issuer by name alone.
func stripped(t *testing.T, label string) *gm.Certificate {
	t.Helper()
	n := issue(t, label, ca("签章认证机构", 0), nil)
	c := *n.cert
	c.SubjectKeyID = nil
	return &c
}

func TestChain_withoutStoreOrLeaf(t *testing.T) {
	root := issue(t, "root", ca("根", 1), nil)
	var none *Store
	if r := none.Chain(root.cert, PurposeSigner); r.Status != ChainUntrusted || r.Detail == "" {
		t.Errorf("%+v", r)
	}
	if r := load(t, file(anchor(PurposeSigner, root))).Chain(nil, PurposeSigner); r.Status != ChainUntrusted {
		t.Errorf("%+v", r)
	}
	if r := none.Revocation(root.cert, root.cert, now); r.Status != RevocationUnknown {
		t.Errorf("%+v", r)
	}
	if _, ok := none.SealStatus("1"); ok || none.HasSealStatus() || none.Number() != 0 || none.Name() != "" || !none.Issued().IsZero() ||
		!none.Expires().IsZero() || none.AgeDays(now) != 0 {
		t.Error("a nil store knows something")
	}
}

// TestChain_selfIssuedDoesNotCount: an authority that renewed its key
// certifies the new one under its own name, which no path length counts.
func TestChain_selfIssuedDoesNotCount(t *testing.T) {
	old := issue(t, "old", ca("同名机构", 0), nil)
	renewed := issue(t, "renewed", ca("同名机构", 0), old)
	leaf := issue(t, "leaf", end("示范旗人民政府"), renewed)
	res := load(t, file(anchor(PurposeSigner, old), intermediate(PurposeSigner, renewed))).Chain(leaf.cert, PurposeSigner)
	if res.Status != ChainTrusted || len(res.Path) != 3 {
		t.Errorf("%s: %s", res.Status, res.Detail)
	}
}

// TestChain_loopEnds: two authorities that certify each other.
func TestChain_loopEnds(t *testing.T) {
	a0 := issue(t, "a", ca("甲", -1), nil)
	b := issue(t, "b", ca("乙", -1), a0)
	a := issue(t, "a", ca("甲", -1), b)
	leaf := issue(t, "leaf", end("示范旗人民政府"), a)
	other := issue(t, "other", ca("丙", -1), nil)
	res := load(t, file(anchor(PurposeSigner, other), intermediate(PurposeSigner, a), intermediate(PurposeSigner, b))).Chain(leaf.cert, PurposeSigner)
	if res.Status != ChainUntrusted {
		t.Errorf("%s: %s", res.Status, res.Detail)
	}
}

// TestChain_longOneIsGivenUp keeps a path within its limit of certificates.
func TestChain_longOneIsGivenUp(t *testing.T) {
	for _, c := range []struct {
		authorities int
		want        ChainStatus
	}{{maxPath - 1, ChainTrusted}, {maxPath, ChainUntrusted}} {
		n := issue(t, "0", ca("0", -1), nil)
		anchors := []Anchor{anchor(PurposeSigner, n)}
		for i := 1; i < c.authorities; i++ {
			name := strings.Repeat("I", i)
			n = issue(t, name, ca(name, -1), n)
			anchors = append(anchors, intermediate(PurposeSigner, n))
		}
		leaf := issue(t, "leaf", end("示范旗人民政府"), n)
		if res := load(t, file(anchors...)).Chain(leaf.cert, PurposeSigner); res.Status != c.want {
			t.Errorf("%d authorities: %s, %s", c.authorities, res.Status, res.Detail)
		}
	}
}
