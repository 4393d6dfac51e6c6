package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

// Session reads a browser's session by the hash of its token; found is false when there is none or it ended before now.
func (s *Store) Session(ctx context.Context, tokenHash string, now time.Time) (data []byte, found bool, err error) {
	var rows []struct{ Data []byte }
	err = s.r.WithContext(ctx).Raw("SELECT data FROM sessions WHERE token_hash = ? AND expires_at > ?", tokenHash, at(now)).Find(&rows).Error
	if err != nil {
		return nil, false, fmt.Errorf("read a session: %w", err)
	}
	if len(rows) == 0 {
		return nil, false, nil
	}
	return rows[0].Data, true, nil
}

// SaveSession makes or changes a session.
func (s *Store) SaveSession(ctx context.Context, tokenHash string, data []byte, expires time.Time) error {
	return s.write(ctx, "save a session", func(tx *gorm.DB) error {
		sql := "INSERT INTO sessions (token_hash, data, expires_at) VALUES (?, ?, ?)" +
			s.d.onConflict("token_hash", func(fresh func(string) string) string {
				return "data = " + fresh("data") + ", expires_at = " + fresh("expires_at")
			})
		return tx.Exec(sql, tokenHash, data, at(expires)).Error
	})
}

// DeleteSession ends a session; one that is not there is no error.
func (s *Store) DeleteSession(ctx context.Context, tokenHash string) error {
	return s.write(ctx, "end a session", func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM sessions WHERE token_hash = ?", tokenHash).Error
	})
}

// DeleteExpiredSessions removes sessions that ended before now and returns how many.
func (s *Store) DeleteExpiredSessions(ctx context.Context, now time.Time) (int64, error) {
	var n int64
	err := s.write(ctx, "remove ended sessions", func(tx *gorm.DB) error {
		res := tx.Exec("DELETE FROM sessions WHERE expires_at <= ?", at(now))
		n = res.RowsAffected
		return res.Error
	})
	return n, err
}

type tokenRow struct {
	ID, OrganizationID, UserID int64
	Name, TokenHash            string
	CreatedAt                  stamp
	LastUsedAt                 stamp
}

func (tokenRow) TableName() string      { return "api_tokens" }
func (tokenRow) what() (string, string) { return "token", "令牌" }
func (r tokenRow) model() models.Token {
	return models.Token{ID: r.ID, OrganizationID: r.OrganizationID, UserID: r.UserID, Name: r.Name, CreatedAt: r.CreatedAt.t, LastUsedAt: r.LastUsedAt.ptr()}
}

// CreateToken saves a token under the hash of its secret and fills in its ID.
func (s *Store) CreateToken(ctx context.Context, t *models.Token, hash string) error {
	r := &tokenRow{OrganizationID: t.OrganizationID, UserID: t.UserID, Name: t.Name, TokenHash: hash, CreatedAt: at(t.CreatedAt)}
	if err := insert[models.Token](ctx, s, r, "name"); err != nil {
		return err
	}
	t.ID = r.ID
	return nil
}

// Tokens lists a user's tokens by id.
func (s *Store) Tokens(ctx context.Context, user int64) ([]models.Token, error) {
	return list[models.Token, tokenRow](ctx, s, "user_id = ?", user)
}

// TokenByHash reads the token whose secret has this hash.
func (s *Store) TokenByHash(ctx context.Context, hash string) (models.Token, error) {
	return first[models.Token, tokenRow](ctx, s, "of this secret", "token_hash = ?", hash)
}

// TokenUsed notes the last use of a token.
func (s *Store) TokenUsed(ctx context.Context, id int64, when time.Time) error {
	return update[models.Token](ctx, s, &tokenRow{LastUsedAt: at(when)}, id, "name", "last_used_at")
}

// DeleteToken removes a token of a user.
func (s *Store) DeleteToken(ctx context.Context, user, id int64) error {
	return s.removeOf(ctx, &tokenRow{}, user, id)
}

// removeOf deletes a row that must belong to the user.
func (s *Store) removeOf(ctx context.Context, r interface{ what() (string, string) }, user, id int64) error {
	en, zh := r.what()
	return s.write(ctx, fmt.Sprintf("delete %s %d", en, id), func(tx *gorm.DB) error {
		res := tx.Where("id = ? AND user_id = ?", id, user).Delete(r)
		if res.Error == nil && res.RowsAffected == 0 {
			return missing(en, zh, id)
		}
		return res.Error
	})
}

type filterRow struct {
	ID, UserID        int64
	Page, Name, Query string
}

func (filterRow) TableName() string      { return "saved_filters" }
func (filterRow) what() (string, string) { return "filter", "筛选条件" }
func (r filterRow) model() models.Filter {
	return models.Filter{ID: r.ID, UserID: r.UserID, Page: r.Page, Name: r.Name, Query: r.Query}
}

// CreateFilter saves a filter and fills in its ID. Names are unique for a user and page.
func (s *Store) CreateFilter(ctx context.Context, f *models.Filter) error {
	r := &filterRow{UserID: f.UserID, Page: f.Page, Name: f.Name, Query: f.Query}
	if err := insert[models.Filter](ctx, s, r, "name"); err != nil {
		return err
	}
	f.ID = r.ID
	return nil
}

// Filters lists a user's saved filters by id.
func (s *Store) Filters(ctx context.Context, user int64) ([]models.Filter, error) {
	return list[models.Filter, filterRow](ctx, s, "user_id = ?", user)
}

// DeleteFilter removes a filter of a user.
func (s *Store) DeleteFilter(ctx context.Context, user, id int64) error {
	return s.removeOf(ctx, &filterRow{}, user, id)
}

// AllUsers lists the users of every organization by id.
func (s *Store) AllUsers(ctx context.Context) ([]models.User, error) {
	return list[models.User, userRow](ctx, s, "1 = 1")
}

// BlacklistEntry reads one entry.
func (s *Store) BlacklistEntry(ctx context.Context, id int64) (models.BlacklistEntry, error) {
	return first[models.BlacklistEntry, blacklistRow](ctx, s, id, "id = ?", id)
}

// BlacklistOf reads the entry of an organization for a number or prefix.
func (s *Store) BlacklistOf(ctx context.Context, org int64, number string, prefix bool) (models.BlacklistEntry, error) {
	return first[models.BlacklistEntry, blacklistRow](ctx, s, number, "organization_id = ? AND number = ? AND prefix = ?", org, number, prefix)
}

// FindBlacklist lists by id the entries that hold for an organization, its own and those for everybody, whose number
// contains the digits of part ("" = all), at most limit behind after.
func (s *Store) FindBlacklist(ctx context.Context, org int64, part string, after int64, limit int) ([]models.BlacklistEntry, error) {
	digits := make([]byte, 0, len(part)+2)
	for i := range len(part) {
		if part[i] >= '0' && part[i] <= '9' {
			digits = append(digits, part[i])
		}
	}
	if part != "" && len(digits) == 0 {
		return nil, nil
	}
	var rows []blacklistRow
	err := s.r.WithContext(ctx).Raw("SELECT "+blacklistColumns+" FROM blacklist_entries WHERE organization_id IN (0, ?) AND id > ? AND number LIKE ? ORDER BY id LIMIT ?",
		org, after, "%"+string(digits)+"%", limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find %d entries of the blacklist of organization %d: %w", limit, org, err)
	}
	out := make([]models.BlacklistEntry, len(rows))
	for i, r := range rows {
		out[i] = r.model()
	}
	return out, nil
}

// PendingApprovals lists what waits for the administrator, of all organizations, the oldest first. A list waits once it is
// imported to its end.
func (s *Store) PendingApprovals(ctx context.Context) ([]models.PendingApproval, error) {
	var rows []struct {
		Kind           string
		ID             int64
		Name, ByName   string
		UploadedBy     string
		OrganizationID int64
		CreatedAt      stamp
	}
	const parts = "SELECT 'voice_file' AS kind, id, name, organization_id, uploaded_by, created_at FROM voice_files WHERE approval = 'pending' " +
		"UNION ALL SELECT 'list', id, name, organization_id, uploaded_by, created_at FROM contact_lists WHERE approval = 'pending' AND state = 'ready' " +
		"UNION ALL SELECT 'caller_number', id, number, organization_id, uploaded_by, created_at FROM caller_numbers WHERE approval = 'pending'"
	err := s.r.WithContext(ctx).Raw("SELECT p.*, COALESCE(o.name, '') AS by_name FROM (" + parts + ") p " +
		"LEFT JOIN organizations o ON o.id = p.organization_id ORDER BY p.created_at, p.kind, p.id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list what waits for approval: %w", err)
	}
	out := make([]models.PendingApproval, len(rows))
	for i, r := range rows {
		out[i] = models.PendingApproval{Kind: r.Kind, ID: r.ID, Name: r.Name, OrganizationID: r.OrganizationID, By: r.ByName, UploadedBy: r.UploadedBy, CreatedAt: r.CreatedAt.t}
	}
	return out, nil
}

// CountPendingApprovals says how many things wait for the administrator.
func (s *Store) CountPendingApprovals(ctx context.Context) (int64, error) {
	all, err := s.PendingApprovals(ctx)
	return int64(len(all)), err
}

// approvalTable is where an approval stands.
func approvalTable(kind string) (table, en, zh string, err error) {
	switch kind {
	case models.ApproveVoiceFile:
		return "voice_files", "voice file", "语音文件", nil
	case models.ApproveList:
		return "contact_lists", "contact list", "名单", nil
	case models.ApproveCallerNumber:
		return "caller_numbers", "caller number", "去电号码", nil
	default:
		return "", "", "", models.NewError(models.NotFound, "kind", "unknown_kind",
			"Approve a voice_file, list or caller_number.", "只能审核 voice_file、list 或 caller_number。")
	}
}

// Decide writes an administrator's word on something. With four eyes the database refuses him what he uploaded himself,
// even if that was replaced while he looked at it.
func (s *Store) Decide(ctx context.Context, d models.Decision) error {
	table, en, zh, err := approvalTable(d.Kind)
	if err != nil {
		return err
	}
	notBy := "" // whose uploads are refused
	if d.FourEyes && d.Approval == models.ApprovalApproved {
		notBy = d.By
	}
	return s.write(ctx, fmt.Sprintf("set %s %d to %s", en, d.ID, d.Approval), func(tx *gorm.DB) error {
		res := tx.Exec("UPDATE "+table+" SET approval = ?, reason = ? WHERE id = ? AND (? = '' OR uploaded_by <> ?)",
			d.Approval, clip(d.Reason, 255), d.ID, notBy, notBy)
		if res.Error != nil || res.RowsAffected > 0 {
			return res.Error
		}
		var n int64
		if err := tx.Raw("SELECT COUNT(*) FROM "+table+" WHERE id = ?", d.ID).Find(&n).Error; err != nil {
			return err
		}
		if n > 0 {
			return ownUpload()
		}
		return missing(en, zh, d.ID)
	})
}

// ownUpload is the refusal of four eyes.
func ownUpload() error {
	return models.NewError(models.Forbidden, "", "own_upload",
		"You uploaded this yourself. Two people are wanted (approvals.four_eyes): another administrator approves it, or somebody else uploads it.",
		"这是您自己提交的内容。系统要求双人审核（approvals.four_eyes）：请由另一位管理员审核，或由其他人提交。")
}

// ReadyApproved makes ready the campaigns that waited for approval and wait no more, and returns how many.
func (s *Store) ReadyApproved(ctx context.Context, now time.Time) (int64, error) {
	var n int64
	err := s.write(ctx, "release campaigns that waited for approval", func(tx *gorm.DB) error {
		res := tx.Exec("UPDATE campaigns SET state = 'ready', state_reason = '', updated_at = ? WHERE state = 'waiting_approval' "+
			"AND EXISTS (SELECT 1 FROM contact_lists l WHERE l.id = campaigns.contact_list_id AND l.approval = 'approved') "+
			"AND (voice_file_id = 0 OR EXISTS (SELECT 1 FROM voice_files v WHERE v.id = campaigns.voice_file_id AND v.approval = 'approved'))", at(now))
		n = res.RowsAffected
		return res.Error
	})
	return n, err
}
