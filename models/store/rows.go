package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"waihu/models"
)

// row is how a definition stands in its table.
type row[M any] interface {
	model() M
	what() (en, zh string)
}

// insert creates a row and lets gorm fill in its id.
func insert[M any, R row[M]](ctx context.Context, s *Store, r R, field string) error {
	en, zh := r.what()
	err := s.write(ctx, "create "+en, func(tx *gorm.DB) error { return tx.Create(r).Error })
	return taken(err, field, en, zh)
}

func taken(err error, field, en, zh string) error {
	if !errors.Is(err, gorm.ErrDuplicatedKey) {
		return err
	}
	return models.NewError(models.Conflict, field, "taken",
		fmt.Sprintf("This %s is taken by another %s; choose another one.", field, en),
		fmt.Sprintf("已存在相同的%s，请更换。", zh))
}

func missing(en, zh string, key any) error {
	return models.NewError(models.NotFound, "id", "not_found",
		fmt.Sprintf("There is no %s %v; check it.", en, key),
		fmt.Sprintf("%s %v 不存在，请检查。", zh, key))
}

// first reads one row; R is the pointer type of T.
func first[M any, T any, R interface {
	*T
	row[M]
}](ctx context.Context, s *Store, key any, cond string, args ...any) (M, error) {
	var t T
	r := R(&t)
	en, zh := r.what()
	var zero M
	err := s.r.WithContext(ctx).Where(cond, args...).Take(r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return zero, missing(en, zh, key)
	}
	if err != nil {
		return zero, fmt.Errorf("read %s %v: %w", en, key, err)
	}
	return r.model(), nil
}

// list reads rows by id.
func list[M any, T any, R interface {
	*T
	row[M]
}](ctx context.Context, s *Store, cond string, args ...any) ([]M, error) {
	var ts []T
	if err := s.r.WithContext(ctx).Where(cond, args...).Order("id").Find(&ts).Error; err != nil {
		en, _ := R(new(T)).what()
		return nil, fmt.Errorf("list every %s: %w", en, err)
	}
	out := make([]M, len(ts))
	for i := range ts {
		out[i] = R(&ts[i]).model()
	}
	return out, nil
}

// update writes the named columns of the row with its id.
func update[M any, R row[M]](ctx context.Context, s *Store, r R, id int64, field string, columns ...string) error {
	en, zh := r.what()
	err := s.write(ctx, fmt.Sprintf("update %s %d", en, id), func(tx *gorm.DB) error {
		res := tx.Model(r).Where("id = ?", id).Select(columns).Updates(r)
		if res.Error == nil && res.RowsAffected == 0 {
			return missing(en, zh, id)
		}
		return res.Error
	})
	return taken(err, field, en, zh)
}

// remove deletes a row that nothing refers to; used says what does.
func remove[M any, R row[M]](ctx context.Context, s *Store, r R, id int64, used func(tx *gorm.DB) (bool, error)) error {
	en, zh := r.what()
	return s.write(ctx, fmt.Sprintf("delete %s %d", en, id), func(tx *gorm.DB) error {
		if used != nil {
			in, err := used(tx)
			if err != nil {
				return err
			}
			if in {
				return models.NewError(models.Conflict, "id", "in_use",
					fmt.Sprintf("The %s %d is used by a campaign; change or end that campaign first.", en, id),
					fmt.Sprintf("%s %d 正被任务使用，请先修改或结束该任务。", zh, id))
			}
		}
		res := tx.Where("id = ?", id).Delete(r)
		if res.Error == nil && res.RowsAffected == 0 {
			return missing(en, zh, id)
		}
		return res.Error
	})
}

// usedBy looks for campaigns with a value in a column.
func usedBy(cond string, args ...any) func(tx *gorm.DB) (bool, error) {
	return func(tx *gorm.DB) (bool, error) {
		var n int64
		err := tx.Table("campaigns").Where(cond, args...).Limit(1).Count(&n).Error
		return n > 0, err
	}
}
