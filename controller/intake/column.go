package intake

import (
	"fmt"
	"strconv"
	"strings"

	"waihu/controller/number"
	"waihu/models"
)

// heading words that name the number column, best first. A heading matches when it contains the word.
func numberWords() []string {
	return []string{"手机", "mobile", "cellphone", "电话", "phone", "被叫", "callee", "号码", "tel", "number", "msisdn", "联系方式", "cell"}
}

// other heading words: they show that a row is a heading although it names no number column.
func headingWords() []string {
	return []string{"姓名", "名称", "客户", "name", "地址", "address", "备注", "remark", "note", "原因", "reason", "编号", "公司", "company", "日期", "date", "金额", "amount"}
}

// findColumn tells whether the first record is a heading and which column has the numbers.
func (f *file) findColumn(o Options, need bool) error {
	first := f.sample[0].fields
	f.header = isHeader(first, f.sample[0].fault)
	if f.header {
		// Excel pads a table with empty columns; they are no columns of the list.
		if len(trimEmpty(first)) > models.MaxColumns {
			return models.NewError(models.Invalid, fieldFile, CodeColumns,
				fmt.Sprintf("row %d: the heading has %d columns and a list has at most %d; remove the columns that are not needed",
					f.sample[0].line, len(trimEmpty(first)), models.MaxColumns),
				fmt.Sprintf("第 %d 行：表头有 %d 列，名单最多 %d 列；请删除不需要的列", f.sample[0].line, len(trimEmpty(first)), models.MaxColumns))
		}
		f.sample[0].fields = trimEmpty(first)
	}
	if o.Column != "" {
		return f.columnByName(o.Column)
	}
	return f.guessColumn(o, need)
}

// isHeader: a heading names things, so it has no number in it, and it has a word that headings have or several cells of
// words.
func isHeader(fields []string, fault string) bool {
	if fault != "" {
		return false
	}
	words, digits := 0, 0
	for _, cell := range fields {
		cell = strings.ToLower(strings.TrimSpace(cell))
		if cell == "" {
			continue
		}
		if looksLikeNumber(cell, "") || countDigits(cell) >= 5 {
			return false
		}
		words++
		if countDigits(cell) > 0 {
			digits++
		}
		for _, w := range append(numberWords(), headingWords()...) {
			if strings.Contains(cell, w) && len(cell) <= 60 {
				return true
			}
		}
	}
	return words >= 2 && digits == 0
}

func countDigits(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i]-'0' <= 9 {
			n++
		}
	}
	return n
}

// looksLikeNumber reports whether a cell holds a telephone number, callable or not.
func looksLikeNumber(cell, region string) bool {
	_, bad := number.Normalise(cell, region, number.Policy{Countries: []string{number.AnyCountry}})
	switch {
	case bad == nil:
		return true
	case bad.Code == number.CodeShort || bad.Code == number.CodeEmergency: // customers' own numbers look the same
		return false
	case bad.Code == number.CodeScientific: // a telephone number that a spreadsheet has spoilt
		return true
	default:
		return bad.ByPolicy()
	}
}

func (f *file) columnByName(name string) error {
	if f.header {
		for i, h := range f.sample[0].fields {
			if strings.EqualFold(strings.TrimSpace(h), strings.TrimSpace(name)) {
				f.column = i
				return nil
			}
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= models.MaxColumns {
		f.column = n - 1
		return nil
	}
	have := "the file has no heading"
	zh := "文件没有表头"
	if f.header {
		have = "the headings are " + strings.Join(f.sample[0].fields, ", ")
		zh = "表头为 " + strings.Join(f.sample[0].fields, "、")
	}
	return models.NewError(models.Invalid, fieldColumn, CodeColumnUnknown,
		fmt.Sprintf("there is no column %q: %s; give one of them or a place from 1 to %d", name, have, models.MaxColumns),
		fmt.Sprintf("没有名为 %q 的列：%s；请填写其中之一，或 1 到 %d 的列序号", name, zh, models.MaxColumns))
}

// guessColumn weighs what the cells hold (an order number also says 号码) and what the heading says.
func (f *file) guessColumn(o Options, need bool) error {
	best, bestScore := -1, 0.0
	for c := range models.MaxColumns {
		score := 2 * f.share(c, o.Region)
		if f.header && c < len(f.sample[0].fields) {
			heading := strings.ToLower(f.sample[0].fields[c])
			for i, w := range numberWords() {
				if strings.Contains(heading, w) {
					score += 1 - 0.05*float64(i)
					break
				}
			}
		}
		if score > bestScore+1e-9 {
			best, bestScore = c, score
		}
	}
	// Below half a column of numbers and without a heading that names it, a guess would call order numbers.
	if best >= 0 && bestScore >= 0.5 {
		f.column = best
		return nil
	}
	if !f.header && f.width() <= 1 {
		f.column = 0
		return nil
	}
	if !need {
		return nil
	}
	return models.NewError(models.Invalid, fieldColumn, CodeColumnNotFound,
		"no column looks like telephone numbers; name the number column by its heading or its place (1 to 10), and check the encoding and the delimiter",
		"没有找到电话号码列；请用表头名称或列序号（1 到 10）指定号码列，并检查编码和分隔符")
}

// share is how many of the sample's rows have a number in column c.
func (f *file) share(c int, region string) float64 {
	rows, numbers := 0, 0
	for i, r := range f.sample {
		if i == 0 && f.header || r.fault != "" {
			continue
		}
		rows++
		if c < len(r.fields) && looksLikeNumber(r.fields[c], region) {
			numbers++
		}
	}
	if rows == 0 {
		return 0
	}
	return float64(numbers) / float64(rows)
}

func (f *file) width() int {
	n := 0
	for _, r := range f.sample {
		n = max(n, len(trimEmpty(r.fields)))
	}
	return n
}

// headings are the columns of the list: those of the file, or their places.
func (f *file) headings() []string {
	if f.header {
		return f.sample[0].fields
	}
	hs := make([]string, min(f.width(), models.MaxColumns))
	for i := range hs {
		hs[i] = strconv.Itoa(i + 1)
	}
	return hs
}

func trimEmpty(fields []string) []string {
	for len(fields) > 0 && strings.TrimSpace(fields[len(fields)-1]) == "" {
		fields = fields[:len(fields)-1]
	}
	return fields
}
