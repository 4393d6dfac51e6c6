package cmd

import (
	"path"
	"path/filepath"

	"waihu/controller"
	"waihu/controller/voice"
	"waihu/dialplan"
)

// phoneSettings is how the daemon reaches agents' phones.
func (p *plant) phoneSettings() controller.PhoneSettings {
	c := p.l.Config
	prompts := dialplan.Prompts{Dir: path.Join(c.Switch.SoundsDir, voice.PromptDir)}
	return controller.PhoneSettings{
		Domain: c.Phones.Domain, Registered: p.registered, Prompts: prompts, ConfirmSound: prompts.Confirm(),
		Recordings: c.Switch.RecordingsDir, RecordingsHere: filepath.FromSlash(c.Switch.RecordingsDir),
	}
}
