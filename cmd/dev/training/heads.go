package training

// letterHead draws the head of the letter form (GB/T 9704-2012, 10.1): name of the organ 30 mm below the edge, a double rule of
// 170 mm with the heavy one above, the number at the right, and the reverse double rule at the foot.
func (c *composer) letterHead(organ, number string) {
	const size, top = 40.0, 30.0
	height := size / ptPerMM
	pitch := min(1.18*height, areaWidth/float64(len([]rune(organ))))
	c.centred(pageWidth/2, top+height/2, pitch, organ, style{size: size, color: crimson, heavy: 40})
	const left, right = (pageWidth - 170) / 2, (pageWidth + 170) / 2
	upper := top + height + 4
	c.rule(left, upper, right, upper, 1, crimson)
	c.rule(left, upper+1.3, right, upper+1.3, 0.35, crimson)
	lower := pageHeight - 20.0
	c.rule(left, lower-1.3, right, lower-1.3, 0.35, crimson)
	c.rule(left, lower, right, lower, 1, crimson)
	const text = size3 / ptPerMM
	c.text(areaRight-float64(length(number))*columnPitch/2, upper+1.3+text*7/8+text/2, columnPitch, number, plain)
	c.row = 4
}

// fileHead draws the head of the ordinary form (7.2): the organ's mark 35 mm below the type area's edge, the number two rows below
// it and a red rule 4 mm further down. With a signer the number stands at the left and the signer at the right (upward documents).
func (c *composer) fileHead(mark, number, signer string) {
	const top = areaTop + 35
	size := min(56.0, areaWidth/float64(len([]rune(mark)))*ptPerMM*0.97)
	height := size / ptPerMM
	pitch := min(1.12*height, areaWidth/float64(len([]rune(mark))))
	c.centred(pageWidth/2, top+height/2, pitch, mark, style{size: size, color: crimson, heavy: 40})
	row := int((top+height-areaTop)/rowPitch) + 3 // two rows stay blank
	y := middle(row)
	if signer == "" {
		c.centred(areaLeft+areaWidth/2, y, columnPitch, number, plain)
	} else {
		c.text(areaLeft+columnPitch, y, columnPitch, number, plain)
		by := "签发人：" + signer
		c.text(areaRight-columnPitch-float64(length(by))*columnPitch/2, y, columnPitch, by, plain)
	}
	below := y + size3/ptPerMM/2 + 4
	c.rule(areaLeft, below, areaRight, below, 0.7, crimson)
	c.row = row + 3
}
