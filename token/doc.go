// Package token says what a UsbKey (智能密码钥匙) is to the rest of the program: the values that describe it, the interfaces that
// its drivers offer, the PIN and the errors. It knows no driver, no operating system and no cryptographic library.
//
// A driver is a Provider, usually also a Watcher. Open gives a Token, which reads certificates and data objects, logs in through a
// PINFunc and lends a Signer. A Token belongs to one insertion of one key: once the key was pulled, every call on it answers
// ErrRemoved, also after the key was put back; Open gives a new one.
//
// All values may be used from several goroutines. All methods that can wait for the key take a context; a cancelled context ends
// the wait, not the call inside the key, which nothing can interrupt.
package token
