package voice_test

import (
	"os"
	"path/filepath"
	"testing"

	"waihu/controller/voice"
	"waihu/dialplan"
)

// Every prompt is there, is what the switch plays, and an operator's own file is left alone.
func TestPromptsAreInstalled(t *testing.T) {
	dir := t.TempDir()
	if n := len(voice.MissingPrompts(dir)); n != len(dialplan.PromptNames()) {
		t.Fatalf("%d prompts are missing in an empty folder", n)
	}
	own := filepath.Join(dir, voice.PromptDir, "1.wav")
	if err := os.Mkdir(filepath.Dir(own), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, []byte("own"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := voice.InstallPrompts(dir); err != nil {
			t.Fatal(err)
		}
	}
	if missing := voice.MissingPrompts(dir); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
	if data, err := os.ReadFile(own); err != nil || string(data) != "own" {
		t.Errorf("the operator's own file became %.20q, %v", data, err)
	}
	for _, name := range dialplan.PromptNames() {
		if name == "1.wav" {
			continue
		}
		f, err := os.Open(filepath.Join(dir, voice.PromptDir, name))
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		got, err := voice.Check(f, info.Size(), name)
		if err != nil || got.Format != voice.WAV || got.Duration < voice.MinDuration {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := voice.InstallPrompts(filepath.Join(dir, "none")); err == nil {
		t.Error("a sounds folder that is not there was made")
	}
}
