package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

type blacklistRow struct {
	ID, OrganizationID       int64
	Number                   string
	Prefix                   bool
	Source, Reason, Evidence string
	ExpiresAt                stamp
	CreatedBy                string
	CreatedAt                stamp
}

func (blacklistRow) TableName() string      { return "blacklist_entries" }
func (blacklistRow) what() (string, string) { return "blacklist entry", "黑名单条目" }
func (r blacklistRow) model() models.BlacklistEntry {
	return models.BlacklistEntry{ID: r.ID, OrganizationID: r.OrganizationID, Number: r.Number, Prefix: r.Prefix,
		Source: r.Source, Reason: r.Reason, Evidence: r.Evidence, ExpiresAt: r.ExpiresAt.ptr(), CreatedBy: r.CreatedBy,
		CreatedAt: r.CreatedAt.t}
}

const (
	blacklistColumns = "id, organization_id, number, prefix, source, reason, evidence, expires_at, created_by, created_at"
	blacklistChunk   = 500 // entries a transaction
)

// AddBlacklist saves entries and returns how many were new. An entry that is already there is kept; if the new one holds
// longer, the old one gets its end, source and reason. So it may be repeated.
func (s *Store) AddBlacklist(ctx context.Context, entries []models.BlacklistEntry) (int64, error) {
	var added int64
	for chunk := range slices.Chunk(entries, blacklistChunk) {
		var n int64
		err := s.write(ctx, fmt.Sprintf("add %d numbers to the blacklist", len(chunk)), func(tx *gorm.DB) error {
			var err error
			n, err = s.addBlacklist(tx, chunk, s.clk.Now())
			return err
		})
		if err != nil {
			return added, err
		}
		added += n
	}
	return added, nil
}

func (s *Store) addBlacklist(tx *gorm.DB, entries []models.BlacklistEntry, now time.Time) (int64, error) {
	const count = "SELECT COUNT(*) FROM blacklist_entries WHERE number IN ?"
	var added int64
	for chunk := range slices.Chunk(entries, s.d.rows) {
		var before, after int64
		numbers := make([]string, len(chunk))
		q := multi{width: 9}
		for i, e := range chunk {
			numbers[i] = e.Number
			created := e.CreatedAt
			if created.IsZero() {
				created = now
			}
			q.add(e.OrganizationID, e.Number, e.Prefix, clip(e.Source, 32), clip(e.Reason, 255), clip(e.Evidence, 64),
				atp(e.ExpiresAt), clip(e.CreatedBy, 100), at(created))
		}
		if err := tx.Raw(count, numbers).Find(&before).Error; err != nil {
			return 0, err
		}
		sql := "INSERT INTO blacklist_entries (organization_id, number, prefix, source, reason, evidence, expires_at, created_by, created_at) VALUES " +
			q.sql() + s.d.onConflict("organization_id, number, prefix", longerWins)
		if err := tx.Exec(sql, q.args...).Error; err != nil {
			return 0, err
		}
		if err := tx.Raw(count, numbers).Find(&after).Error; err != nil {
			return 0, err
		}
		added += after - before
	}
	return added, nil
}

// longerWins asks of the old end whether the new entry holds longer, so the end itself is assigned last: MySQL would else
// compare with the new one.
func longerWins(fresh func(string) string) string {
	longer := "blacklist_entries.expires_at IS NOT NULL AND (" + fresh("expires_at") + " IS NULL OR " +
		fresh("expires_at") + " > blacklist_entries.expires_at)"
	columns := []string{"source", "reason", "evidence", "created_by", "created_at", "expires_at"}
	for i, c := range columns {
		columns[i] = c + " = CASE WHEN " + longer + " THEN " + fresh(c) + " ELSE blacklist_entries." + c + " END"
	}
	return strings.Join(columns, ", ")
}

// RemoveBlacklist takes one entry off the blacklist.
func (s *Store) RemoveBlacklist(ctx context.Context, id int64) error {
	return remove[models.BlacklistEntry](ctx, s, &blacklistRow{}, id, nil)
}

// Blacklist lists an organization's entries (0: those for everybody) by id, at most limit behind after.
func (s *Store) Blacklist(ctx context.Context, org, after int64, limit int) ([]models.BlacklistEntry, error) {
	var rows []blacklistRow
	err := s.r.WithContext(ctx).Raw("SELECT "+blacklistColumns+" FROM blacklist_entries WHERE organization_id = ? AND id > ? ORDER BY id LIMIT ?",
		org, after, limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list blacklist of organization %d: %w", org, err)
	}
	out := make([]models.BlacklistEntry, len(rows))
	for i, r := range rows {
		out[i] = r.model()
	}
	return out, nil
}

// Blacklisted says which of the numbers must not be called at now, by an entry of the organization or one for everybody,
// for the number itself or for a prefix of it.
func (s *Store) Blacklisted(ctx context.Context, org int64, numbers []string, now time.Time) (map[string]models.BlacklistEntry, error) {
	hits, err := s.blacklisted(s.r.WithContext(ctx), org, numbers, now)
	if err != nil {
		return nil, fmt.Errorf("look up %d numbers in the blacklist of organization %d: %w", len(numbers), org, err)
	}
	return hits, nil
}

func (s *Store) blacklisted(tx *gorm.DB, org int64, numbers []string, now time.Time) (map[string]models.BlacklistEntry, error) {
	hits := map[string]models.BlacklistEntry{}
	for chunk := range slices.Chunk(numbers, s.d.rows) {
		var rows []blacklistRow
		err := tx.Raw("SELECT "+blacklistColumns+" FROM blacklist_entries WHERE number IN ? AND organization_id IN (0, ?) "+
			"AND (expires_at IS NULL OR expires_at > ?)", beginnings(chunk), org, at(now)).Find(&rows).Error
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			continue
		}
		for _, n := range chunk {
			for _, r := range rows {
				if n == r.Number || r.Prefix && strings.HasPrefix(n, r.Number) {
					hits[n] = r.model()
					break
				}
			}
		}
	}
	return hits, nil
}

// beginnings are the numbers and all that an entry for a prefix of them could be.
func beginnings(numbers []string) []string {
	seen := make(map[string]bool, len(numbers)*8)
	out := make([]string, 0, len(numbers)*8)
	for _, n := range numbers {
		for i := len(n); i > 0 && !seen[n[:i]]; i-- {
			seen[n[:i]] = true
			out = append(out, n[:i])
		}
	}
	return out
}
