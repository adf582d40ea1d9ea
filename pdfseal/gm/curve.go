package gm

import (
	"errors"
	"math/big"
)

// The recommended curve of GB/T 32918.5-2017, 1.2.156.10197.1.301: y² = x³ + ax + b over the integers modulo p.
const (
	curveP  = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF"
	curveA  = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"
	curveB  = "28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"
	curveN  = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123"
	curveGX = "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
	curveGY = "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
)

var curve = struct{ p, a, b, n, gx, gy *big.Int }{
	p: number(curveP), a: number(curveA), b: number(curveB), n: number(curveN), gx: number(curveGX), gy: number(curveGY),
}

// number reads a constant of this file.
func number(hex string) *big.Int {
	n, ok := new(big.Int).SetString(hex, 16)
	if !ok {
		panic("gm: constant is not hexadecimal")
	}
	return n
}

// onCurve checks that both coordinates are below p and satisfy the equation of
// the curve. The point at infinity has no coordinates, so it never passes.
func onCurve(x, y *big.Int) error {
	if x.Cmp(curve.p) >= 0 || y.Cmp(curve.p) >= 0 {
		return errors.New("coordinate is not below p")
	}
	left := new(big.Int).Mul(y, y)
	left.Mod(left, curve.p)
	right := new(big.Int).Mul(x, x)
	right.Add(right, curve.a).Mul(right, x).Add(right, curve.b).Mod(right, curve.p)
	if left.Cmp(right) != 0 {
		return errors.New("point is not on the SM2 curve")
	}
	return nil
}
