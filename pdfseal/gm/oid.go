package gm

import "encoding/asn1"

// Algorithms and curves (GB/T 33560-2017, Annex A).
var (
	oidECPublicKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidSM2         = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301}

	// OIDSM2WithSM3 names the SM2 signature with SM3 of certificates, lists and seals.
	OIDSM2WithSM3 = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 501}
)

// Attribute types of names (X.520, PKCS#9).
var (
	oidCommonName   = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidCountry      = asn1.ObjectIdentifier{2, 5, 4, 6}
	oidLocality     = asn1.ObjectIdentifier{2, 5, 4, 7}
	oidProvince     = asn1.ObjectIdentifier{2, 5, 4, 8}
	oidOrganization = asn1.ObjectIdentifier{2, 5, 4, 10}
	oidUnit         = asn1.ObjectIdentifier{2, 5, 4, 11}
)

// attributeNames are the short names of RFC 4514 and of common practice.
var attributeNames = map[string]string{
	oidCommonName.String():       "CN",
	oidCountry.String():          "C",
	oidLocality.String():         "L",
	oidProvince.String():         "ST",
	oidOrganization.String():     "O",
	oidUnit.String():             "OU",
	"2.5.4.4":                    "SN",
	"2.5.4.5":                    "serialNumber",
	"2.5.4.9":                    "street",
	"2.5.4.12":                   "title",
	"2.5.4.13":                   "description",
	"2.5.4.42":                   "GN",
	"2.5.4.97":                   "organizationIdentifier",
	"0.9.2342.19200300.100.1.1":  "UID",
	"0.9.2342.19200300.100.1.25": "DC",
	"1.2.840.113549.1.9.1":       "emailAddress",
}

// Extensions of certificates and lists (RFC 5280).
var (
	oidSubjectKeyID     = asn1.ObjectIdentifier{2, 5, 29, 14}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidSubjectAltName   = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidCRLNumber        = asn1.ObjectIdentifier{2, 5, 29, 20}
	oidReasonCode       = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidInvalidityDate   = asn1.ObjectIdentifier{2, 5, 29, 24}
	oidDeltaCRL         = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidIssuingPoint     = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidAuthorityKeyID   = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidExtKeyUsage      = asn1.ObjectIdentifier{2, 5, 29, 37}
)

// harmlessCritical are extensions that do not narrow what a certificate may
// do for this program, so that a critical mark on them asks for nothing:
// alternative names, addresses of lists, policies that are only stated, the
// Netscape type, and the identity numbers of the Chinese profiles.
var harmlessCritical = map[string]bool{
	"2.5.29.17": true, "2.5.29.18": true, "2.5.29.31": true, "2.5.29.32": true,
	"1.3.6.1.5.5.7.1.1": true, "2.16.840.1.113730.1.1": true,
	"1.2.156.10260.4.1.1": true, "1.2.156.10260.4.1.2": true, "1.2.156.10260.4.1.3": true,
	"1.2.156.10260.4.1.4": true, "1.2.156.10260.4.1.5": true,
	"1.2.86.11.7.1": true, "1.2.86.11.7.3": true, "1.2.86.11.7.4": true, "1.2.86.11.7.5": true,
}
