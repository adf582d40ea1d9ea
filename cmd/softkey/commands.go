package main

import (
	"bytes"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"

	"sealdesk/cmd/softkey/store"
)

// common are the flags of every command.
type common struct {
	Dir  string `env:"SOFTKEY_DIR" required:"" type:"path" help:"Store of the training key."`
	Slot int    `default:"0" help:"Slot, 0 to 15."`
}

func (c *common) open() (*store.Slot, error) { return store.Open(c.Dir, c.Slot) }

type cli struct {
	common

	Init     initCmd     `cmd:"" help:"Make a token in the slot."`
	AddKey   addKeyCmd   `cmd:"" help:"Put an SM2 key pair on the token."`
	AddCert  addCertCmd  `cmd:"" help:"Put a certificate on the token."`
	AddSeal  addSealCmd  `cmd:"" help:"Put a seal or another data object on the token."`
	Insert   insertCmd   `cmd:"" help:"Plug the key in."`
	Remove   removeCmd   `cmd:"" help:"Pull the key."`
	Fault    faultCmd    `cmd:"" help:"Let the next signature, or another call, go wrong."`
	SetTries setTriesCmd `cmd:"" help:"Set the tries left of the user PIN."`
	Unlock   unlockCmd   `cmd:"" help:"Give the PINs all their tries again."`
	Show     showCmd     `cmd:"" help:"Show what the store holds."`
}

type initCmd struct {
	Label     string `help:"Label; TRAINING KEY is put in front."`
	Serial    string `help:"Serial number, up to 16 characters; invented if absent."`
	Model     string `help:"Model, up to 16 bytes."`
	Firmware  string `help:"Firmware, major.minor."`
	Profile   string `default:"sansec" help:"Vendor whose key this one behaves like: ${profiles}."`
	PINFile   string `name:"pin-file" type:"existingfile" help:"File whose first line is the user PIN."`
	SOPINFile string `name:"so-pin-file" type:"existingfile" help:"File whose first line is the SO PIN."`
	MaxTries  int    `default:"6" help:"Tries allowed for each PIN."`
	Protected bool   `help:"PIN pad on the key: programs pass no PIN."`
}

func (c *initCmd) Run(to *common) error {
	spec := store.TokenSpec{Label: c.Label, Serial: c.Serial, Model: c.Model, Firmware: c.Firmware,
		Profile: c.Profile, MaxTries: c.MaxTries, Protected: c.Protected}
	for file, pin := range map[string]*string{c.PINFile: &spec.UserPIN, c.SOPINFile: &spec.SOPIN} {
		if file == "" {
			continue
		}
		b, err := readLimited(file)
		if err != nil {
			return err
		}
		line, _, _ := bytes.Cut(b, []byte("\n"))
		*pin = string(bytes.TrimRight(line, "\r"))
	}
	return store.Init(to.Dir, to.Slot, spec)
}

type keyFlags struct {
	ID    string `name:"id" required:"" help:"CKA_ID in hex, the same for a key pair and its certificates."`
	Label string `help:"Label of the object."`
}

func (k *keyFlags) id() ([]byte, error) {
	id, err := hex.DecodeString(k.ID)
	if err != nil || len(id) == 0 {
		return nil, fmt.Errorf("softkey: --id %q is not hexadecimal", k.ID)
	}
	return id, nil
}

type addKeyCmd struct {
	keyFlags

	File               string `arg:"" type:"existingfile" help:"Private key: 64 hex digits, PKCS#8 or SEC1; DER or PEM."`
	AlwaysAuthenticate bool   `help:"Ask for the PIN with each signature."`
}

func (c *addKeyCmd) Run(to *common) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	b, err := readLimited(c.File)
	if err != nil {
		return err
	}
	defer clear(b)
	d, err := store.ParseKey(b)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	s, err := to.open()
	if err != nil {
		return err
	}
	return s.AddKeyWith(id, d, c.Label, store.KeyOptions{AlwaysAuthenticate: c.AlwaysAuthenticate})
}

type addCertCmd struct {
	keyFlags

	File string `arg:"" type:"existingfile" help:"Certificate, DER or PEM."`
}

func (c *addCertCmd) Run(to *common) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	b, err := readLimited(c.File)
	if err != nil {
		return err
	}
	if block, _ := pem.Decode(b); block != nil {
		if block.Type != "CERTIFICATE" {
			return fmt.Errorf("softkey: %s holds a %s, not a certificate", c.File, block.Type)
		}
		b = block.Bytes
	}
	s, err := to.open()
	if err != nil {
		return err
	}
	return s.AddCertificate(id, b, c.Label)
}

type addSealCmd struct {
	File    string `arg:"" type:"existingfile" help:"Seal (.esl)."`
	Label   string `help:"Label; default: name of the file."`
	App     string `default:"seal" help:"Application, CKA_APPLICATION."`
	Private bool   `help:"Seen after login only."`
}

func (c *addSealCmd) Run(to *common) error {
	b, err := readLimited(c.File)
	if err != nil {
		return err
	}
	s, err := to.open()
	if err != nil {
		return err
	}
	label := c.Label
	if label == "" {
		label = filepath.Base(c.File)
	}
	return s.AddData(label, c.App, b, c.Private)
}

// readLimited reads a file no larger than an object may be.
func readLimited(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("softkey: %w", err)
	}
	if !st.Mode().IsRegular() || st.Size() > store.MaxValue {
		return nil, fmt.Errorf("softkey: %s is no file of at most %d bytes", path, store.MaxValue)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("softkey: %w", err)
	}
	return b, nil
}
