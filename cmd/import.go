package cmd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"waihu/config"
	"waihu/controller/intake"
	"waihu/controller/number"
	"waihu/models"
	"waihu/models/store"
)

type importFlags struct {
	name, column, encoding, delimiter, rejects string
	organization                               int64
	preview, blacklist, again                  bool
}

func newImport(a *app) *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import FILE",
		Short: a.t("Import a number file (CSV, TXT, XLSX); an import that was cut off goes on", "导入号码文件（CSV、TXT、XLSX）；中断后可续传"),
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := a.config()
			if err != nil {
				return err
			}
			return a.importFile(cmd.Context(), l, args[0], f)
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.name, "name", "", a.t("name of the list (default: the file's)", "名单名称（默认文件名）"))
	fl.StringVar(&f.column, "column", "", a.t("column of the numbers: heading or place from 1 (default: recognised)", "号码列：表头或序号（默认自动识别）"))
	fl.StringVar(&f.encoding, "encoding", "", a.t("utf-8, gb18030, big5, shift-jis, latin-1 (default: recognised)", "编码（默认自动识别）"))
	fl.StringVar(&f.delimiter, "delimiter", "", a.t("comma, semicolon, tab or pipe (default: recognised)", "分隔符（默认自动识别）"))
	fl.StringVar(&f.rejects, "rejects", "", a.t("file for the rows that are turned away, with reasons", "被拒行及原因的输出文件"))
	fl.Int64Var(&f.organization, "organization", 0, a.t("organisation id (default: the first one)", "机构编号（默认第一个）"))
	fl.BoolVar(&f.preview, "preview", false, a.t("show what would be read and store nothing", "仅预览，不写入"))
	fl.BoolVar(&f.blacklist, "blacklist", false, a.t("the file holds numbers never to be called; 170* is a prefix", "导入黑名单；170* 表示前缀"))
	fl.BoolVar(&f.again, "again", false, a.t("import a file once more that was imported before", "再次导入已导入过的文件"))
	c.MarkFlagsMutuallyExclusive("preview", "blacklist")
	return c
}

func (a *app) importFile(ctx context.Context, l config.Loaded, path string, f importFlags) error {
	return a.withFile("FILE", path, l.Import.MaxBytes, func(file *os.File, info os.FileInfo) error {
		o := intakeOptions(l.Config)
		o.Encoding, o.Delimiter, o.Column, o.Now = f.encoding, f.delimiter, f.column, time.Now()
		if f.preview {
			return a.preview(file, info, o)
		}
		s, err := a.database(ctx, l)
		if err != nil {
			return err
		}
		defer s.Close()
		if o.OrganizationID, err = organization(ctx, s, f.organization); err != nil {
			return err
		}
		if f.blacklist {
			return a.importBlacklist(ctx, s, file, info, o, f)
		}
		_, err = a.importList(ctx, s, file, info, o, f)
		return err
	})
}

// withFile opens a number file that a flag or argument names.
func (a *app) withFile(flag, path string, limit int64, use func(*os.File, os.FileInfo) error) error {
	file, err := os.Open(path)
	if err != nil {
		return models.NewError(models.Invalid, flag, "unreadable", err.Error(), err.Error())
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	if info.IsDir() || info.Size() > limit {
		return models.NewError(models.Invalid, flag, "too_large",
			fmt.Sprintf("%s is a folder or has %d bytes, more than import.max_bytes (%d): split it or raise the limit", path, info.Size(), limit),
			fmt.Sprintf("%s 是目录，或有 %d 字节，超过 import.max_bytes（%d）：请拆分或提高上限", path, info.Size(), limit))
	}
	return use(file, info)
}

// intakeOptions are what the configuration says about numbers.
func intakeOptions(c config.Config) intake.Options {
	p := number.Policy{Countries: c.Numbers.Countries}
	for _, k := range c.Numbers.Kinds {
		p.Kinds = append(p.Kinds, number.Kind(k))
	}
	return intake.Options{Region: c.Numbers.Region, Policy: p}
}

func (a *app) preview(file *os.File, info os.FileInfo, o intake.Options) error {
	look, err := intake.Preview(file, info.Size(), info.Name(), o)
	if err != nil {
		return err
	}
	a.say("%s, encoding %s, %d columns, numbers in column %d", "%s，编码 %s，%d 列，号码在第 %d 列", look.Format, look.Encoding, len(look.Columns), look.Column+1)
	for i, c := range look.Columns {
		fmt.Fprintf(a.out, "  %d  %s\n", i+1, oneLine(c))
	}
	for _, w := range look.Warnings {
		a.say("  note: %s", "  提示：%s", oneLine(a.t(w.Text, w.TextZH)))
	}
	for _, r := range look.Rejects {
		a.say("  row %d would be rejected: %s", "  第 %d 行会被拒绝：%s", r.Row, oneLine(a.t(r.Text, r.TextZH)))
	}
	return nil
}

func (a *app) importBlacklist(ctx context.Context, s *store.Store, file *os.File, info os.FileInfo, o intake.Options, f importFlags) error {
	rejects, done, err := openRejects(f.rejects, nil, 0)
	if err != nil {
		return err
	}
	added := int64(0)
	n, err := intake.ReadNumbers(ctx, file, info.Size(), info.Name(), o, func(entries []models.BlacklistEntry) error {
		for i := range entries {
			entries[i].CreatedBy, entries[i].CreatedAt = "import", o.Now
		}
		k, err := s.AddBlacklist(ctx, entries)
		added += k
		return err
	}, rejects)
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	a.say("%d rows: %d numbers, %d of them new, %d rejected", "%d 行：%d 个号码，新增 %d，拒绝 %d", n.Rows, n.Valid, added, n.Rejected)
	return nil
}

func (a *app) importList(ctx context.Context, s *store.Store, file *os.File, info os.FileInfo, o intake.Options, f importFlags) (models.ContactList, error) {
	look, err := intake.Preview(file, info.Size(), info.Name(), o)
	if err != nil {
		return models.ContactList{}, err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, info.Size())); err != nil {
		return models.ContactList{}, fmt.Errorf("read %s: %w", info.Name(), err)
	}
	list, err := a.listFor(ctx, s, hex.EncodeToString(sum.Sum(nil)), info.Name(), look, o, f)
	if err != nil {
		return models.ContactList{}, err
	}
	o.ListID, o.FromRow = list.ID, list.ResumeRow
	o.Counts = intake.Counts{Rows: list.Rows, Valid: list.Valid, Duplicates: list.Duplicates, Blacklisted: list.Blacklisted, Rejected: list.Rejected, ResumeRow: list.ResumeRow, Size: info.Size()}
	rejects, done, err := openRejects(f.rejects, look.Columns, list.ResumeRow)
	if err != nil {
		return models.ContactList{}, err
	}
	n, err := intake.Run(ctx, file, info.Size(), info.Name(), o, s, rejects, nil)
	if err = errors.Join(err, done()); err != nil {
		return models.ContactList{}, fmt.Errorf("import %s as list %d (the same command goes on behind line %d): %w", info.Name(), list.ID, n.ResumeRow, err)
	}
	if list, err = s.ContactList(ctx, list.ID); err != nil {
		return models.ContactList{}, err
	}
	list.State = models.ListReady
	if err := s.UpdateContactList(ctx, list); err != nil {
		return models.ContactList{}, err
	}
	a.say("list %d: %d rows, %d numbers, %d duplicates, %d blacklisted, %d rejected", "名单 %d：%d 行，有效 %d，重复 %d，黑名单 %d，拒绝 %d",
		list.ID, n.Rows, n.Valid, n.Duplicates, n.Blacklisted, n.Rejected)
	return list, nil
}

// listFor finds the list that an earlier import of the same file left unfinished, or makes a new one.
func (a *app) listFor(ctx context.Context, s *store.Store, sum, fileName string, look intake.Look, o intake.Options, f importFlags) (models.ContactList, error) {
	lists, err := s.ContactLists(ctx, o.OrganizationID)
	if err != nil {
		return models.ContactList{}, err
	}
	for _, l := range lists {
		switch {
		case l.FileSHA256 != sum || f.again && l.State != models.ListImporting:
		case l.State == models.ListImporting:
			a.note("going on with list %d behind line %d", "继续导入名单 %d，从第 %d 行之后", l.ID, l.ResumeRow)
			return l, nil
		case l.State == models.ListReady:
			return l, models.NewError(models.Conflict, "FILE", "imported",
				fmt.Sprintf("this file was imported already as list %d: use that one, or give --again", l.ID),
				fmt.Sprintf("此文件已导入为名单 %d：请使用该名单，或加 --again", l.ID))
		}
	}
	list := models.ContactList{OrganizationID: o.OrganizationID, Name: f.name, FileName: fileName, FileSHA256: sum,
		State: models.ListImporting, Approval: models.ApprovalPending, CreatedAt: o.Now}
	if list.Name == "" {
		list.Name = fileName
	}
	look.List(&list)
	err = s.CreateContactList(ctx, &list)
	return list, err
}

// openRejects opens the reject file, going on with the one of an import that was cut off. Without a path the rejects are
// counted only. done closes the file.
func openRejects(path string, columns []string, row int64) (w intake.RejectWriter, done func() error, err error) {
	if path == "" {
		return nil, func() error { return nil }, nil
	}
	file, err := os.OpenFile(filepath.Clean(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, models.NewError(models.Invalid, "--rejects", "unwritable", err.Error(), err.Error())
	}
	r, err := intake.ResumeRejects(file, columns, row)
	if err != nil {
		file.Close()
		return nil, nil, fmt.Errorf("open the reject file %s: %w", path, err)
	}
	return r, func() error { return errors.Join(r.Flush(), file.Close()) }, nil
}
