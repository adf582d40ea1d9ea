// Package timestamp reads and makes timestamp tokens of RFC 3161 and GM/T
// 0033-2014 (GB/T 20520) with SM2 and SM3. A token that Parse answers is
// correct in itself: whether it is about the value in question is for
// CheckImprint, whether its certificate is one for timestamps for
// CheckAuthority (rule T5), and whether that certificate is trusted for
// package trust.
package timestamp
