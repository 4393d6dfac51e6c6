package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"waihu/controller/intake"
	"waihu/controller/number"
	"waihu/controller/voice"
	"waihu/models"
)

// voiceConfig says where voice files are kept; the folder of originals is made.
func (p *plant) voiceConfig() (voice.Config, error) {
	originals := filepath.Join(p.l.DataDir, "originals")
	if err := os.MkdirAll(originals, 0o750); err != nil {
		return voice.Config{}, fmt.Errorf("make the folder of original voice files: %w", err)
	}
	return voice.Config{OriginalDir: originals, SoundDir: p.l.SoundsDir, FFmpeg: p.l.Voice.FFmpeg,
		MaxBytes: p.l.Voice.MaxBytes, MaxDuration: time.Duration(p.l.Voice.MaxSeconds) * time.Second}, nil
}

// TakeVoice stores a sound as a new voice file, or as the new sound of a known one; it waits for approval.
func (w web) TakeVoice(ctx context.Context, v models.VoiceFile, fileName string, r io.Reader) (models.VoiceFile, error) {
	c, err := w.plant.voiceConfig()
	if err != nil {
		return v, err
	}
	sound, err := voice.Store(ctx, c, fileName, r)
	if err != nil {
		return v, err
	}
	sound.ID, sound.OrganizationID, sound.Name, sound.CreatedAt = v.ID, v.OrganizationID, v.Name, v.CreatedAt
	sound.Approval, sound.Reason, sound.UploadedBy = models.ApprovalPending, "", v.UploadedBy
	if v.ID != 0 {
		return sound, w.UpdateVoiceFile(ctx, sound)
	}
	sound.CreatedAt = w.plant.clock.Now().UTC()
	return sound, w.CreateVoiceFile(ctx, &sound)
}

// Sound opens what callees hear. The name comes from the database and is made of the content; it cannot lead elsewhere.
func (w web) Sound(_ context.Context, v models.VoiceFile) (io.ReadSeekCloser, error) {
	file, err := os.OpenInRoot(w.plant.l.SoundsDir, v.WavPath)
	if errors.Is(err, os.ErrNotExist) {
		return nil, models.NewError(models.NotFound, "id", "sound_gone", "the sound of this voice file is gone from sounds_dir; upload it again", "该语音文件的声音已从 sounds_dir 中丢失，请重新上传")
	}
	if err != nil {
		return nil, fmt.Errorf("open the sound of voice file %d: %w", v.ID, err)
	}
	return file, nil
}

// AddCaller checks and saves a number to show; it waits for approval.
func (w web) AddCaller(ctx context.Context, org int64, by, raw string) (models.CallerNumber, error) {
	v, err := number.Caller(strings.TrimSpace(raw))
	if err != nil {
		return v, err
	}
	v.OrganizationID, v.Approval, v.UploadedBy, v.CreatedAt = org, models.ApprovalPending, by, w.plant.clock.Now().UTC()
	return v, w.CreateCallerNumber(ctx, &v)
}

// Forbid puts a number, or a prefix (170*), on the blacklist. Every country and kind may be listed.
func (w web) Forbid(ctx context.Context, e models.BlacklistEntry) (models.BlacklistEntry, error) {
	region := w.plant.l.Numbers.Region
	raw, star := strings.CutSuffix(strings.TrimSpace(e.Number), "*")
	if e.Prefix = e.Prefix || star; e.Prefix {
		if e.Number = number.Prefix(raw, region); e.Number == "" {
			return e, models.NewError(models.Invalid, "number", intake.CodePrefix, "give at least two digits of the prefix, as in 170*", "前缀至少两位数字，例如 170*")
		}
	} else {
		n, bad := number.Normalise(raw, region, number.Policy{Countries: []string{number.AnyCountry}, Kinds: number.Kinds(), Unlisted: true})
		if bad != nil {
			return e, bad.Err("number")
		}
		e.Number = n.E164
	}
	e.CreatedAt = w.plant.clock.Now().UTC()
	if e.ExpiresAt != nil && !e.ExpiresAt.After(e.CreatedAt) {
		return e, models.NewError(models.Invalid, "expires_at", "in_the_past", "choose a time to come, or none", "请选择将来的时间，或留空")
	}
	if _, err := w.AddBlacklist(ctx, []models.BlacklistEntry{e}); err != nil {
		return e, err
	}
	found, err := w.BlacklistOf(ctx, e.OrganizationID, e.Number, e.Prefix)
	return found, err
}

// ImportBlacklist reads a number file into the blacklist of an organization.
func (w web) ImportBlacklist(ctx context.Context, org int64, by, fileName string, r io.Reader) (int64, any, error) {
	file, size, err := w.plant.spool(r)
	if err != nil {
		return 0, nil, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	o := intakeOptions(w.plant.l.Config)
	o.OrganizationID, o.Now = org, w.plant.clock.Now().UTC()
	added := int64(0)
	counts, err := intake.ReadNumbers(ctx, file, size, filepath.Base(fileName), o, func(entries []models.BlacklistEntry) error {
		for i := range entries {
			entries[i].CreatedBy, entries[i].CreatedAt = by, o.Now
		}
		n, err := w.AddBlacklist(ctx, entries)
		added += n
		return err
	}, nil)
	return added, counts, err
}

// spool keeps an upload in a file of its own below data_dir while it is worked on. The caller closes and removes it.
func (p *plant) spool(r io.Reader) (*os.File, int64, error) {
	file, err := os.CreateTemp(p.l.DataDir, "upload-*")
	if err != nil {
		return nil, 0, fmt.Errorf("make a file for an upload: %w", err)
	}
	n, err := io.Copy(file, io.LimitReader(r, p.l.Import.MaxBytes+1))
	if err == nil && n > p.l.Import.MaxBytes {
		err = models.NewError(models.Invalid, "file", "too_large",
			fmt.Sprintf("the file has more than %d bytes (import.max_bytes); split it", p.l.Import.MaxBytes),
			fmt.Sprintf("文件超过 %d 字节（import.max_bytes），请拆分", p.l.Import.MaxBytes))
	}
	if err != nil {
		return nil, 0, errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return file, n, nil
}
