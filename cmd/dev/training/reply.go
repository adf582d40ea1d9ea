package training

import (
	"fmt"
	"time"
)

// The two units of the practice office.
const (
	office = "示范旗人民政府办公室"
	bureau = "示范旗教育局"
)

// reply is a one-page 批复 in the letter form.
func reply(date time.Time) (*composer, error) {
	const subject = "关于同意设立旗全民阅读推广中心的批复"
	c, err := newLetter(office+subject, office, date)
	if err != nil {
		return nil, err
	}
	c.letterHead(office, fmt.Sprintf("示政办函〔%d〕37号", date.Year()))
	c.titleLines(office, subject)
	c.skip(1)
	c.flush("旗文化和旅游局：")
	c.para(fmt.Sprintf("你局《关于设立示范旗全民阅读推广中心的请示》（示文旅发〔%d〕21号）收悉。经旗人民政府同意，现批复如下：", date.Year()))
	c.para("一、同意设立示范旗全民阅读推广中心，在旗图书馆挂牌，不增加机构编制，所需人员由你局内部调剂解决。")
	c.para("二、推广中心主要承担全民阅读活动组织、苏木乡镇图书分馆业务指导、流动图书车管理等工作，每年服务农牧民不少于200场次。")
	c.para("三、请你局会同旗财政局、旗教育局抓紧拟定工作方案，于下月底前报旗人民政府办公室备案。")
	c.para("此复。")
	c.sign(office, day(date))
	return c, nil
}
