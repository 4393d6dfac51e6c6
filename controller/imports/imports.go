// Package imports keeps uploaded number files and imports them in the background: an upload gets an id, is looked at as
// often as the wizard likes, and becomes a contact list.
//
// It owns the folders uploads/ID and lists/ID below its folder, and the goroutines of imports under way. Names of files are
// made by us, never by the client. How a file is read is package intake's; it must not know HTTP or the database behind Store.
package imports

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"waihu/controller/clock"
	"waihu/controller/intake"
	"waihu/models"
)

// Store is what imports need of the database.
type Store interface {
	intake.Sink
	CreateContactList(ctx context.Context, l *models.ContactList) error
	ContactList(ctx context.Context, id int64) (models.ContactList, error)
	SetListState(ctx context.Context, id int64, state models.ListState) error
}

// Config is what a Desk is made of.
type Config struct {
	Dir      string         // its own folder, below data_dir
	MaxBytes int64          // of an upload
	Options  intake.Options // region and policy of numbers
	Clock    clock.Clock
	Logger   *slog.Logger
}

// Upload is a file that was brought and not imported yet.
type Upload struct {
	ID             string `json:"id"`
	OrganizationID int64  `json:"organization_id"`
	Name           string `json:"name"` // as the client called it; only shown
	Size           int64  `json:"size"` // bytes
	SHA256         string `json:"sha256"`
}

// Shape says how a file is to be read; empty fields are guessed.
type Shape struct {
	Encoding  string `json:"encoding"`
	Delimiter string `json:"delimiter"`
	Column    string `json:"column"` // heading or place from 1
}

// Progress is how far an import under way is; bytes.
type Progress struct {
	Bytes int64 `json:"bytes"`
	Size  int64 `json:"size"`
}

// job is what stands in the folder of a list, so that another process can go on with its import.
type job struct {
	Upload Upload `json:"upload"`
	Shape  Shape  `json:"shape"`
}

// Names in a folder.
const (
	contentFile = "content"
	metaFile    = "upload.json"
	jobFile     = "import.json"
	rejectsFile = "rejects.csv"
)

const nameLength = 200

// Desk takes uploads and runs imports. Make it with New; imports go on within Run.
type Desk struct {
	cfg   Config
	store Store
	log   *slog.Logger

	mu      sync.Mutex
	running map[int64]Progress
	begin   chan int64
}

// New makes a desk and its folders.
func New(cfg Config, store Store) (*Desk, error) {
	for _, dir := range []string{"uploads", "lists"} {
		if err := os.MkdirAll(filepath.Join(cfg.Dir, dir), 0o750); err != nil {
			return nil, fmt.Errorf("make the folder of number files: %w", err)
		}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.Real()
	}
	return &Desk{cfg: cfg, store: store, log: cfg.Logger, running: map[int64]Progress{}, begin: make(chan int64, 64)}, nil
}

func (d *Desk) uploadDir(id string) string { return filepath.Join(d.cfg.Dir, "uploads", id) }
func (d *Desk) listDir(id int64) string {
	return filepath.Join(d.cfg.Dir, "lists", strconv.FormatInt(id, 10))
}

// Save keeps an upload. A file over the limit is a *models.Error and leaves nothing behind.
func (d *Desk) Save(org int64, name string, r io.Reader) (Upload, error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return Upload{}, fmt.Errorf("make an upload id: %w", err)
	}
	u := Upload{ID: id.String(), OrganizationID: org, Name: plainName(name)}
	dir := d.uploadDir(u.ID)
	if err := os.Mkdir(dir, 0o750); err != nil {
		return u, fmt.Errorf("make the folder of upload %s: %w", u.ID, err)
	}
	if err = d.save(&u, dir, r); err != nil {
		return u, errors.Join(err, os.RemoveAll(dir))
	}
	return u, nil
}

// plainName is a client's name of a file as it may be shown: the last part, on one line, of at most nameLength characters.
func plainName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, filepath.Base(name))
	if r := []rune(name); len(r) > nameLength {
		name = string(r[len(r)-nameLength:])
	}
	if name == "" || name == "." || name == string(filepath.Separator) {
		return "numbers"
	}
	return name
}

func (d *Desk) save(u *Upload, dir string, r io.Reader) error {
	file, err := os.OpenFile(filepath.Join(dir, contentFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep upload %s: %w", u.ID, err)
	}
	sum := sha256.New()
	u.Size, err = io.Copy(io.MultiWriter(file, sum), io.LimitReader(r, d.cfg.MaxBytes+1))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("keep upload %s: %w", u.ID, err)
	}
	if u.Size > d.cfg.MaxBytes {
		return models.NewError(models.Invalid, "file", "too_large",
			fmt.Sprintf("the file has more than %d bytes: split it, or raise import.max_bytes", d.cfg.MaxBytes),
			fmt.Sprintf("文件超过 %d 字节：请拆分，或提高 import.max_bytes", d.cfg.MaxBytes))
	}
	u.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return writeJSON(filepath.Join(dir, metaFile), u)
}

// Upload finds an upload of an organization; ids that we did not make find nothing.
func (d *Desk) Upload(org int64, id string) (Upload, error) {
	var u Upload
	missing := models.NewError(models.NotFound, "upload_id", "not_found", "there is no such upload (any more); upload the file again", "上传的文件不存在或已使用，请重新上传")
	if _, err := uuid.Parse(id); err != nil || len(id) != 36 {
		return u, missing
	}
	err := readJSON(filepath.Join(d.uploadDir(id), metaFile), &u)
	if errors.Is(err, os.ErrNotExist) || err == nil && u.OrganizationID != org {
		return u, missing
	}
	return u, err
}

// Look previews an upload.
func (d *Desk) Look(org int64, id string, s Shape) (intake.Look, error) {
	u, err := d.Upload(org, id)
	if err != nil {
		return intake.Look{}, err
	}
	file, err := os.Open(filepath.Join(d.uploadDir(id), contentFile))
	if err != nil {
		return intake.Look{}, fmt.Errorf("open upload %s: %w", id, err)
	}
	defer file.Close()
	return intake.Preview(file, u.Size, u.Name, d.options(s))
}

func (d *Desk) options(s Shape) intake.Options {
	o := d.cfg.Options
	o.Encoding, o.Delimiter, o.Column, o.Now = s.Encoding, s.Delimiter, s.Column, d.cfg.Clock.Now()
	return o
}

// Import makes a list of an upload, for whoever logs in as by, and begins to fill it in the background. The upload is used up.
func (d *Desk) Import(ctx context.Context, org int64, by, id, name string, s Shape) (models.ContactList, error) {
	u, err := d.Upload(org, id)
	if err != nil {
		return models.ContactList{}, err
	}
	look, err := d.Look(org, id, s)
	if err != nil {
		return models.ContactList{}, err
	}
	if look.Column < 0 {
		return models.ContactList{}, models.NewError(models.Invalid, "column", intake.CodeColumnNotFound,
			"no column looks like numbers; choose the one that holds them", "未识别到号码列，请选择号码所在的列")
	}
	list := models.ContactList{OrganizationID: org, Name: name, FileName: u.Name, FileSHA256: u.SHA256,
		State: models.ListImporting, Approval: models.ApprovalPending, UploadedBy: by, CreatedAt: d.cfg.Clock.Now()}
	if list.Name == "" {
		list.Name = u.Name
	}
	look.List(&list)
	// As it was guessed now it is read later, too: the rest of the file must not be guessed anew after a restart.
	s = Shape{Encoding: look.Encoding, Delimiter: look.Delimiter, Column: strconv.Itoa(look.Column + 1)}
	if err := d.store.CreateContactList(ctx, &list); err != nil {
		return list, err
	}
	if err := d.hand(u, list.ID, s); err != nil {
		list.State = models.ListFailed
		return list, errors.Join(err, d.store.SetListState(ctx, list.ID, list.State))
	}
	d.note(list.ID, Progress{Size: u.Size})
	select {
	case d.begin <- list.ID:
	case <-ctx.Done(): // the next start goes on with it
	}
	return list, nil
}

// hand moves an upload to the list that it becomes.
func (d *Desk) hand(u Upload, list int64, s Shape) error {
	from, to := d.uploadDir(u.ID), d.listDir(list)
	if err := writeJSON(filepath.Join(from, jobFile), job{Upload: u, Shape: s}); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("hand upload %s to list %d: %w", u.ID, list, err)
	}
	return nil
}

// Progress tells how far an import under way is; false when none is.
func (d *Desk) Progress(listID int64) (Progress, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.running[listID]
	return p, ok
}

func (d *Desk) note(listID int64, p Progress) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running[listID] = p
}

func (d *Desk) done(listID int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.running, listID)
}

// Rejects opens the reject file of a list; a list that was not imported here has none.
func (d *Desk) Rejects(listID int64) (io.ReadCloser, error) {
	file, err := os.Open(filepath.Join(d.listDir(listID), rejectsFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, models.NewError(models.NotFound, "id", "no_rejects", "this list has no reject file (yet)", "该名单没有（或尚无）拒绝文件")
	}
	if err != nil {
		return nil, fmt.Errorf("open the rejects of list %d: %w", listID, err)
	}
	return file, nil
}

// Forget removes the files of a list that was deleted. One that is being imported is refused.
func (d *Desk) Forget(listID int64) error {
	if err := os.RemoveAll(d.listDir(listID)); err != nil {
		return fmt.Errorf("remove the files of list %d: %w", listID, err)
	}
	return nil
}

func writeJSON(path string, v any) error {
	data, err := json.Marshal(v)
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

func readJSON(path string, into any) error {
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return nil
}
