package training

import (
	"fmt"
	"time"
)

// report is a 报告 of twenty pages from the bureau to the government, with signer and imprint.
func report(date time.Time) (*composer, error) {
	title := []string{bureau + fmt.Sprintf("关于%d年度", date.Year()), "义务教育优质均衡发展工作情况的报告"}
	c, err := newComposer(title[0]+title[1], bureau, date)
	if err != nil {
		return nil, err
	}
	c.fileHead(bureau+"文件", fmt.Sprintf("示教发〔%d〕86号", date.Year()), "苏和")
	c.titleLines(title...)
	c.skip(1)
	c.flush("旗人民政府：")
	for _, p := range reportOpening {
		c.para(p)
	}
	for _, s := range reportSections {
		c.section(s.heading)
		for _, p := range s.paragraphs {
			c.para(p)
		}
	}
	c.para("上述各项工作的主要指标完成情况见下表。")
	c.next = c.indicators
	c.section("五、各苏木乡镇工作情况")
	for i, name := range townships {
		c.section(fmt.Sprintf("（%s）%s", chinese(i+1), name))
		for _, p := range township(i, name) {
			c.para(p)
		}
	}
	for _, s := range reportClosing {
		c.section(s.heading)
		for _, p := range s.paragraphs {
			c.para(p)
		}
	}
	c.para("特此报告。")
	c.taken = 3
	c.sign(bureau, day(date))
	c.imprint("旗人民政府教育督导室，旗财政局，旗审计局。", bureau, day(date))
	return c, nil
}

// indicators is a table that fills a page.
func (c *composer) indicators() {
	c.centred(areaLeft+areaWidth/2, middle(0), columnPitch, "义务教育优质均衡发展主要指标完成情况", strong)
	c.row = 1
	c.table([]float64{12, 78, 22, 22, 22}, []string{"序号", "指标", "标准", "小学", "初中"}, reportFigures)
}

type passage struct {
	heading    string
	paragraphs []string
}

var townships = []string{"巴彦塔拉镇", "查干淖尔镇", "乌兰哈达苏木", "白音宝力格苏木", "哈日根台镇", "赛罕塔拉苏木",
	"新开河镇", "胜利乡", "阿日昆都苏木", "柳河镇", "额尔敦乌拉苏木", "东风乡"}

// chinese writes a number below 100 with Chinese characters.
func chinese(n int) string {
	digits := []rune("零一二三四五六七八九")
	switch {
	case n < 10:
		return string(digits[n])
	case n < 20:
		return "十" + tail(digits, n)
	}
	return string(digits[n/10]) + "十" + tail(digits, n)
}

func tail(digits []rune, n int) string {
	if n%10 == 0 {
		return ""
	}
	return string(digits[n%10])
}

// township is the report on one place. The numbers follow from its place in the list.
func township(i int, name string) []string {
	schools, pupils := 2+i*5%4, 386+i*173%911
	teachers := pupils/11 + 4
	boarding := pupils * (31 + i*7%23) / 100
	return []string{
		fmt.Sprintf("%s现有义务教育阶段学校%d所，在校学生%d人，其中寄宿生%d人；在编教职工%d人，专任教师学历达标率为100%%。%s",
			name, schools, pupils, boarding, teachers, pick(i, placeNotes)),
		fmt.Sprintf("办学条件方面，本年度投入资金%d万元，%s校舍和运动场地生均面积均达到标准，建成多媒体教室%d间、录播教室%d间，生均图书%d册。",
			62+i*37%140, pick(i, buildings), 12+i*5%17, 1+i%3, 26+i*3%11),
		fmt.Sprintf("教师队伍方面，%s全年组织校本教研%d次，参加旗级以上培训%d人次，交流轮岗教师%d人，其中骨干教师%d人。",
			pick(i, staffing), 18+i*5%15, teachers+i*9%30, 3+i%5, 1+i%3),
		fmt.Sprintf("教育教学方面，%s课后服务参与率达到%d.%d%%，体质健康测试合格率达到%d.%d%%，九年级学生巩固率达到%d.%d%%。",
			pick(i, teaching), 93+i%6, i*3%10, 91+i%7, i*7%10, 98+i%2, i*5%10),
		fmt.Sprintf("安全和后勤方面，%s组织应急疏散演练%d次、安全教育主题活动%d次，排查整改隐患%d处；学校食堂全部实现互联网加明厨亮灶，大宗食材集中采购率为100%%，营养改善计划惠及学生%d人。",
			pick(i, safety), 8+i%5, 14+i*3%9, 5+i*4%9, boarding+i*11%60),
		fmt.Sprintf("家校协同方面，%s全年家访%d户次，召开家长会%d场，聘请校外辅导员%d人，群众对学校工作满意度为%d.%d%%。",
			pick(i, families), pupils-20-i*3, 10+i*2%7, 4+i%6, 95+i%4, i*3%10),
		fmt.Sprintf("存在的主要问题：%s下一步，%s", pick(i, problems), pick(i, plans)),
	}
}

// pick chooses in turn.
func pick(i int, from []string) string { return from[i%len(from)] }
