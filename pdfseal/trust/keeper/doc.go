// Package keeper keeps the trust bundle of a computer: one folder with the
// present bundle, the one before, and what must not be forgotten (rule W12):
// which roots sign, the highest number seen under them, and the latest time
// seen. An import is carried out whole or not at all; whatever is refused or
// interrupted leaves the last good bundle in use.
//
// The folder holds state.json, which names the bundles and is replaced as one,
// bundle-….sdtb files that never change, and a lock file. Several processes
// may use it at once.
package keeper
