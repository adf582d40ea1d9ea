// Package sealtest makes what tests and the practice office need in place of
// the real world: a key hierarchy, holders with their two certificates, seals
// and the trust file that goes with them. Nothing of it may ever be trusted by
// a production configuration: every name carries 练习 (practice).
package sealtest
