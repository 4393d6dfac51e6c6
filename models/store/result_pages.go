package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"waihu/models"
)

// ResultPage lists results of a campaign in the order of its list, and the cursor of the next part ("" at the end). A page
// of a search for text looks at a bounded number of contacts: it may hold fewer results than asked for, or none, and still
// have a next part.
func (s *Store) ResultPage(ctx context.Context, q models.ResultQuery) ([]models.Result, string, error) {
	after, _, err := afterID(q.Page)
	if err != nil {
		return nil, "", err
	}
	items, next, err := s.resultsWhere(ctx, q, after, pageLimit(q.Page))
	if err != nil {
		return nil, "", fmt.Errorf("read a page of results of campaign %d: %w", q.CampaignID, err)
	}
	if next == 0 {
		return items, "", nil
	}
	return items, strconv.FormatInt(next, 10), nil
}

// ResultsWhere calls each for every result that the query lets through; its page is not looked at. It is otherwise like
// Results.
func (s *Store) ResultsWhere(ctx context.Context, q models.ResultQuery, each func(models.Result) error) error {
	var after int64
	for {
		block, next, err := s.resultsWhere(ctx, q, after, resultBlock)
		if err != nil {
			return fmt.Errorf("read results of campaign %d after contact %d: %w", q.CampaignID, after, err)
		}
		for _, r := range block {
			if err := each(r); err != nil {
				return err
			}
		}
		if after = next; next == 0 {
			return nil
		}
	}
}

// resultsWhere reads at most n results behind a contact, and behind which contact to go on; 0 says that there are no more.
func (s *Store) resultsWhere(ctx context.Context, q models.ResultQuery, after int64, n int) ([]models.Result, int64, error) {
	if err := checkKey(q.Key); err != nil {
		return nil, 0, err
	}
	db := s.r.WithContext(ctx)
	picked, err := s.pick(db, q)
	if err != nil {
		return nil, 0, err
	}
	find := picked.behind
	if q.Text != "" {
		find = func(after int64, n int) ([]int64, int64, error) { return picked.withText(q.Text, after, n) }
	}
	ids, next, err := find(after, n)
	if err != nil || len(ids) == 0 {
		return nil, next, err
	}
	var leads []leadRow
	for chunk := range slices.Chunk(ids, s.d.rows) {
		var rows []leadRow
		err := db.Raw("SELECT "+leadColumns+" FROM leads WHERE campaign_id = ? AND contact_id IN ? ORDER BY contact_id", q.CampaignID, chunk).Find(&rows).Error
		if err != nil {
			return nil, 0, err
		}
		leads = append(leads, rows...)
	}
	items, err := resultsOf(db, leads)
	return items, next, err
}

func checkKey(key string) error {
	switch {
	case key == "", key == models.KeyAny, key == models.KeyNone, len(key) == 1 && strings.Contains(keyDigits, key):
		return nil
	default:
		return models.NewError(models.Invalid, "key", "not_a_key", "Use one of 0-9 * #, none or any.", "请使用 0-9 * # 之一、none 或 any。")
	}
}

// ending is how the last attempts of some leads of a campaign went. A campaign has some tens of them, so each filter but
// that for text comes down to which endings it wants; the index leads_result has the leads of an ending in the order of
// the list.
type ending struct{ LastOutcome, LastSub, LastKeys string }

func (e ending) wanted(q models.ResultQuery) bool {
	switch {
	case q.Outcome != "" && e.LastOutcome != string(q.Outcome), q.Sub != "" && e.LastSub != string(q.Sub):
		return false
	case q.Key == "":
		return true
	case q.Key == models.KeyAny:
		return e.LastKeys != ""
	case q.Key == models.KeyNone:
		return e.LastKeys == "" && e.LastOutcome == string(models.OutcomeAnswered)
	default:
		return strings.Contains(e.LastKeys, q.Key)
	}
}

// picked are the leads of a campaign that have one of the endings, or all of them.
type picked struct {
	s        *Store
	db       *gorm.DB
	campaign int64
	all      bool
	endings  []ending
}

func (s *Store) pick(db *gorm.DB, q models.ResultQuery) (picked, error) {
	p := picked{s: s, db: db, campaign: q.CampaignID, all: q.Outcome == "" && q.Sub == "" && q.Key == ""}
	if p.all {
		return p, nil
	}
	var err error
	if p.endings, err = endings(db, q); err != nil {
		return p, fmt.Errorf("list endings: %w", err)
	}
	return p, nil
}

// endings lists those that a query wants. It jumps through the index from one value to the next, because reading a million
// entries to find a few different ones is what neither database can be kept from in one statement.
func endings(db *gorm.DB, q models.ResultQuery) (wanted []ending, err error) {
	outcome, sub := string(q.Outcome), string(q.Sub)
	if q.Key == models.KeyNone && outcome == "" {
		outcome = string(models.OutcomeAnswered)
	}
	err = values(db, "SELECT MIN(last_outcome) FROM leads WHERE campaign_id = ?", "last_outcome", outcome, func(outcome string) error {
		return values(db, "SELECT MIN(last_sub) FROM leads WHERE campaign_id = ? AND last_outcome = ?", "last_sub", sub, func(sub string) error {
			return values(db, "SELECT MIN(last_keys) FROM leads WHERE campaign_id = ? AND last_outcome = ? AND last_sub = ?", "last_keys", "", func(keys string) error {
				if e := (ending{outcome, sub, keys}); e.wanted(q) {
					wanted = append(wanted, e)
				}
				return nil
			}, q.CampaignID, outcome, sub)
		}, q.CampaignID, outcome)
	}, q.CampaignID)
	return wanted, err
}

// values calls each for every value of a column that least finds, in order; or only for one that is given.
func values(db *gorm.DB, least, column, only string, each func(string) error, args ...any) error {
	if only != "" {
		return each(only)
	}
	for query := least; ; query = least + " AND " + column + " > ?" {
		var v sql.NullString
		if err := db.Raw(query, args...).Scan(&v).Error; err != nil || !v.Valid {
			return err
		}
		if err := each(v.String); err != nil {
			return err
		}
		if query == least {
			args = append(args, v.String)
		}
		args[len(args)-1] = v.String
	}
}

// behind are the contacts of the next n leads, and where to go on.
func (p picked) behind(after int64, n int) ([]int64, int64, error) {
	ids, err := p.next(after, n+1)
	if err != nil || len(ids) <= n {
		return ids, 0, err
	}
	return ids[:n], ids[n-1], nil
}

const (
	unionRows  = 4000 // rows of a statement over several endings
	mostUnions = 40
)

// next are the contacts of the next n leads. Endings are read some at a time; what was found bounds what can still count.
func (p picked) next(after int64, n int) ([]int64, error) {
	var ids []int64
	if p.all {
		err := p.db.Raw("SELECT contact_id FROM leads WHERE campaign_id = ? AND contact_id > ? ORDER BY contact_id LIMIT ?", p.campaign, after, n).Find(&ids).Error
		return ids, err
	}
	const one = "SELECT contact_id FROM (SELECT contact_id FROM leads WHERE campaign_id = ? AND last_outcome = ? AND last_sub = ? AND last_keys = ? " +
		"AND contact_id > ? AND contact_id <= ? ORDER BY contact_id LIMIT ?) e"
	last := int64(1<<63 - 1)
	for chunk := range slices.Chunk(p.endings, min(max(unionRows/n, 1), mostUnions)) {
		var args []any
		for _, e := range chunk {
			args = append(args, p.campaign, e.LastOutcome, e.LastSub, e.LastKeys, after, last, n)
		}
		var more []int64
		err := p.db.Raw(one+strings.Repeat(" UNION ALL "+one, len(chunk)-1)+" ORDER BY contact_id LIMIT ?", append(args, n)...).Find(&more).Error
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
		slices.Sort(ids)
		if len(ids) >= n {
			ids = ids[:n]
			last = ids[n-1]
		}
	}
	return ids, nil
}

// A search for text begins with few contacts, because most find something at once, and goes on with many up to textMost.
const (
	textFirst  = 1000
	textBlock  = 5000
	textMost   = 15_000
	denseRange = 4 // ids for each one that counts, up to which a range of contacts is read instead of its members
)

// withText is like behind, for contacts whose number or columns contain a text.
func (p picked) withText(text string, after int64, n int) (found []int64, next int64, err error) {
	block := textFirst
	for looked := 0; looked < textMost; looked += block {
		if looked > 0 {
			block = textBlock
		}
		ids, err := p.next(after, block)
		if err != nil || len(ids) == 0 {
			return found, 0, err
		}
		have, err := p.containing(text, ids)
		if err != nil {
			return nil, 0, fmt.Errorf("look for text behind contact %d: %w", after, err)
		}
		if found = append(found, have...); len(found) > n {
			return found[:n], found[n-1], nil
		}
		if len(ids) < block {
			return found, 0, nil
		}
		after = ids[len(ids)-1]
	}
	return found, after, nil
}

// containing are those of the contacts, which are in order, that contain a text.
func (p picked) containing(text string, ids []int64) ([]int64, error) {
	like := contains(text)
	first, last := ids[0], ids[len(ids)-1]
	if last-first < int64(denseRange*len(ids)) {
		var all []int64
		err := p.db.Raw("SELECT id FROM contacts WHERE id >= ? AND id <= ? AND (number LIKE ? ESCAPE '!' OR fields LIKE ? ESCAPE '!') ORDER BY id",
			first, last, like, like).Find(&all).Error
		return slices.DeleteFunc(all, func(id int64) bool { _, in := slices.BinarySearch(ids, id); return !in }), err
	}
	var found []int64
	for chunk := range slices.Chunk(ids, p.s.d.rows) {
		var some []int64
		err := p.db.Raw("SELECT id FROM contacts WHERE id IN ? AND (number LIKE ? ESCAPE '!' OR fields LIKE ? ESCAPE '!') ORDER BY id", chunk, like, like).Find(&some).Error
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}
