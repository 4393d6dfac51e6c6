package store

import (
	"context"
	"fmt"
	"strconv"

	"waihu/models"
)

// ResultPage lists results of a campaign in the order of its list, and the cursor of the next part.
func (s *Store) ResultPage(ctx context.Context, q models.ResultQuery) ([]models.Result, string, error) {
	after, _, err := afterID(q.Page)
	if err != nil {
		return nil, "", err
	}
	n := pageLimit(q.Page)
	items, err := s.resultsWhere(ctx, q, after, n+1)
	if err != nil {
		return nil, "", fmt.Errorf("read a page of results of campaign %d: %w", q.CampaignID, err)
	}
	if len(items) <= n {
		return items, "", nil
	}
	items = items[:n]
	return items, strconv.FormatInt(items[n-1].Lead.ContactID, 10), nil
}

// ResultsWhere calls each for every result that the query lets through; its page is not looked at. It is otherwise like
// Results.
func (s *Store) ResultsWhere(ctx context.Context, q models.ResultQuery, each func(models.Result) error) error {
	var after int64
	for {
		block, err := s.resultsWhere(ctx, q, after, resultBlock)
		if err != nil {
			return fmt.Errorf("read results of campaign %d after contact %d: %w", q.CampaignID, after, err)
		}
		for _, r := range block {
			if err := each(r); err != nil {
				return err
			}
			after = r.Lead.ContactID
		}
		if len(block) < resultBlock {
			return nil
		}
	}
}

func (s *Store) resultsWhere(ctx context.Context, q models.ResultQuery, after int64, n int) ([]models.Result, error) {
	var f filter
	from := " FROM leads l"
	f.add("l.campaign_id = ?", q.CampaignID)
	f.add("l.contact_id > ?", after)
	if q.Outcome != "" {
		f.add("l.last_outcome = ?", string(q.Outcome))
	}
	if q.Sub != "" || q.Key != "" {
		from += " JOIN attempts a ON a.id = l.last_attempt"
	}
	if q.Sub != "" {
		f.add("a.sub = ?", string(q.Sub))
	}
	if err := keyFilter(&f, q.Key); err != nil {
		return nil, err
	}
	if q.Text != "" {
		from += " JOIN contacts c ON c.id = l.contact_id"
		f.add("(l.number LIKE ? ESCAPE '!' OR c.fields LIKE ? ESCAPE '!')", contains(q.Text), contains(q.Text))
	}
	db := s.r.WithContext(ctx)
	var leads []leadRow
	err := db.Raw("SELECT l.id, l.campaign_id, l.contact_id, l.number, l.zone, l.state, l.next_at, l.why, l.attempts, l.retries, "+
		"l.free_retries, l.last_outcome, l.outcome_runs, l.last_attempt"+from+" WHERE "+f.sql()+" ORDER BY l.contact_id LIMIT ?",
		append(f.args, n)...).Find(&leads).Error
	if err != nil || len(leads) == 0 {
		return nil, err
	}
	return resultsOf(db, leads)
}

// keyFilter looks into the keys of the last attempt, which stand there as JSON.
func keyFilter(f *filter, key string) error {
	switch {
	case key == "":
	case key == models.KeyAny:
		f.add("a.`keys` LIKE ?", `%"digit"%`)
	case key == models.KeyNone:
		f.add("l.last_outcome = 'answered'")
		f.add("(a.`keys` IS NULL OR a.`keys` NOT LIKE ?)", `%"digit"%`)
	case len(key) == 1 && (key[0] >= '0' && key[0] <= '9' || key == "*" || key == "#"):
		f.add("a.`keys` LIKE ?", `%"digit":"`+key+`"%`)
	default:
		return models.NewError(models.Invalid, "key", "not_a_key", "Use one of 0-9 * #, none or any.", "请使用 0-9 * # 之一、none 或 any。")
	}
	return nil
}
