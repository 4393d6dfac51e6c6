package store

import (
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

// inCallWait is when a number that another campaign is calling is looked at again.
const inCallWait = 30 * time.Second

// day is the least that is waited for the next day: where clocks are set back a day has 25 hours, and a lead must not be
// looked at again and again in the last one.
const day, dayAgain = 24 * time.Hour, time.Hour

// gates are what the database knows against calling some numbers at now.
type gates struct {
	now       time.Time
	rules     models.Rules
	blacklist map[string]models.BlacklistEntry
	sent      map[string][]time.Time // campaign attempts of the organization, in any order
	open      map[string]bool
	alone     map[string]time.Time // left alone without an agent: until when they wait
}

// look reads the gates for numbers. since is from when on attempts count for the rules.
func (s *Store) look(tx *gorm.DB, org int64, rules models.Rules, numbers []string, now, since time.Time) (gates, error) {
	g := gates{now: now, rules: rules}
	var err error
	if g.blacklist, err = s.blacklisted(tx, org, numbers, now); err != nil {
		return g, fmt.Errorf("check blacklist: %w", err)
	}
	if rules.PerNumberDay > 0 || rules.MinGapSeconds > 0 {
		if g.sent, err = sentSince(tx, org, numbers, since); err != nil {
			return g, fmt.Errorf("check limits per number: %w", err)
		}
	}
	return g, nil
}

func sentSince(tx *gorm.DB, org int64, numbers []string, since time.Time) (map[string][]time.Time, error) {
	var rows []struct {
		Number string
		SentAt stamp
	}
	err := tx.Raw("SELECT number, sent_at FROM attempts WHERE number IN ? AND sent_at >= ? AND organization_id = ? AND kind = 'campaign'",
		numbers, at(since), org).Find(&rows).Error
	sent := make(map[string][]time.Time, len(rows))
	for _, r := range rows {
		sent[r.Number] = append(sent[r.Number], r.SentAt.t)
	}
	return sent, err
}

// leftAlone reads which numbers were answered and met no agent within the time for which such numbers wait, over all campaigns.
func leftAlone(tx *gorm.DB, org int64, numbers []string, wait time.Duration, now time.Time) (map[string]time.Time, error) {
	if wait <= 0 {
		return nil, nil
	}
	var rows []struct {
		Number string
		SentAt stamp
	}
	err := tx.Raw("SELECT number, MAX(sent_at) AS sent_at FROM attempts WHERE number IN ? AND sent_at >= ? AND organization_id = ? AND bridged_at IS NULL "+
		"AND abandoned_by IN ('no_agent', 'overflow') GROUP BY number", numbers, at(now.Add(-wait)), org).Find(&rows).Error
	alone := make(map[string]time.Time, len(rows))
	for _, r := range rows {
		alone[r.Number] = r.SentAt.t.Add(wait)
	}
	return alone, wrap("check numbers that were left alone", err)
}

// lookOpen reads which of the numbers have an attempt in progress.
func (g *gates) lookOpen(tx *gorm.DB, org int64, numbers []string) error {
	keys := make([]string, len(numbers))
	for i, n := range numbers {
		keys[i] = numberKey(org, n)
	}
	var taken []string
	if err := tx.Raw("SELECT open_number_key FROM attempts WHERE open_number_key IN ?", keys).Find(&taken).Error; err != nil {
		return fmt.Errorf("check numbers in calls: %w", err)
	}
	g.open = make(map[string]bool, len(taken))
	for _, k := range taken {
		g.open[k] = true
	}
	return nil
}

// listed says whether the number is blacklisted and, if the entry has an end, when it may be called.
func (g *gates) listed(number string) (models.Gate, time.Time) {
	e, hit := g.blacklist[number]
	switch {
	case !hit:
		return models.GateOpen, time.Time{}
	case e.ExpiresAt != nil:
		return models.GateBlacklist, *e.ExpiresAt
	default:
		return models.GateBlacklist, time.Time{}
	}
}

// frequency says whether the number was called too often since dayStart, or too recently.
func (g *gates) frequency(number string, dayStart time.Time) (models.Gate, time.Time) {
	n, last := 0, time.Time{}
	for _, t := range g.sent[number] {
		if !t.Before(dayStart) {
			n++
		}
		if t.After(last) {
			last = t
		}
	}
	if g.rules.PerNumberDay > 0 && n >= g.rules.PerNumberDay {
		until := dayStart.Add(day)
		if !until.After(g.now) {
			until = g.now.Add(dayAgain)
		}
		return models.GateDayLimit, until
	}
	gap := last.Add(time.Duration(g.rules.MinGapSeconds) * time.Second)
	if g.rules.MinGapSeconds > 0 && !last.IsZero() && gap.After(g.now) {
		return models.GateMinGap, gap
	}
	return models.GateOpen, time.Time{}
}

func numberKey(org int64, number string) string { return strconv.FormatInt(org, 10) + ":" + number }
