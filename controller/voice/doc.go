// Package voice takes in voice files (语音文件): it finds out by content what was uploaded, keeps the original, and makes the
// 8 kHz 16-bit mono WAV that the switch plays.
//
// It owns the names of the stored files (made from their content, never from what the user called them), the limits, and the
// conversion: WAV with PCM, A-law, µ-law or float samples is converted here; MP3 and compressed WAV go through an ffmpeg
// child that can reach neither network nor files. It must not know campaigns or the database, and it never leaves a
// half-written file under a final name.
package voice

import (
	"time"

	"waihu/models"
)

// Rate is the sample rate of what is played, in Hz. A sample is 16 bits, mono.
const Rate = 8000

// Limits that apply when Config leaves them zero.
const (
	DefaultMaxBytes    = 50 << 20
	DefaultMaxDuration = 10 * time.Minute
	DefaultTimeout     = time.Minute
	MinDuration        = 300 * time.Millisecond // what is shorter nobody hears, and the switch may skip it
)

// Config says where voice files are kept and what is allowed. Both folders must exist.
type Config struct {
	OriginalDir string // originals as uploaded, <sha256>.wav or .mp3
	SoundDir    string // what the switch plays, <sha256>.wav; must be reachable from the switch
	FFmpeg      string // path of ffmpeg, "" = none: then only plain WAV files are accepted

	MaxBytes    int64         // of an upload, 0 = DefaultMaxBytes
	MaxDuration time.Duration // 0 = DefaultMaxDuration
	Timeout     time.Duration // of a conversion, 0 = DefaultTimeout
}

func (c Config) withDefaults() Config {
	if c.MaxBytes <= 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	if c.MaxDuration <= 0 {
		c.MaxDuration = DefaultMaxDuration
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	return c
}

// Formats of voice files, as models.VoiceFile has them.
const (
	WAV = "wav"
	MP3 = "mp3"
)

// Codes of refused voice files. The field of the error is "audio".
const (
	CodeEmpty     = "voice_empty"
	CodeFormat    = "voice_format"
	CodeExtension = "voice_extension"
	CodeDamaged   = "voice_damaged"
	CodeCodec     = "voice_codec"
	CodeNoFFmpeg  = "voice_needs_ffmpeg"
	CodeTooLarge  = "voice_too_large"
	CodeTooLong   = "voice_too_long"
	CodeTooShort  = "voice_too_short"
	CodeSilent    = "voice_silent"
)

func refuse(code, text, zh string) *models.Error {
	return models.NewError(models.Invalid, "audio", code, text, zh)
}
