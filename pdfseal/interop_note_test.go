package pdfseal_test

import (
	"slices"
	"strings"
)

// agreed tells whether all three say the same, as far as each can say it: pdfsig of the signatures, qpdf of the structure.
func (o opinion) agreed() bool {
	return o.signaturesAgreed() && o.structureAgreed()
}

// accepted tells whether our verdict is a good one.
func (o opinion) accepted() bool { return strings.HasPrefix(o.verdict, "valid") }

func (o opinion) signaturesAgreed() bool {
	all := strings.Split(o.pdfsig, "; ")
	bad := slices.ContainsFunc(all, func(s string) bool {
		return !strings.HasPrefix(s, "valid") && !strings.HasPrefix(s, "not checked")
	})
	switch {
	case o.verdict == "unsealed":
		return o.pdfsig == "no signature"
	case o.accepted():
		return !slices.ContainsFunc(all, func(s string) bool { return !strings.HasPrefix(s, "valid") })
	}
	return bad
}

func (o opinion) structureAgreed() bool {
	return o.readable() == (o.qpdf == "clean")
}

// readable tells whether none of the rules of the strict reader objects.
func (o opinion) readable() bool {
	return !slices.ContainsFunc(strings.Split(o.rules, "+"), func(r string) bool { return r != "" && (r[0] == 'S' || r[0] == 'R') })
}

// note explains in one line why the programs disagree; "" where they do not.
func (o opinion) note() string {
	var out []string
	if !o.signaturesAgreed() {
		out = append(out, o.signatureNote())
	}
	if !o.structureAgreed() {
		out = append(out, o.structureNote())
	}
	return strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == "" }), "; ")
}

// broke tells whether a rule of one of the families objects.
func (o opinion) broke(families string) bool {
	return slices.ContainsFunc(strings.Split(o.rules, "+"), func(r string) bool { return r != "" && strings.Contains(families, r[:1]) })
}

func (o opinion) signatureNote() string {
	switch {
	case o.verdict == "error":
		return "we read nothing in it that could be judged"
	case o.verdict == "unsealed":
		return "we read no field with a signature in any revision"
	case o.accepted():
		return "pdfsig reads no seal signature of GB/T 38540: it checks neither value nor digest"
	case strings.Contains(o.pdfsig, "no signature"), strings.Contains(o.pdfsig, "cannot open"):
		return "pdfsig finds no signature in what it reads"
	case strings.Contains(o.rules, "C3"):
		return "an algorithm that is not SM2 with SM3: not judged by us (rule C3)"
	case o.broke("B"):
		return "pdfsig takes /ByteRange and /Contents as they are stated (rules B)"
	case o.rules == "S6":
		return "hybrid files and odd object streams are not read by us (rule S6)"
	case o.broke("SR"):
		return "pdfsig repairs what does not read strictly; we never do (rules S)"
	case o.rules == "I5" && strings.HasSuffix(o.pdfsig, "whole"):
		return "pdfsig does not look at where the marks of a seal stand and whether they show (rule I5)"
	case o.broke("IV"):
		return "pdfsig does not compare revisions: \"not total document signed\" is all that it says (rules I, V)"
	case o.broke("CET"):
		return "pdfsig reads no seal signature: neither value, digest, seal nor certificate is checked (rules C, E, T)"
	case o.broke("P"):
		return "pdfsig does not look at what a mark draws (rule P2)"
	}
	return ""
}

func (o opinion) structureNote() string {
	switch {
	case o.qpdf == "clean" && strings.Contains(o.rules, "S11"):
		return "qpdf does not ask to whom each byte belongs (rule S11)"
	case o.qpdf == "clean" && o.broke("R"):
		return "qpdf has no budgets, or larger ones (rule R1)"
	case o.qpdf == "clean":
		return "qpdf accepts, or repairs without a word, what may be read in more than one way (rules S)"
	case o.broke("IV"):
		return "qpdf stumbles over what was added; we reject it for being there"
	case o.broke("B"):
		return "qpdf stumbles over the signature dictionary; we reject it by the rules B"
	case o.broke("CEPT"):
		return "qpdf stumbles over an object that the verdict does not need"
	case o.verdict == "error":
		return ""
	}
	return "qpdf warns of what cannot change the page or the seal"
}
