// Package page makes pictures of PDF pages and finds the text on them with its places.
//
// The work is done by pdfium, compiled to WebAssembly and run inside the process without cgo, without access to files, network or
// environment, with bounded memory and time. A document that makes pdfium fail, loop or run out of memory ends in an error of
// that one call and cannot damage anything else.
//
// All places are millimetres from the left and the top edge of the upright visible page: the CropBox, turned by /Rotate and
// scaled by /UserUnit (ISO 32000-2, 7.7.3.3).
//
// A picture shows what a reader sees on a screen: page content, annotations and form fields, and so the seals. No script runs.
package page
