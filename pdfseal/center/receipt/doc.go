// Package receipt reads and writes the receipts 核验回执 of a verification
// centre: a SignedData of GM/T 0010 over one JSON object that says what the
// centre checked, when, against which bundle, and what it found. The time in
// it is a trusted time (rule T3) for whoever trusts the centre's certificate,
// which is for package trust to say. The package asks no network.
package receipt
