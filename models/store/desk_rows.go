package store

import (
	"fmt"
	"strings"

	"gorm.io/gorm"

	"waihu/models"
)

// mostNames is how many names of users of a thing an error tells.
const mostNames = 5

// names joins the names that a query finds, "" = none.
func names(q *gorm.DB) (string, error) {
	var found []struct{ Name string }
	if err := q.Find(&found).Error; err != nil {
		return "", err
	}
	all := make([]string, 0, mostNames)
	for _, f := range found[:min(len(found), mostNames)] {
		all = append(all, f.Name)
	}
	if len(found) > mostNames {
		all = append(all, "…")
	}
	return strings.Join(all, ", "), nil
}

// versioned writes the named columns of a row whose version is still the one that the caller read.
func versioned[M any, R row[M]](tx *gorm.DB, r R, id, version int64, columns ...string) error {
	res := tx.Model(r).Where("id = ? AND version = ?", id, version).Select(columns).Updates(r)
	if res.Error != nil || res.RowsAffected == 1 {
		return res.Error
	}
	en, zh := r.what()
	var n int64
	if err := tx.Model(r).Where("id = ?", id).Count(&n).Error; err != nil {
		return err
	}
	if n == 0 {
		return missing(en, zh, id)
	}
	return models.NewError(models.Conflict, "version", "changed_meanwhile",
		"The "+en+" was changed by somebody else; load it again.", zh+"已被他人修改，请重新加载。")
}

// gone deletes a row, which must be there.
func gone[M any, R row[M]](tx *gorm.DB, r R, id int64) error {
	res := tx.Where("id = ?", id).Delete(r)
	if res.Error == nil && res.RowsAffected == 0 {
		en, zh := r.what()
		return missing(en, zh, id)
	}
	return res.Error
}

// usedByQueue is a conflict that names the queues for which a condition on id holds.
func usedByQueue(tx *gorm.DB, en, zh string, id int64, cond string) error {
	who, err := names(tx.Table("queues").Select("name").Where(cond, id).Order("id"))
	if err != nil || who == "" {
		return err
	}
	return models.NewError(models.Conflict, "id", "in_use",
		fmt.Sprintf("The %s %d is used by queue %s; change that queue first.", en, id, who),
		fmt.Sprintf("%s %d 正被接听组 %s 使用，请先修改该接听组。", zh, id, who))
}
