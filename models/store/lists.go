package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"waihu/models"
)

type contactListRow struct {
	ID, OrganizationID                             int64
	Name, FileName                                 string
	FileSHA256                                     string `gorm:"column:file_sha256"`
	Columns                                        text[[]string]
	NumberColumn                                   int
	State, Approval, Reason, UploadedBy            string
	Rows, Valid, Duplicates, Blacklisted, Rejected int64
	ResumeRow                                      int64
	CreatedAt                                      stamp
}

func (contactListRow) TableName() string      { return "contact_lists" }
func (contactListRow) what() (string, string) { return "contact list", "名单" }
func (r contactListRow) model() models.ContactList {
	return models.ContactList{ID: r.ID, OrganizationID: r.OrganizationID, Name: r.Name, FileName: r.FileName,
		FileSHA256: r.FileSHA256, Columns: r.Columns.v, NumberColumn: r.NumberColumn, State: models.ListState(r.State),
		Approval: models.Approval(r.Approval), Reason: r.Reason, UploadedBy: r.UploadedBy, Rows: r.Rows, Valid: r.Valid, Duplicates: r.Duplicates,
		Blacklisted: r.Blacklisted, Rejected: r.Rejected, ResumeRow: r.ResumeRow, CreatedAt: r.CreatedAt.t}
}

func rowOfList(l models.ContactList) *contactListRow {
	return &contactListRow{ID: l.ID, OrganizationID: l.OrganizationID, Name: l.Name, FileName: l.FileName,
		FileSHA256: l.FileSHA256, Columns: text[[]string]{l.Columns}, NumberColumn: l.NumberColumn, State: string(l.State),
		Approval: string(l.Approval), Reason: l.Reason, UploadedBy: l.UploadedBy, Rows: l.Rows, Valid: l.Valid, Duplicates: l.Duplicates, Blacklisted: l.Blacklisted,
		Rejected: l.Rejected, ResumeRow: l.ResumeRow, CreatedAt: at(l.CreatedAt)}
}

// CreateContactList saves l and fills in its ID and, when zero, CreatedAt; an empty state becomes importing.
func (s *Store) CreateContactList(ctx context.Context, l *models.ContactList) error {
	if l.CreatedAt.IsZero() {
		l.CreatedAt = s.clk.Now().UTC()
	}
	if l.State == "" {
		l.State = models.ListImporting
	}
	if l.Approval == "" {
		l.Approval = models.ApprovalPending
	}
	r := rowOfList(*l)
	r.ID = 0
	if err := insert[models.ContactList](ctx, s, r, "name"); err != nil {
		return err
	}
	l.ID = r.ID
	return nil
}

// ContactList reads one list.
func (s *Store) ContactList(ctx context.Context, id int64) (models.ContactList, error) {
	return first[models.ContactList, contactListRow](ctx, s, id, "id = ?", id)
}

// ContactLists lists an organization's lists by id.
func (s *Store) ContactLists(ctx context.Context, org int64) ([]models.ContactList, error) {
	return list[models.ContactList, contactListRow](ctx, s, "organization_id = ?", org)
}

// UpdateContactList writes everything but the owner and the creation time; AppendContacts keeps the counters of an import
// under way.
func (s *Store) UpdateContactList(ctx context.Context, l models.ContactList) error {
	return update[models.ContactList](ctx, s, rowOfList(l), l.ID, "name", "name", "file_name", "file_sha256", "columns",
		"number_column", "state", "approval", "uploaded_by", "rows", "valid", "duplicates", "blacklisted", "rejected", "resume_row")
}

// SetListState says how far the import of a list is, and touches nothing else: the list may be approved meanwhile.
func (s *Store) SetListState(ctx context.Context, id int64, state models.ListState) error {
	return s.write(ctx, fmt.Sprintf("set list %d to %s", id, state), func(tx *gorm.DB) error {
		var n int64
		if err := tx.Raw("SELECT COUNT(*) FROM contact_lists WHERE id = ?", id).Find(&n).Error; err != nil {
			return err
		}
		if n == 0 {
			return missing("contact list", "名单", id)
		}
		return tx.Exec("UPDATE contact_lists SET state = ? WHERE id = ?", string(state), id).Error
	})
}

// deleteChunk bounds a transaction that deletes contacts, so that calls are not kept from being written down.
const deleteChunk = 5000

// DeleteContactList removes a list that no campaign uses, its contacts first and in pieces; a cut leaves the list with
// fewer contacts and may be repeated.
func (s *Store) DeleteContactList(ctx context.Context, id int64) error {
	used := usedBy("contact_list_id = ?", id)
	for {
		var n int64
		err := s.write(ctx, fmt.Sprintf("delete contacts of list %d", id), func(tx *gorm.DB) error {
			if in, err := used(tx); err != nil || in {
				n = 0
				return err // remove says it to the caller
			}
			var ids []int64
			if err := tx.Raw("SELECT id FROM contacts WHERE list_id = ? ORDER BY id LIMIT ?", id, deleteChunk).Find(&ids).Error; err != nil {
				return err
			}
			if n = int64(len(ids)); n == 0 {
				return nil
			}
			return tx.Exec("DELETE FROM contacts WHERE list_id = ? AND id BETWEEN ? AND ?", id, ids[0], ids[n-1]).Error
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return remove[models.ContactList](ctx, s, &contactListRow{}, id, used)
		}
	}
}
