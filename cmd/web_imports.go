package cmd

import (
	"context"
	"errors"
	"io"

	"waihu/api"
	"waihu/controller/imports"
	"waihu/models"
)

// SaveUpload keeps a number file until it is imported.
func (w work) SaveUpload(_ context.Context, org int64, name string, r io.Reader) (api.Upload, error) {
	u, err := w.desk.Save(org, name, r)
	return api.Upload{ID: u.ID, Name: u.Name, Size: u.Size}, err
}

// LookAt says what an upload holds when it is read so.
func (w work) LookAt(_ context.Context, org int64, id string, s api.FileShape) (any, error) {
	return w.desk.Look(org, id, imports.Shape(s))
}

// ImportList makes a list of an upload; its contacts come in the background.
func (w work) ImportList(ctx context.Context, org int64, by, id, name string, s api.FileShape) (models.ContactList, error) {
	return w.desk.Import(ctx, org, by, id, name, imports.Shape(s))
}

// ImportProgress is how far an import is, in bytes.
func (w work) ImportProgress(listID int64) (api.ImportProgress, bool) {
	p, ok := w.desk.Progress(listID)
	return api.ImportProgress(p), ok
}

// Rejects opens the reject file of a list.
func (w work) Rejects(_ context.Context, listID int64) (io.ReadCloser, error) {
	return w.desk.Rejects(listID)
}

// DeleteList removes a list and its files.
func (w work) DeleteList(ctx context.Context, id int64) error {
	if _, busy := w.desk.Progress(id); busy {
		return models.NewError(models.Conflict, "id", "importing", "the list is being imported; wait until that has ended", "名单正在导入，请等待导入结束")
	}
	if err := w.DeleteContactList(ctx, id); err != nil {
		return err
	}
	return w.desk.Forget(id)
}

// withImports runs f while imports and rehearsals run in the background.
func (p *plant) withImports(ctx context.Context, f func() error) error {
	if p.imports == nil {
		return f()
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- p.imports.Run(work) }()
	go p.rehearsals.Run(work)
	err := f()
	stop()
	return errors.Join(err, <-ended)
}
