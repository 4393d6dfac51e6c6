package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"waihu/models"
)

// ParseWindows reads calling windows: "mon-fri 09:00-12:00,14:00-20:00", "sat,sun 10:00-12:00", "daily 08:00-21:00",
// "周一-周五 09:00-12:00". Each line is an item of the list. It returns them in the order of the week; windows that
// overlap, or that cross midnight, are a *models.Error whose field is key[i].
func ParseWindows(key string, lines []string) ([]models.Window, error) {
	type placed struct {
		models.Window
		line int
	}
	var all []placed
	e := &models.Error{Kind: models.Invalid}
	for i, line := range lines {
		ws, text, textZH := parseWindow(line)
		if text != "" {
			e.Add(fmt.Sprintf("%s[%d]", key, i), "window", text, textZH)
			continue
		}
		for _, w := range ws {
			for _, o := range all {
				if o.Weekday == w.Weekday && o.From < w.To && w.From < o.To {
					e.Add(fmt.Sprintf("%s[%d]", key, i), "overlap",
						fmt.Sprintf("%s overlaps %s of %s[%d]: make them one window", FormatWindow(w), FormatWindow(o.Window), key, o.line),
						fmt.Sprintf("%s 与 %s[%d] 的 %s 重叠：请合并为一个时段", FormatWindow(w), key, o.line, FormatWindow(o.Window)))
				}
			}
			all = append(all, placed{w, i})
		}
	}
	if err := e.OrNil(); err != nil {
		return nil, err
	}
	out := make([]models.Window, 0, len(all))
	for _, p := range all {
		out = append(out, p.Window)
	}
	slices.SortFunc(out, func(a, b models.Window) int {
		if a.Weekday != b.Weekday {
			return int(a.Weekday) - int(b.Weekday)
		}
		return a.From - b.From
	})
	return out, nil
}

// FormatWindow writes one window as it is read: "mon 09:00-12:00".
func FormatWindow(w models.Window) string {
	return fmt.Sprintf("%s %02d:%02d-%02d:%02d", dayNames()[w.Weekday], w.From/60, w.From%60, w.To/60, w.To%60)
}

func dayNames() [7]string { return [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

func parseWindow(line string) (ws []models.Window, text, textZH string) {
	days, hours, ok := strings.Cut(strings.TrimSpace(line), " ")
	if !ok {
		return nil, fmt.Sprintf("%q lacks days or hours: write mon-fri 09:00-12:00,14:00-20:00", line),
			fmt.Sprintf("%q 缺少星期或时间：请写成 mon-fri 09:00-12:00,14:00-20:00", line)
	}
	wanted, bad := parseDays(days)
	if bad != "" {
		return nil, fmt.Sprintf("%q is no weekday: mon tue wed thu fri sat sun, daily, or mon-fri", bad),
			fmt.Sprintf("%q 不是星期：可用 mon tue wed thu fri sat sun、daily 或 mon-fri（周一-周五）", bad)
	}
	for _, span := range strings.Split(hours, ",") {
		span = strings.TrimSpace(span)
		from, to, ok := strings.Cut(span, "-")
		a, okA := parseMinute(from)
		b, okB := parseMinute(to)
		if !ok || !okA || !okB {
			return nil, fmt.Sprintf("%q is no span of hours: write 09:00-12:00, up to 24:00", span),
				fmt.Sprintf("%q 不是时间段：请写成 09:00-12:00，最晚 24:00", span)
		}
		if a >= b {
			return nil, fmt.Sprintf("%q ends before it begins: split it at midnight (22:00-24:00 and 00:00-02:00 of the next day)", span),
				fmt.Sprintf("%q 的结束早于开始：请在午夜处拆成两段（22:00-24:00 与次日 00:00-02:00）", span)
		}
		for _, d := range wanted {
			ws = append(ws, models.Window{Weekday: d, From: a, To: b})
		}
	}
	return ws, "", ""
}

// parseDays reads "mon", "mon-fri", "sat,sun", "fri-mon", "daily"; bad is the part it does not understand.
func parseDays(s string) (days []time.Weekday, bad string) {
	var on [7]bool
	for _, part := range strings.Split(strings.ToLower(s), ",") {
		if part == "daily" || part == "每天" {
			on = [7]bool{true, true, true, true, true, true, true}
			continue
		}
		from, to, isRange := strings.Cut(part, "-")
		a, okA := parseDay(from)
		b := a
		okB := true
		if isRange {
			b, okB = parseDay(to)
		}
		if !okA || !okB {
			return nil, part
		}
		for d := a; ; d = (d + 1) % 7 {
			on[d] = true
			if d == b {
				break
			}
		}
	}
	for d := range on {
		if on[d] {
			days = append(days, time.Weekday(d))
		}
	}
	return days, ""
}

func parseDay(s string) (time.Weekday, bool) {
	for d, name := range dayNames() {
		if s == name {
			return time.Weekday(d), true
		}
	}
	for d, name := range [7]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"} {
		if s == name {
			return time.Weekday(d), true
		}
	}
	return 0, false
}

// parseMinute reads 09:00 as minutes after midnight; 24:00 is the end of the day.
func parseMinute(s string) (int, bool) {
	s = strings.TrimSpace(s)
	if len(s) == 4 {
		s = "0" + s
	}
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	m := int(s[0]-'0')*600 + int(s[1]-'0')*60 + int(s[3]-'0')*10 + int(s[4]-'0')
	return m, m <= 1440 && s[3] < '6'
}
