package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"waihu/models"
)

// AcquireLease takes or renews the right to run the floor for ttl of the database's time. It reports false, with the lease
// that stands in the way, when another owner holds it. owner must be unique to the process. The epoch grows by one with
// each change of owner and stays when the owner renews, even late, as long as nobody else came between.
func (s *Store) AcquireLease(ctx context.Context, owner string, ttl time.Duration) (models.Lease, bool, error) {
	if owner == "" || len(owner) > 128 {
		return models.Lease{}, false, models.NewError(models.Invalid, "owner", "bad_owner",
			"The owner of the lease must have 1 to 128 characters.", "租约持有者名称长度须为 1 至 128 个字符。")
	}
	var row lease1
	var mine bool
	err := s.write(ctx, "acquire the floor lease for "+owner, func(tx *gorm.DB) error {
		// The epoch comes first, because MySQL gives later assignments the new owner.
		sql := "UPDATE leases SET epoch = epoch + (CASE WHEN owner = ? THEN 0 ELSE 1 END), owner = ?, expires_at = " +
			s.d.later() + " WHERE name = 'floor' AND (owner = ? OR expires_at <= " + s.d.now + ")"
		res := tx.Exec(sql, owner, owner, s.d.laterArg(ttl), owner)
		if res.Error != nil {
			return res.Error
		}
		mine = res.RowsAffected == 1
		res = tx.Raw("SELECT name, owner, epoch, expires_at FROM leases WHERE name = 'floor'").Find(&row)
		if res.Error == nil && res.RowsAffected == 0 {
			return fmt.Errorf("table leases has no row named floor: run the migrations")
		}
		return res.Error
	})
	if err != nil {
		return models.Lease{}, false, err
	}
	return models.Lease{Owner: row.Owner, Epoch: row.Epoch, Expires: row.ExpiresAt.t}, mine, nil
}

// ReleaseLease gives the lease up, so that a standby need not wait for its end. A lease that is already somebody else's is
// left alone, without an error.
func (s *Store) ReleaseLease(ctx context.Context, l models.Lease) error {
	return s.write(ctx, "release the floor lease of "+l.Owner, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE leases SET owner = '', expires_at = '2000-01-01 00:00:00.000000' "+
			"WHERE name = 'floor' AND owner = ? AND epoch = ?", l.Owner, l.Epoch).Error
	})
}

// fence lets a transaction of the ledger go on only under the epoch of the present lease. The row stays as it is until our
// commit, so that a new owner sees all that the old one wrote. Dialling also needs a lease that has not run out; writing
// down what became of a call does not, as long as nobody else took over.
func (s *Store) fence(tx *gorm.DB, epoch int64, alive bool) error {
	var row struct {
		Epoch int64
		Alive bool
	}
	res := tx.Raw("SELECT epoch, expires_at > " + s.d.now + " AS alive FROM leases WHERE name = 'floor'" + s.d.share).Find(&row)
	if res.Error != nil {
		return fmt.Errorf("read the floor lease: %w", res.Error)
	}
	if res.RowsAffected == 0 || row.Epoch != epoch || (alive && !row.Alive) {
		return fmt.Errorf("epoch %d, the lease has %d: %w", epoch, row.Epoch, models.ErrLeaseLost)
	}
	return nil
}

func (d dialect) later() string {
	if d.name == MySQL {
		return d.now + " + INTERVAL ? MICROSECOND"
	}
	return "strftime('%Y-%m-%d %H:%M:%f000','now',?)"
}

func (d dialect) laterArg(ttl time.Duration) any {
	if d.name == MySQL {
		return ttl.Microseconds()
	}
	return fmt.Sprintf("%+.3f seconds", ttl.Seconds())
}
