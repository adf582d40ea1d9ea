package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
)

// sealFields describes a seal, as it claims to be.
func sealFields(s *ses.Seal) map[string]any {
	list := make([]any, 0, len(s.Certs))
	for _, der := range s.Certs {
		list = append(list, certificateFields(der))
	}
	picture := map[string]any{"type": s.Picture.Type, "widthMM": s.Picture.WidthMM, "heightMM": s.Picture.HeightMM, "bytes": len(s.Picture.Data)}
	if format, w, h, err := s.Picture.Sniff(); err == nil {
		picture["format"], picture["widthPx"], picture["heightPx"] = format, w, h
	}
	return map[string]any{
		"id": s.ID, "name": s.Name, "kind": s.Kind, "vendor": s.Vendor, "standard": s.Version.String(), "headerVersion": s.HeaderVersion,
		"created": utc(s.Created), "validFrom": utc(s.ValidFrom), "validTo": utc(s.ValidTo), "picture": picture,
		"certListType": s.CertListType, "signers": list, "signerDigests": len(s.CertDigests), "maker": certificateFields(s.MakerCert),
		"sm3": fmt.Sprintf("%x", gm.SM3(s.Raw)), "size": len(s.Raw), "notes": notes(s.Notes),
	}
}

// certificateFields describes a certificate; one that cannot be read is described by its defect.
func certificateFields(der []byte) map[string]any {
	c, err := gm.ParseCertificate(der)
	if err != nil {
		return map[string]any{"defects": []string{err.Error()}}
	}
	return map[string]any{"subject": c.Subject, "issuer": c.Issuer, "serial": c.SerialHex, "notBefore": utc(c.NotBefore),
		"notAfter": utc(c.NotAfter), "sm2": c.IsSM2, "canSign": c.CanSign(), "defects": notes(c.Defects)}
}

func notes(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// printInspection prints an inspection for people: kind, checks, what the pre-seal gate found, then the fields in a fixed order.
func (a *app) printInspection(path string, i *inspection) {
	a.say("inspect.head", "File", path, "Kind", a.text("kind."+i.Kind), "Version", i.Version)
	for _, c := range i.Checks {
		a.say("inspect.check", "What", a.text("inspected."+c.ID), "ID", c.ID, "Status", a.text("check."+string(c.Status)), "Detail", c.Detail)
	}
	fields := i.Fields
	if list, ok := fields["findings"].([]map[string]any); ok {
		fields = maps.Clone(fields)
		delete(fields, "findings")
		for _, f := range list {
			a.say(fmt.Sprint("inspect.finding.", f["level"]), "Text", fmt.Sprint(f["text"]), "Rule", fmt.Sprint(f["rule"]))
		}
		if len(list) == 0 {
			a.say("inspect.no_findings")
		}
	}
	a.printFields("  ", fields)
}

// printFields prints nested fields with their JSON names, which are the same in every language.
func (a *app) printFields(indent string, fields map[string]any) {
	for _, k := range sortedKeys(fields) {
		switch v := fields[k].(type) {
		case map[string]any:
			fmt.Fprintln(a.stdout, indent+k+":")
			a.printFields(indent+"  ", v)
		case []any:
			for n, e := range v {
				fmt.Fprintf(a.stdout, "%s%s %d:\n", indent, k, n+1)
				if m, ok := e.(map[string]any); ok {
					a.printFields(indent+"  ", m)
				}
			}
		case []map[string]any:
			for n, m := range v {
				fmt.Fprintf(a.stdout, "%s%s %d:\n", indent, k, n+1)
				a.printFields(indent+"  ", m)
			}
		case string:
			fmt.Fprintln(a.stdout, indent+k+": "+line(v))
		default:
			b, err := json.Marshal(v)
			if err == nil && string(b) != "[]" {
				fmt.Fprintln(a.stdout, indent+k+": "+line(string(b)))
			}
		}
	}
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
