// Package store provisions the training UsbKey: the directory that the PKCS#11 module of
// cmd/softkey/module reads when SOFTKEY_DIR names it.
//
// The keys of this store lie in plain files. It is made for training and tests and is never a
// secure key; the module calls every token "TRAINING KEY".
//
// Layout of one slot (usbkey.md §6.3):
//
//	DIR/slotN/present     exists = plugged in; holds a number that differs with each insertion
//	DIR/slotN/token.ini   label, serial number, firmware, PIN lengths, vendor profile
//	DIR/slotN/pin         user PIN, SO PIN, tries left, tries allowed (PINs in hex)
//	DIR/slotN/fault       faults that wait to fire, one a line
//	DIR/slotN/obj/NN.attr one object: lines "name = hex"
//	DIR/slotN/obj/NN.bin  its CKA_VALUE: certificate or seal in DER, private key as 64 hex digits
//
// Every file is written under a temporary name and renamed.
package store
