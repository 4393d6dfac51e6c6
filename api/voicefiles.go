package api

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net/http"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

type voiceFiles struct{ svc VoiceFiles }

func (h voiceFiles) list(c echo.Context) error {
	all, err := h.svc.VoiceFiles(c.Request().Context(), who(c).OrganizationID)
	if err != nil {
		return err
	}
	return answerSome(c, all, func(v models.VoiceFile) int64 { return v.ID })
}

func (h voiceFiles) find(c echo.Context) (models.VoiceFile, error) {
	id, err := pathID(c)
	if err != nil {
		return models.VoiceFile{}, err
	}
	v, err := h.svc.VoiceFile(c.Request().Context(), id)
	return owned(c, v, v.OrganizationID, err)
}

func (h voiceFiles) show(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, v)
}

// create takes a file; its name is the field "name" before it, else that of the file.
func (h voiceFiles) create(c echo.Context) error {
	v := models.VoiceFile{OrganizationID: who(c).OrganizationID}
	return h.take(c, v, http.StatusCreated)
}

// replace gives a voice file another sound, which has to be approved anew.
func (h voiceFiles) replace(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	return h.take(c, v, http.StatusOK)
}

func (h voiceFiles) take(c echo.Context, v models.VoiceFile, status int) error {
	part, err := filePart(c, func(name, value string) {
		if name == "name" && v.ID == 0 {
			v.Name = value
		}
	})
	if err != nil {
		return err
	}
	defer part.Close()
	if v.Name == "" {
		v.Name = part.FileName()
	}
	if v.Name, err = nameOf(v.Name); err != nil {
		return err
	}
	v.UploadedBy = who(c).Login
	if v, err = h.svc.TakeVoice(c.Request().Context(), v, part.FileName(), part); err != nil {
		return err
	}
	return c.JSON(status, v)
}

func (h voiceFiles) rename(c echo.Context) error {
	var in struct {
		Name string `json:"name"`
	}
	v, err := h.find(c)
	if err != nil {
		return err
	}
	if err := bind(c, &in); err != nil {
		return err
	}
	if v.Name, err = nameOf(in.Name); err != nil {
		return err
	}
	if err := h.svc.UpdateVoiceFile(c.Request().Context(), v); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, v)
}

func (h voiceFiles) remove(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	if err := h.svc.DeleteVoiceFile(c.Request().Context(), v.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// audio plays what callees hear; parts of it on request (Range).
func (h voiceFiles) audio(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	sound, err := h.svc.Sound(c.Request().Context(), v)
	if err != nil {
		return err
	}
	defer sound.Close()
	c.Response().Header().Set(echo.HeaderContentType, "audio/wav")
	c.Response().Header().Set("ETag", `"`+v.SHA256+`"`)
	c.Response().Header().Set("Cache-Control", "private, no-cache")
	http.ServeContent(c.Response(), c.Request(), "", v.CreatedAt, sound)
	return nil
}

// peakCount is how many points of a waveform are shown.
const peakCount = 800

type peaksBody struct {
	DurationMS int64     `json:"duration_ms"`
	Peaks      []float64 `json:"peaks"` // the loudest sample of each part, -1 to 1
}

func (h voiceFiles) peaks(c echo.Context) error {
	v, err := h.find(c)
	if err != nil {
		return err
	}
	sound, err := h.svc.Sound(c.Request().Context(), v)
	if err != nil {
		return err
	}
	defer sound.Close()
	peaks, err := peaksOf(sound)
	if err != nil {
		return fmt.Errorf("read the sound of voice file %d: %w", v.ID, err)
	}
	return c.JSON(http.StatusOK, peaksBody{v.DurationMS, peaks})
}

// peaksOf reads a canonical WAV of 16-bit mono: a head of 44 bytes, then the samples.
func peaksOf(r io.Reader) ([]float64, error) {
	const head = 44
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	samples := data[min(head, len(data)):]
	n := len(samples) / 2
	points := min(n, peakCount)
	out := make([]float64, points)
	for p := range points {
		var loudest int16
		for i := n * p / points; i < n*(p+1)/points; i++ {
			if s := int16(binary.LittleEndian.Uint16(samples[2*i:])); abs(s) > abs(loudest) {
				loudest = s
			}
		}
		out[p] = math.Round(float64(loudest)/32768*1000) / 1000
	}
	return out, nil
}

func abs(s int16) int { return max(int(s), -int(s)) }
