package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"waihu/models"
)

type recordingRow struct {
	ID                                           string
	OrganizationID, CampaignID, QueueID, AgentID int64
	Number                                       string
	StartedAt                                    stamp
	DurationMS                                   int64 `gorm:"column:duration_ms"`
	TalkMS                                       int64 `gorm:"column:talk_ms"`
	Bytes                                        int64
	Path, Problem                                string
	DeletedAt                                    stamp
}

const recordingColumns = "id, organization_id, campaign_id, queue_id, agent_id, number, started_at, duration_ms, talk_ms, bytes, path, problem, deleted_at"

func (r recordingRow) model() models.Recording {
	return models.Recording{ID: r.ID, OrganizationID: r.OrganizationID, CampaignID: r.CampaignID, QueueID: r.QueueID, AgentID: r.AgentID, Number: r.Number,
		StartedAt: r.StartedAt.t, DurationMS: r.DurationMS, TalkMS: r.TalkMS, Bytes: r.Bytes, Path: r.Path, Problem: r.Problem, DeletedAt: r.DeletedAt.ptr()}
}

// SaveRecording writes a recording, or what has become of it. One that was deleted stays deleted.
func (s *Store) SaveRecording(ctx context.Context, r models.Recording) error {
	return s.write(ctx, "save recording "+r.ID, func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO recordings ("+recordingColumns+") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"+s.d.onConflict("id", recordingAgain),
			r.ID, r.OrganizationID, r.CampaignID, r.QueueID, r.AgentID, clip(r.Number, 20), at(r.StartedAt), r.DurationMS, r.TalkMS, r.Bytes, clip(r.Path, 255),
			clip(r.Problem, 16), atp(r.DeletedAt)).Error
	})
}

func recordingAgain(fresh func(string) string) string {
	set := ""
	for _, c := range [...]string{"queue_id", "agent_id", "duration_ms", "talk_ms", "bytes", "path", "problem"} {
		set += c + " = " + fresh(c) + ", "
	}
	return set + "deleted_at = COALESCE(" + fresh("deleted_at") + ", recordings.deleted_at)"
}

// Recording reads one recording; one that was deleted is there too, with the time.
func (s *Store) Recording(ctx context.Context, id string) (models.Recording, error) {
	var rows []recordingRow
	err := s.r.WithContext(ctx).Raw("SELECT "+recordingColumns+" FROM recordings WHERE id = ?", id).Find(&rows).Error
	if err != nil {
		return models.Recording{}, fmt.Errorf("read recording %s: %w", id, err)
	}
	if len(rows) == 0 {
		return models.Recording{}, missing("recording", "录音", id)
	}
	return rows[0].model(), nil
}
