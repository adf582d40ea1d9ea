// Package rules computes where a seal stands on the text of an official document (GB/T 9704-2012, 7.3.5). It is pure: it sees
// lines of text with their places in millimetres and answers a point, or says which demand of the standard the page does not meet.
package rules
