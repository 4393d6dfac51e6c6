package intake

import (
	"fmt"
	"sort"
	"strings"

	"waihu/models"
)

// fault names what is wrong with a row before its number is looked at.
func fault(fields []string, column int) string {
	if len(fields) > models.MaxColumns {
		return CodeColumns
	}
	for _, f := range fields {
		if len(f) > MaxCell {
			return CodeCellLength
		}
		// Line breaks and tabs within quotes are ordinary text; the rest is debris that breaks exports and screens.
		for i := 0; i < len(f); i++ {
			if f[i] < 0x20 && f[i] != '\n' && f[i] != '\t' && f[i] != '\r' || f[i] == 0x7f {
				return CodeControl
			}
		}
	}
	if column >= len(fields) {
		return CodeNoColumn
	}
	return ""
}

// rejected gives the reason of a code in both languages.
func rejected(r row, code string) Rejected {
	out := Rejected{Row: r.line, Code: code, Fields: r.fields}
	switch code {
	case CodeColumns:
		out.Text = fmt.Sprintf("the row has %d columns and a list has at most %d; remove columns, or put text that contains the delimiter in quotes",
			len(r.fields), models.MaxColumns)
		out.TextZH = fmt.Sprintf("该行有 %d 列，名单最多 %d 列；请删除多余的列，或给含有分隔符的文字加引号", len(r.fields), models.MaxColumns)
	case CodeLineLength:
		out.Text = fmt.Sprintf("the row is longer than %d bytes; shorten it", MaxLine)
		out.TextZH = fmt.Sprintf("该行超过 %d 字节；请缩短", MaxLine)
	case CodeCellLength:
		out.Text = fmt.Sprintf("a cell is longer than %d bytes; shorten it", MaxCell)
		out.TextZH = fmt.Sprintf("单元格超过 %d 字节；请缩短", MaxCell)
	case CodeControl:
		out.Text = "the row contains control characters (such as NUL); remove them, or check the encoding"
		out.TextZH = "该行含有控制字符（如 NUL）；请删除，或检查编码"
	case CodeQuote:
		out.Text = "a quote is opened and not closed; close it, or double a quote that is part of the text"
		out.TextZH = "引号没有闭合；请补上引号，文字中的引号请写成两个"
	case CodeNoColumn:
		out.Text = fmt.Sprintf("the row has %d columns and none for the number; fill it in, or check the delimiter", len(r.fields))
		out.TextZH = fmt.Sprintf("该行只有 %d 列，缺少号码列；请补全，或检查分隔符", len(r.fields))
	case CodePrefix:
		out.Text = "the prefix is too short: it would forbid a whole country; write at least two digits behind the country code"
		out.TextZH = "前缀过短，会禁止整个国家的号码；国家代码后请至少写两位"
	}
	return out
}

func blacklisted(c models.Contact, e models.BlacklistEntry) Rejected {
	why, zh := "", ""
	if reason := strings.TrimSpace(e.Reason); reason != "" {
		why, zh = " ("+reason+")", "（"+reason+"）"
	}
	return Rejected{
		Row: c.Row, Code: CodeBlacklisted, Fields: c.Fields,
		Text:   "the number is on the blacklist" + why + "; it is not called",
		TextZH: "号码在黑名单中" + zh + "；不会呼叫",
	}
}

// duplicates makes rejects of the rows that the sink had already; contacts are in the order of their rows.
func duplicates(contacts []models.Contact, rows []int64) []Rejected {
	out := make([]Rejected, 0, len(rows))
	for _, n := range rows {
		r := Rejected{
			Row: n, Code: CodeDuplicate,
			Text:   "the number is in this list already; it is called once",
			TextZH: "号码在本名单中重复；只呼叫一次",
		}
		if i := sort.Search(len(contacts), func(i int) bool { return contacts[i].Row >= n }); i < len(contacts) && contacts[i].Row == n {
			r.Fields = contacts[i].Fields
		}
		out = append(out, r)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Row < out[j].Row })
	return out
}
