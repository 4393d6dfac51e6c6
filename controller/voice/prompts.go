package voice

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"waihu/dialplan"
)

// PromptDir is the folder of the prompts below the sounds folder.
const PromptDir = "prompts"

// prompts are spoken by a machine (espeak-ng, Mandarin): understood by everybody, loved by nobody. Whoever wants better ones
// puts his own files of the same names into the folder.
//
//go:embed prompts/*.wav
var prompts embed.FS

// InstallPrompts puts the prompts that are missing into the sounds folder, which must exist. Files that are there stay: they
// may be the operator's own.
func InstallPrompts(sounds string) error {
	dir := filepath.Join(sounds, PromptDir)
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the folder of prompts: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the folder of prompts: %w", err)
	}
	defer root.Close()
	for _, name := range MissingPrompts(sounds) {
		if err := installPrompt(root, name); err != nil {
			return err
		}
	}
	return nil
}

func installPrompt(root *os.Root, name string) error {
	data, err := prompts.ReadFile(path.Join("prompts", name))
	if err != nil {
		return fmt.Errorf("read prompt %s: %w", name, err)
	}
	d, err := newDraft(root, 0o644)
	if err != nil {
		return err
	}
	defer d.discard()
	if _, err := d.file.Write(data); err != nil {
		return fmt.Errorf("write prompt %s: %w", name, err)
	}
	return d.keep(name)
}

// MissingPrompts lists the prompts that are not in the sounds folder.
func MissingPrompts(sounds string) []string {
	var missing []string
	for _, name := range dialplan.PromptNames() {
		if info, err := os.Stat(filepath.Join(sounds, PromptDir, name)); err != nil || info.Size() == 0 {
			missing = append(missing, name)
		}
	}
	return missing
}
