package intake

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"waihu/models"
)

func TestRunHeadingAndColumn(t *testing.T) {
	cases := map[string]struct {
		data   string
		header bool
		column int
		valid  int64
	}{
		"numbers only":             {"13800138000\n13900139000\n", false, 0, 2},
		"one word above":           {"手机号\n13800138000\n", true, 0, 1},
		"bad first number stays":   {"138\n13800138000\n", false, 0, 1},
		"bad first word stays":     {"abc\n13800138000\n", false, 0, 1},
		"no heading":               {"张三,13800138000\n李四,13900139000\n", false, 1, 2},
		"ID number also says 号码":   {"身份证号码,联系电话\n440301199001011234,13800138000\n440301199001011235,13900139000\n", true, 1, 2},
		"order numbers look alike": {"订单号码,手机\n13800138001,13800138000\n13800138002,13900139000\n", true, 1, 2},
		"english":                  {"Customer,Mobile phone,City\nA,13800138000,X\n", true, 1, 1},
		"all bad but named":        {"name,phone\na,xx\nb,yy\n", true, 1, 0},
		"mobile before phone":      {"电话,手机\n075512345678,13800138000\n075512345679,13900139000\n", true, 1, 2},
		"spoilt by a spreadsheet":  {"a,b\n1,1.38E+10\n2,1.39E+10\n", true, 1, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			look, err := Preview(strings.NewReader(c.data), int64(len(c.data)), "x.csv", Options{})
			if err != nil || look.Header != c.header || look.Column != c.column {
				t.Errorf("preview %+v, %v, want heading %v, column %d", look, err, c.header, c.column)
			}
			counts, _, err := run(t, []byte(c.data), Options{}, newMemory())
			lines := int64(strings.Count(c.data, "\n"))
			if c.header {
				lines--
			}
			if err != nil || counts.Valid != c.valid || counts.Rows != lines {
				t.Errorf("counts %+v, %v, want %d of %d", counts, err, c.valid, lines)
			}
		})
	}
}

func TestRunRefusesFiles(t *testing.T) {
	cases := map[string]struct {
		data []byte
		o    Options
		code string
	}{
		"empty":              {nil, Options{}, CodeEmpty},
		"only a mark":        {[]byte("\ufeff"), Options{}, CodeEmpty},
		"blank lines":        {[]byte("\n\r\n ,,\n"), Options{}, CodeEmpty},
		"NUL":                {[]byte("13800138000\x00\n13900139000\n"), Options{}, CodeBinary},
		"program":            {append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 4000)...), Options{}, CodeBinary},
		"picture":            {[]byte("\x89PNG\r\n\x1a\n13800138000"), Options{}, CodeBinary},
		"sound":              {[]byte("RIFF....WAVE"), Options{}, CodeBinary},
		"PDF":                {[]byte("%PDF-1.4\n13800138000"), Options{}, CodeBinary},
		"old Excel":          {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on"), Options{}, CodeXLS},
		"cut ZIP":            {[]byte("PK\x03\x04 and so on"), Options{}, CodeXLSX},
		"11 columns":         {[]byte("手机,b,c,d,e,f,g,h,i,j,k\n13800138000,2,3,4,5,6,7,8,9,10,11\n"), Options{}, CodeColumns},
		"no number column":   {[]byte("name,age\na,3\nb,4\n"), Options{}, CodeColumnNotFound},
		"unknown column":     {[]byte(table), Options{Column: "电邮"}, CodeColumnUnknown},
		"column 11":          {[]byte(table), Options{Column: "11"}, CodeColumnUnknown},
		"column 0":           {[]byte(table), Options{Column: "0"}, CodeColumnUnknown},
		"unknown encoding":   {[]byte(table), Options{Encoding: "ebcdic"}, CodeEncoding},
		"unknown delimiter":  {[]byte(table), Options{Delimiter: "::"}, CodeDelimiter},
		"digit as delimiter": {[]byte(table), Options{Delimiter: "8"}, CodeDelimiter},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			sink := newMemory()
			_, _, err := run(t, c.data, c.o, sink)
			var e *models.Error
			if !errors.As(err, &e) || e.Fields[0].Code != c.code || e.Fields[0].Field == "" || e.Fields[0].Text == "" || e.Fields[0].TextZH == "" {
				t.Errorf("Run = %v, want %s in both languages", err, c.code)
			}
			if sink.calls != 0 {
				t.Errorf("%d blocks stored of a refused file", sink.calls)
			}
		})
	}
}

func TestRunRejectsRows(t *testing.T) {
	good := "\n13900139000,end\n"
	cases := map[string]struct {
		data  string
		codes []string
		valid int64
	}{
		"11 columns":         {"手机,b\n13800138000,2,3,4,5,6,7,8,9,10,11" + good, []string{"2:too_many_columns"}, 1},
		"11th is padding":    {"手机,b\n13800138000,2,3,4,5,6,7,8,9,10,," + good, nil, 2},
		"200 columns":        {"手机,b\n13800138000" + strings.Repeat(",x", 199) + good, []string{"2:too_many_columns"}, 1},
		"no number":          {"名,手机\n张三\n张三,13900139000\n", []string{"2:column_missing"}, 1},
		"empty number":       {"名,手机\n张三,\n张三,13900139000\n", []string{"2:number_empty"}, 1},
		"4 MB line":          {"手机,b\n13800138000," + strings.Repeat("x", 4<<20) + good, []string{"2:line_too_long"}, 1},
		"long cell":          {"手机,b\n13800138000," + strings.Repeat("x", MaxCell+1) + good, []string{"2:cell_too_long"}, 1},
		"quote never closed": {"手机,b\n13800138000,\"x\n13700137000,y" + good, []string{"2:quote_not_closed"}, 2},
		"quote at the end":   {"手机,b\n13900139000,end\n13800138000,\"x", []string{"3:quote_not_closed"}, 1},
		"line break inside":  {"手机,b\n13800138000,\"x\ny\"" + good, nil, 2},
		"inch mark":          {"手机,b\n13800138000,5\" pipe" + good, nil, 2},
		"two numbers":        {"手机,b\n13800138000/13700137000,x" + good, []string{"2:number_several"}, 1},
		"break in number":    {"手机,b\n\"138001\n38000\",x" + good, []string{"2:number_characters"}, 1},
		"injection":          {"手机,b\n\"13800138000{a=b},'x';\",x" + good, []string{"2:number_letters"}, 1},
		"emergency":          {"手机,b\n110,x" + good, []string{"2:emergency_number"}, 1},
		"mixed encodings":    {"手机,名\n13800138000,\xd5\xc5" + strings.Repeat("\n13900139000,这里有很多正常的汉字", 3) + "\n", []string{"4:duplicate", "5:duplicate"}, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			counts, rejects, err := run(t, []byte(c.data), Options{}, newMemory())
			if err != nil || !slices.Equal(rejects.codes(), append([]string{}, c.codes...)) || counts.Valid != c.valid {
				t.Errorf("rejects %v, counts %+v, %v; want %v and %d valid", rejects.codes(), counts, err, c.codes, c.valid)
			}
			for _, r := range rejects.rs {
				if r.Text == "" || r.TextZH == "" || strings.Contains(r.Text, "%!") {
					t.Errorf("reject without a text: %+v", r)
				}
			}
		})
	}
	t.Run("late NUL", func(t *testing.T) {
		data := "手机\n" + strings.Repeat("13900139000\n", 500) + "138001\x0038000\n"
		counts, rejects, err := run(t, []byte(data), Options{}, newMemory())
		if err != nil || counts.Valid != 1 || !slices.Contains(rejects.codes(), "502:control_characters") {
			t.Errorf("counts %+v, rejects %v, %v", counts, rejects.codes(), err)
		}
	})
}
