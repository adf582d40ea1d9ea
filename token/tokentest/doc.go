// Package tokentest holds a UsbKey in memory, and the suite that gives the interfaces of package token one meaning for all drivers.
// Only tests import it.
package tokentest
