package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

// ListFacts counts the numbers of a campaign's file: how many are blacklisted, due in other campaigns of the organization
// too, and of which zone. It goes out from the blacklist and from those campaigns, which are mostly shorter than the file.
func (s *Store) ListFacts(ctx context.Context, c models.Campaign, now time.Time) (models.ListFacts, error) {
	f := models.ListFacts{Zones: map[string]int64{}}
	db := s.r.WithContext(ctx)
	var zones []struct {
		Zone string
		N    int64
	}
	if err := db.Raw("SELECT zone, COUNT(*) AS n FROM contacts WHERE list_id = ? GROUP BY zone", c.ContactListID).Find(&zones).Error; err != nil {
		return f, fmt.Errorf("count the zones of list %d: %w", c.ContactListID, err)
	}
	for _, z := range zones {
		f.Zones[z.Zone] = z.N
		f.Numbers += z.N
	}
	var err error
	if f.Blacklisted, err = s.blacklistedOf(db, c, now); err != nil {
		return f, fmt.Errorf("count the blacklisted numbers of list %d: %w", c.ContactListID, err)
	}
	err = db.Raw("SELECT COUNT(DISTINCT ct.id) FROM campaigns c JOIN leads l ON l.campaign_id = c.id AND l.state IN ('due', 'reserved') "+
		"JOIN contacts ct ON ct.list_id = ? AND ct.number = l.number WHERE c.organization_id = ? AND c.id <> ? AND c.state IN ('running', 'paused')",
		c.ContactListID, c.OrganizationID, c.ID).Scan(&f.Elsewhere).Error
	if err != nil {
		return f, fmt.Errorf("count the numbers of list %d that are due elsewhere: %w", c.ContactListID, err)
	}
	return f, nil
}

// mostPrefixes is how many prefixes of the blacklist are counted, each with a statement of its own.
const mostPrefixes = 200

// blacklistedOf counts numbers and prefixes apart; a number that stands there both ways counts twice.
func (s *Store) blacklistedOf(db *gorm.DB, c models.Campaign, now time.Time) (n int64, err error) {
	err = db.Raw("SELECT COUNT(DISTINCT ct.id) FROM blacklist_entries b JOIN contacts ct ON ct.list_id = ? AND ct.number = b.number "+
		"WHERE b.organization_id IN (0, ?) AND b.prefix = ? AND (b.expires_at IS NULL OR b.expires_at > ?)", c.ContactListID, c.OrganizationID, false, at(now)).Scan(&n).Error
	if err != nil {
		return n, err
	}
	var prefixes []string
	err = db.Raw("SELECT number FROM blacklist_entries WHERE organization_id IN (0, ?) AND prefix = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY number LIMIT ?",
		c.OrganizationID, true, at(now), mostPrefixes).Find(&prefixes).Error
	for _, p := range prefixes {
		var more int64
		if err := db.Raw("SELECT COUNT(*) FROM contacts WHERE list_id = ? AND number >= ? AND number < ?", c.ContactListID, p, p+":").Scan(&more).Error; err != nil {
			return n, err
		}
		n += more
	}
	return n, err
}
