package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// recordings serves recorded calls to those who steer their agents or queues. Each listening is written down.
type recordings struct {
	deskHandlers
	heard *hearings
}

// hearAgain is for how long parts of a recording may be fetched after a listening was written down: a player asks for many.
const hearAgain = 10 * time.Minute

// hearings remembers who listens to what, so that a listening is written down once and not at each seek.
type hearings struct {
	mu sync.Mutex
	at map[string]time.Time
}

// begins reports whether this is a new listening.
func (h *hearings) begins(key string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for k, at := range h.at {
		if now.Sub(at) >= hearAgain {
			delete(h.at, k)
		}
	}
	if _, ok := h.at[key]; ok {
		return false
	}
	h.at[key] = now
	return true
}

func (h *hearings) forget(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.at, key)
}

func newRecordings(h deskHandlers) recordings {
	return recordings{h, &hearings{at: map[string]time.Time{}}}
}

func (h recordings) list(c echo.Context) error {
	i := who(c)
	q := models.RecordingQuery{OrganizationID: i.OrganizationID, Number: c.QueryParam("number"), Page: models.Page{After: c.QueryParam("after")}}
	e := &models.Error{Kind: models.Invalid}
	q.AgentID, q.QueueID, q.CampaignID = queryID(c, e, "agent_id"), queryID(c, e, "queue_id"), queryID(c, e, "campaign_id")
	q.From, q.To = queryTime(c, e, "from"), queryTime(c, e, "to")
	if err := e.OrNil(); err != nil {
		return err
	}
	var err error
	if q.Limit, err = pageLimit(c); err != nil {
		return err
	}
	_, v, err := seen(c, h.s.Desk.Roster)
	if err != nil {
		return err
	}
	q.Sight = v.bound()
	items, next, err := h.s.Desk.Recordings.RecordingPage(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, some(items, next))
}

// find reads the recording of the path, if the log-in may hear it.
func (h recordings) find(c echo.Context) (models.Recording, error) {
	v, err := h.s.Desk.Recordings.Recording(c.Request().Context(), c.Param("id"))
	if err != nil {
		return v, err
	}
	_, may, err := seen(c, h.s.Desk.Roster)
	if err != nil {
		return v, err
	}
	if !may.recording(v) {
		return models.Recording{}, noSuch("id")
	}
	if v.DeletedAt != nil {
		return v, models.NewError(models.NotFound, "id", "recording_deleted", "this recording was deleted; its call record remains", "该录音已删除，通话记录仍保留")
	}
	return v, nil
}

// audio plays a recording; parts of it on request (Range). ?download=1 saves it, which team leaders may not.
func (h recordings) audio(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	return h.play(c, heard{
		id: v.ID, number: v.Number, at: v.StartedAt, kind: "recording", play: models.AuditPlayRecording, download: models.AuditDownloadRecording,
		open: func(ctx context.Context) (io.ReadSeekCloser, error) {
			return h.s.Desk.Recordings.RecordingSound(ctx, v)
		},
		begins: func(context.Context) error { return nil },
	})
}

// heard is a sound that somebody listens to: a recording, or a message.
type heard struct {
	id, number           string
	at                   time.Time
	kind, play, download string
	open                 func(ctx context.Context) (io.ReadSeekCloser, error)
	begins               func(ctx context.Context) error // a listening begins
}

// play sends a sound, and writes a listening or download down before.
func (h recordings) play(c echo.Context, v heard) error {
	ctx, i, action := c.Request().Context(), who(c), v.play
	download := c.QueryParam("download") == "1"
	if download {
		if action = v.download; !member.allows(i.Role) {
			return models.NewError(models.Forbidden, "", "no_permission", "your role may listen to recordings, not save them; ask an administrator", "您的角色可以收听录音，但不能下载，请联系管理员")
		}
	}
	sound, err := v.open(ctx)
	if err != nil {
		return err
	}
	defer sound.Close()
	key := fmt.Sprintf("%s %d %s", action, i.UserID, v.id)
	if h.heard.begins(key, h.s.Hub.clock.Now()) {
		if err := errors.Join(h.note(c, action, v.kind+":"+v.id, v.number), v.begins(ctx)); err != nil {
			h.heard.forget(key)
			return err
		}
	}
	if download {
		attach(c, v.kind+"-"+v.at.UTC().Format("20060102-150405")+"-"+v.id+".wav", "audio/wav")
	}
	c.Response().Header().Set(echo.HeaderContentType, "audio/wav")
	c.Response().Header().Set("Cache-Control", "private, no-cache")
	http.ServeContent(c.Response(), c.Request(), "", v.at, sound)
	return nil
}

// recordingPeaks is the waveform of a recording by channel: the first is the customer, the second what he heard.
type recordingPeaks struct {
	DurationMS int64       `json:"duration_ms"`
	Channels   [][]float64 `json:"channels"`
}

func (h recordings) peaks(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	sound, err := h.s.Desk.Recordings.RecordingSound(c.Request().Context(), v)
	if err != nil {
		return err
	}
	return soundPeaks(c, sound, "recording "+v.ID)
}

func soundPeaks(c echo.Context, sound io.ReadSeekCloser, what string) error {
	defer sound.Close()
	out, err := wavePeaks(sound)
	if err != nil {
		return fmt.Errorf("read the sound of %s: %w", what, err)
	}
	return c.JSON(http.StatusOK, out)
}

func (h recordings) remove(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.s.Desk.Recordings.DeleteRecording(c.Request().Context(), v); err != nil {
		return err
	}
	if err := h.note(c, models.AuditDeleteRecording, "recording:"+v.ID, v.Number); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
