// Package training makes a practice office: a key hierarchy, two training UsbKeys with a custodian's certificates and seal on
// each, the trust bundle, settings, and official documents to seal. It demonstrates and tests the whole product without a real
// UsbKey. Everything is imaginary; the seals carry 样章 (specimen) across the picture, and no production configuration trusts them.
package training
