package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

// Bounds of a page.
const (
	defaultPage = 50
	mostOfPage  = 200
)

// filter gathers the conditions of a list. Only the texts of this file get into SQL; values travel as arguments.
type filter struct {
	where []string
	args  []any
}

func (f *filter) add(cond string, args ...any) {
	f.where = append(f.where, cond)
	f.args = append(f.args, args...)
}

// within lets through what somebody may see who sees some queues and agents only.
func (f *filter) within(v *models.Sight) {
	if v != nil { // an empty IN is no SQL; no id is negative
		f.add("(queue_id IN ? OR agent_id IN ?)", append([]int64{-1}, v.Queues...), append([]int64{-1}, v.Agents...))
	}
}

func (f *filter) sql() string { return strings.Join(f.where, " AND ") }

// pageLimit is the number of rows of a page; one more is read to know whether there is a next one.
func pageLimit(p models.Page) int {
	if p.Limit <= 0 {
		return defaultPage
	}
	return min(p.Limit, mostOfPage)
}

func badCursor() error {
	return models.NewError(models.Invalid, "after", "bad_cursor",
		"This is no cursor of this list; begin at the start, without it.", "游标无效，请从头开始查询。")
}

// afterID reads a cursor that is an id; ok is false for the first page.
func afterID(p models.Page) (id int64, ok bool, err error) {
	if p.After == "" {
		return 0, false, nil
	}
	if id, err = strconv.ParseInt(p.After, 10, 64); err != nil || id < 0 {
		return 0, false, badCursor()
	}
	return id, true, nil
}

// contains is a LIKE pattern for a part of a value; the condition needs ESCAPE '!'.
func contains(part string) string { return "%" + likeEscape(part) + "%" }

func likeEscape(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}

// newest reads a page by descending id.
func newest[M any, T any, R interface {
	*T
	row[M]
}](ctx context.Context, s *Store, f filter, p models.Page, id func(M) int64) (items []M, next string, err error) {
	after, ok, err := afterID(p)
	if err != nil {
		return nil, "", err
	}
	if ok {
		f.add("id < ?", after)
	}
	n := pageLimit(p)
	var ts []T
	if err := s.r.WithContext(ctx).Where(f.sql(), f.args...).Order("id DESC").Limit(n + 1).Find(&ts).Error; err != nil {
		en, _ := R(new(T)).what()
		return nil, "", fmt.Errorf("read a page of every %s: %w", en, err)
	}
	items = make([]M, 0, n)
	for i := range ts[:min(len(ts), n)] {
		items = append(items, R(&ts[i]).model())
	}
	if len(ts) > n {
		next = strconv.FormatInt(id(items[n-1]), 10)
	}
	return items, next, nil
}

// CampaignPage lists campaigns, the newest first, and the cursor of the next part ("" at the end).
func (s *Store) CampaignPage(ctx context.Context, q models.CampaignQuery) ([]models.Campaign, string, error) {
	var f filter
	f.add("organization_id = ?", q.OrganizationID)
	if q.State != "" {
		f.add("state = ?", string(q.State))
	}
	if q.Text != "" {
		f.add("name LIKE ? ESCAPE '!'", contains(q.Text))
	}
	return newest[models.Campaign, campaignRow](ctx, s, f, q.Page, func(c models.Campaign) int64 { return c.ID })
}

// ContactListPage lists contact lists, the newest first, and the cursor of the next part.
func (s *Store) ContactListPage(ctx context.Context, q models.ListQuery) ([]models.ContactList, string, error) {
	var f filter
	f.add("organization_id = ?", q.OrganizationID)
	if q.Text != "" {
		f.add("name LIKE ? ESCAPE '!'", contains(q.Text))
	}
	return newest[models.ContactList, contactListRow](ctx, s, f, q.Page, func(l models.ContactList) int64 { return l.ID })
}

// ContactPage lists the contacts of a list in their order, and the cursor of the next part.
func (s *Store) ContactPage(ctx context.Context, listID int64, p models.Page) ([]models.Contact, string, error) {
	after, _, err := afterID(p)
	if err != nil {
		return nil, "", err
	}
	n := pageLimit(p)
	var rows []struct {
		ID, OrganizationID, ListID, Row int64
		Number, Zone                    string
		Fields                          text[[]string]
	}
	err = s.r.WithContext(ctx).Raw("SELECT id, organization_id, list_id, `row`, number, zone, fields FROM contacts "+
		"WHERE list_id = ? AND id > ? ORDER BY id LIMIT ?", listID, after, n+1).Find(&rows).Error
	if err != nil {
		return nil, "", fmt.Errorf("read a page of the contacts of list %d: %w", listID, err)
	}
	items := make([]models.Contact, 0, n)
	for _, r := range rows[:min(len(rows), n)] {
		items = append(items, models.Contact{ID: r.ID, OrganizationID: r.OrganizationID, ListID: r.ListID, Row: r.Row,
			Number: r.Number, Zone: r.Zone, Fields: r.Fields.v})
	}
	if len(rows) <= n {
		return items, "", nil
	}
	return items, strconv.FormatInt(items[n-1].ID, 10), nil
}

// AttemptPage lists attempts that were sent to the switch, the newest first, and the cursor of the next part.
func (s *Store) AttemptPage(ctx context.Context, q models.AttemptQuery) ([]models.Attempt, string, error) {
	f, err := attemptFilter(q)
	if err != nil {
		return nil, "", err
	}
	n := pageLimit(q.Page)
	var rows []attemptRow
	err = s.r.WithContext(ctx).Raw("SELECT "+attemptColumns+" FROM attempts"+s.attemptIndex(q)+" WHERE "+f.sql()+
		" ORDER BY reserved_at DESC, id DESC LIMIT ?", append(f.args, n+1)...).Find(&rows).Error
	if err != nil {
		return nil, "", fmt.Errorf("read a page of attempts of organization %d: %w", q.OrganizationID, err)
	}
	items := attemptsOf(rows[:min(len(rows), n)])
	if len(rows) <= n {
		return items, "", nil
	}
	last := items[n-1]
	return items, timeCursor(last.ReservedAt, last.ID), nil
}

func attemptFilter(q models.AttemptQuery) (filter, error) {
	var f filter
	f.add("organization_id = ?", q.OrganizationID)
	f.add("sent_at IS NOT NULL") // what is only reserved, or was released, is no call
	for _, c := range []struct {
		on   bool
		cond string
		arg  any
	}{
		{q.CampaignID != 0, "campaign_id = ?", q.CampaignID},
		{q.LeadID != 0, "lead_id = ?", q.LeadID},
		{q.AgentID != 0, "agent_id = ?", q.AgentID},
		{q.Outcome != "", "outcome = ?", string(q.Outcome)},
		{q.Kind != "", "kind = ?", string(q.Kind)},
		{q.Kind == models.KindTest, "lead_id = ?", 0}, // for its index: tests are few
		{!q.From.IsZero(), "reserved_at >= ?", at(q.From)},
		{!q.To.IsZero(), "reserved_at < ?", at(q.To)},
	} {
		if c.on {
			f.add(c.cond, c.arg)
		}
	}
	if start, prefix := strings.CutSuffix(q.Number, "*"); prefix {
		f.add("number >= ? AND number < ?", start, start+":") // the character behind 9; LIKE finds no index on SQLite
	} else if q.Number != "" {
		f.add("number = ?", q.Number)
	}
	f.within(q.Sight)
	if q.After == "" {
		return f, nil
	}
	err := f.after("reserved_at", q.After)
	return f, err
}

// attemptIndex names the index whose order is that of the page: the optimizer of MariaDB prefers now and then one that
// needs a sort of everything. A number is in few rows, which are sorted.
func (s *Store) attemptIndex(q models.AttemptQuery) string {
	index := "attempts_time"
	switch {
	case q.Number != "":
		index = "attempts_number"
	case q.LeadID != 0 || q.Kind == models.KindTest:
		index = "attempts_lead"
	case q.AgentID != 0:
		index = "attempts_agent"
	case q.CampaignID != 0 && q.Outcome != "":
		index = "attempts_campaign_outcome"
	case q.CampaignID != 0:
		index = "attempts_campaign_time"
	case q.Outcome != "":
		index = "attempts_outcome"
	}
	if s.d.name == MySQL {
		return " FORCE INDEX (" + index + ")"
	}
	return " INDEXED BY " + index
}

// CountsSince adds up the campaign attempts of an organization that were sent in the hour of since or later and have ended.
func (s *Store) CountsSince(ctx context.Context, org int64, since time.Time) (models.DayCount, error) {
	var row models.DayCount
	err := s.r.WithContext(ctx).Raw("SELECT COALESCE(SUM(h.n), 0) AS dialled, "+
		"COALESCE(SUM(CASE WHEN h.outcome = 'answered' THEN h.n ELSE 0 END), 0) AS answered FROM campaign_hours h "+
		"JOIN campaigns c ON c.id = h.campaign_id WHERE c.organization_id = ? AND h.hour >= ?",
		org, at(since.UTC().Truncate(time.Hour))).Find(&row).Error
	if err != nil {
		return row, fmt.Errorf("count the calls of organization %d: %w", org, err)
	}
	return row, nil
}

// DeleteDraft removes a campaign that was never started (a draft, waiting for approval or ready) and has no call records; its
// leads go with it.
func (s *Store) DeleteDraft(ctx context.Context, id int64) error {
	return s.write(ctx, fmt.Sprintf("delete campaign %d", id), func(tx *gorm.DB) error {
		state, err := campaignState(tx, id, s.d.lock)
		if err != nil {
			return err
		}
		var n int64
		if err := tx.Raw("SELECT COUNT(*) FROM (SELECT id FROM attempts WHERE campaign_id = ? LIMIT 1) a", id).Find(&n).Error; err != nil {
			return err
		}
		early := state == models.CampaignDraft || state == models.CampaignWaiting || state == models.CampaignReady
		if n > 0 || !early {
			return models.NewError(models.Conflict, "state", "not_a_draft",
				fmt.Sprintf("Campaign %d is %s and has a history; only a draft can be deleted. Stop it instead.", id, state),
				fmt.Sprintf("任务 %d 当前状态为 %s 且已有记录，只能删除草稿；请改为停止任务。", id, state))
		}
		if err := tx.Exec("DELETE FROM leads WHERE campaign_id = ?", id).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM campaigns WHERE id = ?", id).Error
	})
}

// timeCursor says where the next part of a list begins that has the newest first, of one time the highest id.
func timeCursor(t time.Time, id string) string {
	return strconv.FormatInt(t.UnixMicro(), 36) + "." + id
}

// after keeps what comes behind a cursor of timeCursor.
func (f *filter) after(column, cursor string) error {
	micro, id, ok := strings.Cut(cursor, ".")
	us, err := strconv.ParseInt(micro, 36, 64)
	if err != nil || !ok {
		return badCursor()
	}
	t := at(time.UnixMicro(us))
	f.add(column+" <= ? AND ("+column+" < ? OR id < ?)", t, t, id)
	return nil
}
