package store

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"waihu/models"
)

type organizationRow struct {
	ID, ParentID int64
	Name         string
	CreatedAt    stamp
}

func (organizationRow) TableName() string      { return "organizations" }
func (organizationRow) what() (string, string) { return "organization", "机构" }
func (r organizationRow) model() models.Organization {
	return models.Organization{ID: r.ID, ParentID: r.ParentID, Name: r.Name, CreatedAt: r.CreatedAt.t}
}

// CreateOrganization saves o and fills in its ID and, when zero, CreatedAt. Names are unique.
func (s *Store) CreateOrganization(ctx context.Context, o *models.Organization) error {
	if o.CreatedAt.IsZero() {
		o.CreatedAt = s.clk.Now().UTC()
	}
	r := &organizationRow{ParentID: o.ParentID, Name: o.Name, CreatedAt: at(o.CreatedAt)}
	if err := insert[models.Organization](ctx, s, r, "name"); err != nil {
		return err
	}
	o.ID = r.ID
	return nil
}

// Organization reads one organization.
func (s *Store) Organization(ctx context.Context, id int64) (models.Organization, error) {
	return first[models.Organization, organizationRow](ctx, s, id, "id = ?", id)
}

// Organizations lists all of them by id.
func (s *Store) Organizations(ctx context.Context) ([]models.Organization, error) {
	return list[models.Organization, organizationRow](ctx, s, "1 = 1")
}

type userRow struct {
	ID, OrganizationID        int64
	Login, PasswordHash, Role string
	Disabled                  bool
	CreatedAt                 stamp
}

func (userRow) TableName() string      { return "users" }
func (userRow) what() (string, string) { return "user", "账户" }
func (r userRow) model() models.User {
	return models.User{ID: r.ID, OrganizationID: r.OrganizationID, Login: r.Login, PasswordHash: r.PasswordHash,
		Role: models.Role(r.Role), Disabled: r.Disabled, CreatedAt: r.CreatedAt.t}
}

func rowOfUser(u models.User) *userRow {
	return &userRow{ID: u.ID, OrganizationID: u.OrganizationID, Login: strings.ToLower(u.Login),
		PasswordHash: u.PasswordHash, Role: string(u.Role), Disabled: u.Disabled, CreatedAt: at(u.CreatedAt)}
}

// CreateUser saves u with its login in lower case and fills in ID, Login and, when zero, CreatedAt. Logins are unique.
func (s *Store) CreateUser(ctx context.Context, u *models.User) error {
	if u.CreatedAt.IsZero() {
		u.CreatedAt = s.clk.Now().UTC()
	}
	r := rowOfUser(*u)
	r.ID = 0
	if err := insert[models.User](ctx, s, r, "login"); err != nil {
		return err
	}
	u.ID, u.Login = r.ID, r.Login
	return nil
}

// User reads one user.
func (s *Store) User(ctx context.Context, id int64) (models.User, error) {
	return first[models.User, userRow](ctx, s, id, "id = ?", id)
}

// UserByLogin reads the user who logs in as login, in any case.
func (s *Store) UserByLogin(ctx context.Context, login string) (models.User, error) {
	return first[models.User, userRow](ctx, s, login, "login = ?", strings.ToLower(login))
}

// Users lists an organization's users by id.
func (s *Store) Users(ctx context.Context, org int64) ([]models.User, error) {
	return list[models.User, userRow](ctx, s, "organization_id = ?", org)
}

// UpdateUser writes password hash, role and the disabled mark.
func (s *Store) UpdateUser(ctx context.Context, u models.User) error {
	return update[models.User](ctx, s, rowOfUser(u), u.ID, "login", "password_hash", "role", "disabled")
}

type callerNumberRow struct {
	ID, OrganizationID     int64
	Number, Kind, Approval string
	Reason, UploadedBy     string
	CreatedAt              stamp
}

func (callerNumberRow) TableName() string      { return "caller_numbers" }
func (callerNumberRow) what() (string, string) { return "caller number", "去电号码" }
func (r callerNumberRow) model() models.CallerNumber {
	return models.CallerNumber{ID: r.ID, OrganizationID: r.OrganizationID, Number: r.Number, Kind: r.Kind,
		Approval: models.Approval(r.Approval), Reason: r.Reason, UploadedBy: r.UploadedBy, CreatedAt: r.CreatedAt.t}
}

// CreateCallerNumber saves c and fills in its ID and, when zero, CreatedAt. A number is unique in its organization.
func (s *Store) CreateCallerNumber(ctx context.Context, c *models.CallerNumber) error {
	if c.CreatedAt.IsZero() {
		c.CreatedAt = s.clk.Now().UTC()
	}
	r := &callerNumberRow{OrganizationID: c.OrganizationID, Number: c.Number, Kind: c.Kind,
		Approval: string(c.Approval), UploadedBy: c.UploadedBy, CreatedAt: at(c.CreatedAt)}
	if err := insert[models.CallerNumber](ctx, s, r, "number"); err != nil {
		return err
	}
	c.ID = r.ID
	return nil
}

// CallerNumber reads one caller number.
func (s *Store) CallerNumber(ctx context.Context, id int64) (models.CallerNumber, error) {
	return first[models.CallerNumber, callerNumberRow](ctx, s, id, "id = ?", id)
}

// CallerNumbers lists an organization's caller numbers by id.
func (s *Store) CallerNumbers(ctx context.Context, org int64) ([]models.CallerNumber, error) {
	return list[models.CallerNumber, callerNumberRow](ctx, s, "organization_id = ?", org)
}

// UpdateCallerNumber writes the approval and its reason.
func (s *Store) UpdateCallerNumber(ctx context.Context, c models.CallerNumber) error {
	return update[models.CallerNumber](ctx, s, &callerNumberRow{Approval: string(c.Approval), Reason: c.Reason}, c.ID, "number", "approval", "reason")
}

// DeleteCallerNumber removes a caller number. Campaigns that name it simply have one less to choose from.
func (s *Store) DeleteCallerNumber(ctx context.Context, id int64) error {
	return remove[models.CallerNumber](ctx, s, &callerNumberRow{}, id, nil)
}

type voiceFileRow struct {
	ID, OrganizationID                        int64
	Name, OriginalName, OriginalPath, WavPath string
	SHA256                                    string `gorm:"column:sha256"`
	Format                                    string
	DurationMS                                int64
	Approval, Reason, UploadedBy              string
	CreatedAt                                 stamp
}

func (voiceFileRow) TableName() string      { return "voice_files" }
func (voiceFileRow) what() (string, string) { return "voice file", "语音文件" }
func (r voiceFileRow) model() models.VoiceFile {
	return models.VoiceFile{ID: r.ID, OrganizationID: r.OrganizationID, Name: r.Name, OriginalName: r.OriginalName,
		OriginalPath: r.OriginalPath, WavPath: r.WavPath, SHA256: r.SHA256, Format: r.Format, DurationMS: r.DurationMS,
		Approval: models.Approval(r.Approval), Reason: r.Reason, UploadedBy: r.UploadedBy, CreatedAt: r.CreatedAt.t}
}

func rowOfVoiceFile(v models.VoiceFile) *voiceFileRow {
	return &voiceFileRow{ID: v.ID, OrganizationID: v.OrganizationID, Name: v.Name, OriginalName: v.OriginalName,
		OriginalPath: v.OriginalPath, WavPath: v.WavPath, SHA256: v.SHA256, Format: v.Format, DurationMS: v.DurationMS,
		Approval: string(v.Approval), Reason: v.Reason, UploadedBy: v.UploadedBy, CreatedAt: at(v.CreatedAt)}
}

// CreateVoiceFile saves v and fills in its ID and, when zero, CreatedAt.
func (s *Store) CreateVoiceFile(ctx context.Context, v *models.VoiceFile) error {
	if v.CreatedAt.IsZero() {
		v.CreatedAt = s.clk.Now().UTC()
	}
	r := rowOfVoiceFile(*v)
	r.ID = 0
	if err := insert[models.VoiceFile](ctx, s, r, "name"); err != nil {
		return err
	}
	v.ID = r.ID
	return nil
}

// VoiceFile reads one voice file.
func (s *Store) VoiceFile(ctx context.Context, id int64) (models.VoiceFile, error) {
	return first[models.VoiceFile, voiceFileRow](ctx, s, id, "id = ?", id)
}

// VoiceFiles lists an organization's voice files by id.
func (s *Store) VoiceFiles(ctx context.Context, org int64) ([]models.VoiceFile, error) {
	return list[models.VoiceFile, voiceFileRow](ctx, s, "organization_id = ?", org)
}

// UpdateVoiceFile writes everything but the owner and the creation time.
func (s *Store) UpdateVoiceFile(ctx context.Context, v models.VoiceFile) error {
	return update[models.VoiceFile](ctx, s, rowOfVoiceFile(v), v.ID, "name", "name", "original_name", "original_path",
		"wav_path", "sha256", "format", "duration_ms", "approval", "reason", "uploaded_by")
}

// DeleteVoiceFile removes a voice file's row unless a campaign or a queue uses it; the files themselves are the caller's.
func (s *Store) DeleteVoiceFile(ctx context.Context, id int64) error {
	return remove[models.VoiceFile](ctx, s, &voiceFileRow{}, id, func(tx *gorm.DB) (bool, error) {
		if err := usedByQueue(tx, "voice file", "语音文件", id, "? IN (music_voice_id, announcement_voice_id, comfort_voice_id, overflow_voice_id)"); err != nil {
			return false, err
		}
		if err := usedByFlow(tx, "voice file", "语音文件", "voice_file", id); err != nil {
			return false, err
		}
		return usedBy("voice_file_id = ?", id)(tx)
	})
}
