// Package rules holds what the regulations say of a seal and the page under it: where it stands (GB/T 9704-2012, 7.3.5), and the checks
// before sealing: blank pages, secret markings, the size of the seal, and whether its name and the date agree with the document. It is
// pure: it sees lines of text with their places in millimetres and a small picture, and answers points and findings.
package rules
