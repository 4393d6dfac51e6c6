package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"waihu/models"
)

// A reservation looks at as many leads as are wanted and, when some had to be deferred, up to three times more, each time at
// four times what is missing. What it did not reach is due at its next call.
const (
	maxReserve    = 1000
	reserveRounds = 4
	roundFactor   = 4
	roundLeast    = 50
)

// Reserve takes leads of a running campaign that may be called at q.Now, at most q.Limit (1 to 1000) in the order in which
// they fell due, and saves a reserved attempt for each. Within the same transaction it checks the lease, the blacklist,
// q.Window, the limits per number over all campaigns of the organization, and that nobody is calling the number. Leads
// that must not be called are deferred, or skipped when their number is blacklisted for good.
//
// models.ErrLeaseLost says that another process may own the floor; a *models.Error of kind conflict that the campaign does
// not run. After any other error it may be unknown whether attempts were saved; if they were, the next Reserve gives them
// back.
func (s *Store) Reserve(ctx context.Context, q models.ReserveRequest) (models.ReserveResult, error) {
	var res models.ReserveResult
	if q.Limit < 1 || q.Limit > maxReserve {
		return res, models.NewError(models.Invalid, "limit", "out_of_range",
			fmt.Sprintf("Ask for 1 to %d leads at a time.", maxReserve), fmt.Sprintf("每次请求的数量须为 1 至 %d。", maxReserve))
	}
	r := &reservation{s: s, q: q}
	doubtful := s.doubts.list()
	err := s.write(ctx, fmt.Sprintf("reserve %d leads of campaign %d", q.Limit, q.Campaign.ID), func(tx *gorm.DB) error {
		r.tx, r.res, r.done = tx, models.ReserveResult{}, false
		if err := s.fence(tx, q.Epoch, true); err != nil {
			return err
		}
		if err := s.release(tx, q.Epoch, doubtful, q.Now, []string{string(models.AttemptReserved)}); err != nil {
			return err
		}
		return r.run()
	})
	if err == nil {
		s.doubts.settle(doubtful)
		return r.res, nil
	}
	if r.done { // the connection died at the commit: it may have been made
		if s.saved(ctx, r.res.Reserved) {
			return r.res, nil
		}
		s.doubts.add(r.res.Reserved)
	}
	return models.ReserveResult{}, err
}

// doubts are attempts that nobody knows to be saved or not.
type doubts struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (d *doubts) add(rs []models.Reserved) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ids == nil {
		d.ids = map[string]bool{}
	}
	for _, r := range rs {
		d.ids[r.Attempt.ID] = true
	}
}

func (d *doubts) list() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.ids))
}

func (d *doubts) settle(ids []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		delete(d.ids, id)
	}
}

// saved says whether the attempts are in the database; when it cannot find out, it says no.
func (s *Store) saved(ctx context.Context, rs []models.Reserved) bool {
	if len(rs) == 0 {
		return false
	}
	var n int64
	err := s.w.WithContext(ctx).Raw("SELECT COUNT(*) FROM attempts WHERE id = ? AND state = 'reserved'", rs[0].Attempt.ID).Find(&n).Error
	return err == nil && n == 1
}

// reservation is one call of Reserve.
type reservation struct {
	s     *Store
	q     models.ReserveRequest
	tx    *gorm.DB
	res   models.ReserveResult
	group map[deferral][]int64
	done  bool // all statements succeeded, only the commit was left
}

type deferral struct {
	why   models.Gate
	until time.Time
}

func (r *reservation) run() error {
	// One claimer of a campaign at a time: between a look at a due lead and its update another one could reserve, dial and
	// finish it, and it would be due again, with another count of attempts.
	state, err := campaignState(r.tx, r.q.Campaign.ID, r.s.d.lock)
	if err != nil {
		return err
	}
	if state != models.CampaignRunning {
		return models.NewError(models.Conflict, "state", string(models.GateNotRunning),
			fmt.Sprintf("Campaign %d is %s and does not dial; start it.", r.q.Campaign.ID, state),
			fmt.Sprintf("任务 %d 当前状态为 %s，未在运行，请先启动。", r.q.Campaign.ID, state))
	}
	for i := range reserveRounds {
		want := r.q.Limit - len(r.res.Reserved)
		page := want
		if i > 0 {
			page = min(max(want*roundFactor, roundLeast), maxReserve)
		}
		more, err := r.round(want, page)
		if err != nil {
			return err
		}
		if !more || len(r.res.Reserved) == r.q.Limit {
			break
		}
	}
	if len(r.res.Reserved) == 0 {
		if err := r.nextDue(); err != nil {
			return err
		}
	}
	r.done = true
	return nil
}

// round looks at one page of due leads and takes at most want; more says that there may be others behind.
func (r *reservation) round(want, page int) (more bool, err error) {
	var rows []leadRow
	err = r.tx.Raw("SELECT "+leadColumns+" FROM leads WHERE campaign_id = ? AND state = 'due' AND next_at <= ? ORDER BY next_at, id LIMIT ?",
		r.q.Campaign.ID, at(r.q.Now), page).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return false, err
	}
	g, err := r.look(rows)
	if err != nil {
		return false, err
	}
	r.group = map[deferral][]int64{}
	var take []models.Lead
	for _, row := range rows {
		if len(take) == want {
			break
		}
		l := row.model()
		why, until := r.check(&g, l)
		if why == models.GateOpen {
			take = append(take, l)
			continue
		}
		r.put(l, why, until)
	}
	if err := r.take(take); err != nil {
		return false, err
	}
	return len(rows) == page, r.writeDeferred()
}

func (r *reservation) look(rows []leadRow) (gates, error) {
	numbers := make([]string, len(rows))
	since := r.q.Now.Add(-time.Duration(r.q.Campaign.Rules.MinGapSeconds) * time.Second)
	zones := map[string]bool{}
	for i, l := range rows {
		numbers[i] = l.Number
		if r.q.Campaign.Rules.PerNumberDay > 0 && !zones[l.Zone] {
			zones[l.Zone] = true
			if start := r.q.DayStart(l.Zone); start.Before(since) {
				since = start
			}
		}
	}
	g, err := r.s.look(r.tx, r.q.Campaign.OrganizationID, r.q.Campaign.Rules, numbers, r.q.Now, since)
	if err != nil {
		return g, err
	}
	if g.alone, err = leftAlone(r.tx, r.q.Campaign.OrganizationID, numbers, r.q.Redial, r.q.Now); err != nil {
		return g, err
	}
	return g, g.lookOpen(r.tx, r.q.Campaign.OrganizationID, numbers)
}

func (r *reservation) check(g *gates, l models.Lead) (models.Gate, time.Time) {
	if why, until := g.listed(l.Number); why != models.GateOpen {
		return why, until
	}
	if r.q.Window != nil {
		if why, until := r.q.Window(l.Zone); why != models.GateOpen {
			return why, until
		}
	}
	if why, until := g.frequency(l.Number, r.dayStart(l.Zone)); why != models.GateOpen {
		return why, until
	}
	if until, ok := g.alone[l.Number]; ok {
		return models.GateLeftAlone, until
	}
	if g.open[numberKey(r.q.Campaign.OrganizationID, l.Number)] {
		return models.GateInCall, r.q.Now.Add(inCallWait)
	}
	return models.GateOpen, time.Time{}
}

func (r *reservation) dayStart(zone string) time.Time {
	if r.q.Campaign.Rules.PerNumberDay == 0 || r.q.DayStart == nil {
		return r.q.Now
	}
	return r.q.DayStart(zone)
}

// take moves leads to reserved and saves their attempts.
func (r *reservation) take(leads []models.Lead) error {
	if len(leads) == 0 {
		return nil
	}
	ids := make([]int64, len(leads))
	for i, l := range leads {
		ids[i] = l.ID
	}
	res := r.tx.Exec("UPDATE leads SET state = 'reserved', why = '' WHERE id IN ? AND state = 'due'", ids)
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected != int64(len(ids)) {
		return errRaced
	}
	made := make([]models.Reserved, len(leads))
	for i, l := range leads {
		a, err := r.attempt(l)
		if err != nil {
			return err
		}
		made[i] = models.Reserved{Attempt: a, Lead: l}
	}
	for some := range slices.Chunk(made, r.s.d.rows) {
		err := r.save(some)
		switch {
		case err == nil:
			r.res.Reserved = append(r.res.Reserved, some...)
		case !errors.Is(err, gorm.ErrDuplicatedKey):
			return err
		default:
			if err := r.takeEach(some); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeEach saves attempts one by one when one of their keys was taken between our look and our insert.
func (r *reservation) takeEach(made []models.Reserved) error {
	for _, m := range made {
		err := r.save([]models.Reserved{m})
		switch {
		case err == nil:
			r.res.Reserved = append(r.res.Reserved, m)
		case errors.Is(err, gorm.ErrDuplicatedKey):
			r.put(m.Lead, models.GateInCall, r.q.Now.Add(inCallWait))
		default:
			return err
		}
	}
	return nil
}

func (r *reservation) attempt(l models.Lead) (models.Attempt, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return models.Attempt{}, fmt.Errorf("make an attempt's id: %w", err)
	}
	return models.Attempt{ID: id.String(), OrganizationID: r.q.Campaign.OrganizationID, CampaignID: l.CampaignID,
		LeadID: l.ID, Kind: models.KindCampaign, State: models.AttemptReserved, Number: l.Number, Try: l.Attempts + 1,
		Epoch: r.q.Epoch, ReservedAt: r.q.Now.UTC(), Pack: r.q.Pack, PackVersion: r.q.PackVersion}, nil
}

func (r *reservation) save(made []models.Reserved) error {
	q := multi{width: newAttemptWidth}
	for _, m := range made {
		addNewAttempt(&q, m.Attempt, at(r.dayStart(m.Lead.Zone)))
	}
	return r.tx.Exec(newAttempt+q.sql(), q.args...).Error
}

// newAttempt begins the insert of reserved attempts, the only way into the table.
const newAttempt = "INSERT INTO attempts (id, organization_id, campaign_id, lead_id, kind, state, number, trunk_id, gateway, " +
	"dialled, caller, try, epoch, day_start, reserved_at, open_lead_key, open_number_key, pack, pack_version) VALUES "

const newAttemptWidth = 19

func addNewAttempt(q *multi, a models.Attempt, dayStart stamp) {
	var lead any
	if a.LeadID != 0 {
		lead = a.LeadID
	}
	q.add(a.ID, a.OrganizationID, a.CampaignID, a.LeadID, string(a.Kind), string(models.AttemptReserved), a.Number, a.TrunkID,
		a.Gateway, a.Dialled, a.Caller, a.Try, a.Epoch, dayStart, at(a.ReservedAt), lead, numberKey(a.OrganizationID, a.Number), a.Pack, a.PackVersion)
}

func (r *reservation) put(l models.Lead, why models.Gate, until time.Time) {
	r.res.Deferred = append(r.res.Deferred, models.Deferred{LeadID: l.ID, Number: l.Number, Why: why, Until: until})
	d := deferral{why, until}
	r.group[d] = append(r.group[d], l.ID)
}

func (r *reservation) writeDeferred() error {
	for d, ids := range r.group {
		if err := deferLeads(r.tx, d.why, d.until, ids); err != nil {
			return err
		}
	}
	return nil
}

// deferLeads puts leads off until a time, or for good when that is zero.
func deferLeads(tx *gorm.DB, why models.Gate, until time.Time, ids []int64) error {
	if until.IsZero() {
		return tx.Exec("UPDATE leads SET state = 'skipped', why = ? WHERE id IN ?", string(why), ids).Error
	}
	return tx.Exec("UPDATE leads SET state = 'due', next_at = ?, why = ? WHERE id IN ?", at(until), string(why), ids).Error
}

func (r *reservation) nextDue() error {
	var row struct{ NextAt stamp }
	err := r.tx.Raw("SELECT MIN(next_at) AS next_at FROM leads WHERE campaign_id = ? AND state = 'due'", r.q.Campaign.ID).Find(&row).Error
	r.res.NextDue = row.NextAt.t
	return err
}
