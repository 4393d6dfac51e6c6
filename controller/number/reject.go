package number

import "fmt"

// reject gives the text of a code. what is the country or kind that the policy does not allow, else unused.
func reject(code, what string) *Reject {
	text, zh := sentence(code)
	if code == CodeCountry || code == CodeKind {
		text, zh = fmt.Sprintf(text, what), fmt.Sprintf(zh, what)
	}
	return &Reject{Code: code, Text: text, TextZH: zh}
}

func sentence(code string) (en, zh string) {
	switch code {
	case CodeEmpty:
		return "there is no number; fill in the number column or leave the row out", "号码为空；请填写号码列或删除该行"
	case CodeLetters:
		return "the number contains letters; write digits only", "号码中含有字母；请只填写数字"
	case CodeCharacters:
		return "the number contains characters that no number has; write digits, and at most + ( ) - and spaces",
			"号码中含有非法字符；只允许数字以及 + ( ) - 和空格"
	case CodeScientific:
		return "the spreadsheet shortened the number (as in 1.38E+10) and digits are lost; format the column as text and export again",
			"号码被表格软件转成科学计数法（如 1.38E+10），位数已丢失；请把该列设为文本格式后重新导出"
	case CodeDecimal:
		return "the number has a decimal point; format the column as text and export again", "号码带有小数点；请把该列设为文本格式后重新导出"
	case CodeSeveral:
		return "the cell holds several numbers; give each number a row of its own", "一个单元格里有多个号码；请每行只写一个号码"
	case CodeTooShort:
		return "the number is too short; a fixed line needs its area code (0755...), a mobile has 11 digits",
			"号码位数不足；固定电话须带区号（如 0755…），手机号为 11 位"
	case CodeTooLong:
		return "the number has too many digits; a mobile has 11 digits, write one number only", "号码位数过多；手机号为 11 位，且只能填写一个号码"
	default:
		return policySentence(code)
	}
}

func policySentence(code string) (en, zh string) {
	switch code {
	case CodeUnlisted:
		return "no such mobile segment is allocated for voice; check the first four digits, or allow unlisted segments in the configuration",
			"该号段未分配给语音手机用户；请核对号码前四位，或在配置中允许未登记号段"
	case CodeCountry:
		return "numbers of country %s are not allowed; add the country to the allowed countries if these calls are wanted",
			"不允许呼叫国家/地区 %s 的号码；如确需呼叫，请将其加入允许的国家"
	case CodeKind:
		return "numbers of kind %s are not allowed; add the kind to the allowed kinds if these calls are wanted",
			"不允许呼叫 %s 类型的号码；如确需呼叫，请将其加入允许的号码类型"
	case CodeShort:
		return "short service numbers are never called; give the subscriber's full number", "不呼叫短号/服务号码；请填写完整的用户号码"
	case CodeEmergency:
		return "emergency numbers are never called; remove the row", "绝不呼叫紧急号码；请删除该行"
	case CodeSatellite:
		return "satellite numbers are never called; remove the row", "不呼叫卫星电话号码；请删除该行"
	default:
		return "this is no valid number of its country; check area code and number of digits", "不是有效的电话号码；请核对区号和位数"
	}
}
