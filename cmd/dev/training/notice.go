package training

import (
	"fmt"
	"time"
)

// notice is a 通知 of two pages with an attachment on a third.
func notice(date time.Time) (*composer, error) {
	year := date.Year()
	title := []string{office, fmt.Sprintf("关于做好%d年冬季供热和牧区", year), "防灾减灾工作的通知"}
	c, err := newComposer(title[0]+title[1]+title[2], office, date)
	if err != nil {
		return nil, err
	}
	c.fileHead(office+"文件", fmt.Sprintf("示政办发〔%d〕52号", year), "")
	c.titleLines(title...)
	c.skip(1)
	c.flush("各苏木乡镇人民政府，旗直各有关单位：")
	c.para("为切实做好今冬明春供热保障和牧区防灾减灾工作，确保全旗各族群众温暖安全过冬，经旗人民政府同意，现就有关事项通知如下：")
	c.section("一、提高思想认识，压实工作责任")
	c.para("各地区、各单位要坚持人民至上、生命至上，把供热保障和防灾减灾作为当前重要的民生工作来抓，逐级落实责任，做到任务到岗、措施到位、责任到人。")
	c.section("二、抓好供热保障，确保群众温暖过冬")
	c.para("供热企业要在供热期前完成设备检修和管网注水试压，储煤量不得少于20天用量。旗住房和城乡建设局要公布24小时服务电话，对群众反映的室温不达标问题，2小时内响应、24小时内办结。学校、医院、养老机构等重点场所实行一处一策、专人包联。")
	c.section("三、强化监测预警，做好物资储备")
	c.para("旗气象局要加密监测会商，寒潮、暴风雪等预警信息要在30分钟内通过广播、短信和嘎查村干部入户等方式传递到每一户牧民。旗应急管理局、旗农牧局要于本月底前完成饲草料、棉被、帐篷、燃料和除雪机械的核查补充，储备点位、数量和责任人见附件。")
	c.section("四、严格值班值守，及时报告信息")
	c.para("严格执行24小时值班和领导带班制度。发生灾情、险情，事发地苏木乡镇人民政府要在30分钟内电话报告、1小时内书面报告旗人民政府总值班室，不得迟报、漏报、瞒报。")
	c.skip(1)
	c.para("附件：苏木乡镇防灾物资储备责任分工表")
	c.sign(office, day(date))
	c.turn()
	c.stores()
	return c, nil
}

// stores is the attachment: who keeps what where.
func (c *composer) stores() {
	c.text(areaLeft, middle(0), columnPitch, "附件", strong)
	c.row = 2
	c.titleLines("苏木乡镇防灾物资储备责任分工表")
	c.row++
	head := []string{"序号", "苏木乡镇", "储备点", "饲草料（吨）", "棉被（套）", "责任人"}
	keepers := []string{"那仁", "王建国", "阿拉坦", "乌云", "李志强", "朝鲁", "张丽华", "宝音", "斯琴", "赵文斌", "格日勒", "哈斯"}
	var lines [][]string
	for i, k := range keepers {
		lines = append(lines, []string{fmt.Sprint(i + 1), townships[i], stations[i%len(stations)],
			fmt.Sprint(260 + 35*((i*7)%11)), fmt.Sprint(120 + 20*((i*5)%9)), k})
	}
	lines = append(lines, []string{"合计", "", "", fmt.Sprint(total(lines, 3)), fmt.Sprint(total(lines, 4)), ""})
	c.table([]float64{12, 35.5, 35.5, 31, 26, 16}, head, lines)
}

var stations = []string{"旗储备库一号库", "中心卫生院院内", "综合文化站西侧", "防灾物资库", "林业工作站院内"}

func total(lines [][]string, column int) int {
	sum := 0
	for _, l := range lines {
		n := 0
		_, _ = fmt.Sscan(l[column], &n) // written by Sprint above
		sum += n
	}
	return sum
}

// table draws a ruled table with columns of the given widths in millimetres, one row of the grid to a line.
func (c *composer) table(widths []float64, head []string, lines [][]string) {
	const pitch = size5 / ptPerMM
	top := areaTop + float64(c.row)*rowPitch
	for i, l := range append([][]string{head}, lines...) {
		y := top + float64(i)*rowPitch
		c.rule(areaLeft, y, areaRight, y, 0.2, black)
		s := style{size: size5, color: black}
		if i == 0 {
			s.hei = true
		}
		x := areaLeft
		for j, cell := range l {
			c.centred(x+widths[j]/2, y+rowPitch/2, min(pitch, 2*(widths[j]-1)/float64(max(1, length(cell)))), cell, s)
			x += widths[j]
		}
	}
	bottom := top + float64(len(lines)+1)*rowPitch
	c.rule(areaLeft, bottom, areaRight, bottom, 0.2, black)
	x := areaLeft
	for _, w := range append([]float64{0}, widths...) {
		x += w
		c.rule(x, top, x, bottom, 0.2, black)
	}
	c.row += len(lines) + 1
}
