package campaign

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"waihu/models"
)

// Launch is what is known of a campaign that is about to start.
type Launch struct {
	Campaign models.Campaign
	Now      time.Time
	Faults   []models.FieldError // what its own checks refuse
	List     models.ContactList  // zero when none is chosen
	Facts    models.ListFacts    // of the list, as the campaign would meet it
	Voice    models.VoiceFile    // zero when none is chosen
	Callers  []models.CallerNumber
	Trunks   []models.Trunk // those that it chose
	Agents   []models.Agent // those of its queue who are in use; none unless answers go straight to agents
}

// Preflight is what to know before a campaign starts, the worst first: what keeps it from starting (error), what will go otherwise
// than its owner may expect (warning), what he may like to know (info).
func Preflight(l Launch) []models.Finding {
	f := findings{}
	for _, v := range l.Faults {
		f.once("error", v.Code, v.Field, v.Text, v.TextZH)
	}
	l.approvals(&f)
	l.hours(&f)
	if l.Campaign.ContactListID != 0 {
		l.numbers(&f)
		l.zones(&f)
	}
	if len(l.Trunks) > 0 {
		l.lines(&f)
	}
	rank := func(level string) int { return strings.Index("error warning info", level) }
	slices.SortStableFunc(f.all, func(a, b models.Finding) int { return rank(a.Level) - rank(b.Level) })
	return f.all
}

type findings struct{ all []models.Finding }

func (f *findings) add(level, code, field, text, textZH string) {
	f.all = append(f.all, models.Finding{Level: level, Code: code, Field: field, Text: text, TextZH: textZH})
}

// once adds what was not said of the field before.
func (f *findings) once(level, code, field, text, textZH string) {
	if !slices.ContainsFunc(f.all, func(have models.Finding) bool { return have.Code == code && have.Field == field }) {
		f.add(level, code, field, text, textZH)
	}
}

func (l Launch) approvals(f *findings) {
	waits := func(a models.Approval, field, what, whatZH string) {
		switch a {
		case models.ApprovalPending:
			f.add("warning", "waiting_approval", field, what+" waits for approval; the campaign starts once it is approved", whatZH+"等待审核，通过后任务才能开始")
		case models.ApprovalRejected:
			f.add("error", "rejected", field, what+" was rejected; choose another one", whatZH+"未通过审核，请更换")
		default:
		}
	}
	waits(l.List.Approval, "contact_list_id", "the number file", "被叫文件")
	waits(l.Voice.Approval, "voice_file_id", "the voice file", "语音文件")
	for _, v := range l.Callers {
		waits(v.Approval, "caller_ids", "the caller number "+v.Number, "去电号码 "+v.Number)
	}
}

// hours tells when the campaign may call.
func (l Launch) hours(f *findings) {
	zone, err := time.LoadLocation(l.Campaign.Rules.Zone)
	if err != nil {
		return // the check of the settings has said so
	}
	gate, open := NewCalendar(l.Campaign.Rules, time.LoadLocation).Open("", l.Now)
	switch {
	case gate == models.GateOpen:
	case open.IsZero():
		f.add("error", "never_open", "windows", "the hours leave no time to call within a year; add calling hours", "一年内没有可呼叫时段，请添加呼叫时段")
	default:
		at := open.In(zone).Format("2006-01-02 15:04")
		f.add("info", "opens_later", "windows", "outside the calling hours now; calls begin "+at, "当前不在呼叫时段，将于 "+at+" 开始呼叫")
	}
}

// share is n of the list's numbers, with the percentage.
func (l Launch) share(n int64) string {
	return fmt.Sprintf("%d (%.1f %%)", n, 100*float64(n)/float64(max(l.Facts.Numbers, 1)))
}

func (l Launch) numbers(f *findings) {
	if l.Facts.Numbers == 0 {
		f.add("error", "list_empty", "contact_list_id", "the number file holds no number that can be called", "被叫文件中没有可呼叫的号码")
	}
	if n := l.Facts.Blacklisted; n > 0 {
		f.add("info", "blacklisted", "contact_list_id", l.share(n)+" numbers are on the blacklist and will not be called", l.share(n)+" 个号码在黑名单中，不会呼叫")
	}
	if n := l.Facts.Elsewhere; n > 0 {
		f.add("warning", "elsewhere", "contact_list_id", l.share(n)+" numbers are due in other campaigns too; nobody is in two calls, but may be called by both",
			l.share(n)+" 个号码在其他任务中也待呼叫；不会同时呼叫，但可能先后被两个任务呼叫")
	}
}

// zones tells how many numbers must wait for the hours of their own zone.
func (l Launch) zones(f *findings) {
	if !l.Campaign.Rules.NumberZone {
		return
	}
	calendar, closed := NewCalendar(l.Campaign.Rules, time.LoadLocation), int64(0)
	for zone, n := range l.Facts.Zones {
		if gate, _ := calendar.Open(zone, l.Now); zone != "" && gate != models.GateOpen {
			closed += n
		}
	}
	if gate, _ := calendar.Open("", l.Now); gate == models.GateOpen && closed > 0 {
		f.add("info", "zone_closed", "windows", l.share(closed)+" numbers are in zones where it is outside the calling hours now; they are called when those open",
			l.share(closed)+" 个号码所在时区当前不在呼叫时段，将在其时段开始后呼叫")
	}
	if unknown := l.Facts.Zones[""]; unknown > 0 {
		f.add("info", "zone_unknown", "number_zone", l.share(unknown)+" numbers have no zone of their own; the campaign's counts for them", l.share(unknown)+" 个号码无法判断时区，按任务时区处理")
	}
}

// lines compares trunks with the calls and the agents that will need them.
func (l Launch) lines(f *findings) {
	c, lines, unlimited := l.Campaign, 0, false
	for _, t := range l.Trunks {
		lines += t.Lines
		unlimited = unlimited || t.Lines == 0
		if t.Paused {
			f.add("warning", "trunk_paused", "trunk_ids", "trunk "+t.Name+" is paused", "中继 "+t.Name+" 已暂停")
		}
	}
	if most := c.MaxConcurrency; !unlimited && most > lines {
		f.add("warning", "few_lines", "max_concurrency", fmt.Sprintf("%d calls at once are allowed, but the trunks have %d lines", most, lines),
			fmt.Sprintf("最大并发 %d，但中继只有 %d 线", most, lines))
	}
	if c.Mode != models.ModeDirectAgent {
		return
	}
	agents := len(l.Agents)
	if need := agents + int(c.Rules.Ratio*float64(agents)); !unlimited && need > lines {
		f.add("warning", "few_lines", "trunk_ids", fmt.Sprintf("%d agents can need %d lines, the trunks have %d", agents, need, lines),
			fmt.Sprintf("%d 名坐席最多需要 %d 线，中继只有 %d 线", agents, need, lines))
	}
	for _, v := range PacingWarnings(c, l.Agents) {
		f.add("warning", v.Code, v.Field, v.Text, v.TextZH)
	}
}
