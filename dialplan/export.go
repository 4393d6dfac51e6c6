package dialplan

import (
	"fmt"
	"os"
	"path/filepath"
)

// Export writes the files of a plan into a folder, for people who load them by hand. An existing file is replaced in one
// step; nothing is reloaded.
func Export(dir string, p Plan) (Revision, error) {
	rev, err := Render(p)
	if err != nil {
		return Revision{}, err
	}
	if err := ensureDir(dir); err != nil {
		return Revision{}, err
	}
	for name, data := range rev.Files {
		if err := replaceFile(filepath.Join(dir, name), data); err != nil {
			return Revision{}, err
		}
	}
	return rev, nil
}

// replaceFile puts a new text under a name so that a reader sees the old one or the new one, also after a power cut. The
// temporary name does not end in .xml: FreeSWITCH includes *.xml.
func replaceFile(path string, data []byte) error { return replaceFileAs(path, data, 0o644) }

func replaceFileAs(path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.new")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(f.Name()) // fails once it is renamed, as it should
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync dialplan folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync dialplan folder: %w", err)
	}
	return nil
}

func ensureDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make dialplan folder: %w", err)
	}
	return nil
}
