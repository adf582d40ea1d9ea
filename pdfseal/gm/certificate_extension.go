package gm

// readExtension evaluates one extension. Those that decide what the key may
// do must be readable; of the others only a defect remains.
func (c *Certificate) readExtension(x Extension) (err error) {
	switch {
	case x.ID.Equal(oidKeyUsage):
		return c.readKeyUsage(x.Value)
	case x.ID.Equal(oidBasicConstraints):
		return c.readBasicConstraints(x.Value)
	case x.ID.Equal(oidExtKeyUsage):
		if c.ExtKeyUsage, err = parseExtKeyUsage(x.Value); err == nil && x.Critical {
			c.defect("extended key usage is critical")
		}
		return err
	case x.ID.Equal(oidSubjectKeyID):
		if c.SubjectKeyID, err = parseSubjectKeyID(x.Value); err != nil {
			c.defect("subject key identifier is unreadable")
		}
	case x.ID.Equal(oidAuthorityKeyID):
		if c.AuthorityKeyID, err = parseAuthorityKeyID(x.Value); err != nil {
			c.defect("authority key identifier is unreadable")
		}
	case x.ID.Equal(oidSubjectAltName):
		if odd := checkAltName(x.Value); odd != "" {
			c.defect("subject alternative name: " + odd)
		}
	case x.Critical && !harmlessCritical[x.ID.String()]:
		id := x.ID.String()
		if x.ID == nil {
			id = "with an identifier out of range"
		}
		c.UnknownCritical = append(c.UnknownCritical, id)
		c.defect("critical extension " + id + " is not evaluated")
	}
	return nil
}

func (c *Certificate) readKeyUsage(value []byte) error {
	usage, minimal, err := parseKeyUsage(value)
	if err != nil {
		return err
	}
	c.KeyUsage, c.HasKeyUsage = usage, true
	if !minimal {
		c.defect("key usage is not in minimal form")
	}
	return nil
}

func (c *Certificate) readBasicConstraints(value []byte) error {
	ca, pathLen, explicitFalse, err := parseBasicConstraints(value)
	if err != nil {
		return err
	}
	c.IsCA, c.MaxPathLen = ca, pathLen
	if explicitFalse {
		c.defect("basic constraints: FALSE is spelled out")
	}
	return nil
}
