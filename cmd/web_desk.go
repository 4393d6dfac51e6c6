package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"waihu/api"
	"waihu/controller"
	"waihu/models"
)

// deskWork is what the pages of agents and those who lead them get of the daemon.
type deskWork struct{ work }

func deskOf(w web) api.DeskWork {
	d := deskWork{work{web: w}}
	return api.DeskWork{Roster: d, State: d, Presence: d, Numbers: d, InCall: d, Consult: d, Supervision: d, Cards: d, Times: d, Recordings: d, Messages: d, Audit: d}
}

// deskPatience is how long the floor may take to carry out what somebody at a desk asks for.
const deskPatience = 10 * floorPatience

func (d deskWork) tell(ctx context.Context, do func(ctx context.Context) error) error {
	return d.command(ctx, deskPatience, do)
}

// DeskNow is everything about agents and queues. It does not end with the request that happens to ask: its answer is shared.
func (d deskWork) DeskNow(ctx context.Context) (models.DeskNow, error) {
	if err := d.floor(); err != nil {
		return models.DeskNow{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), floorPatience)
	defer cancel()
	return d.plant.floor.DeskNow(ctx)
}

// SignIn lets an agent take calls of the queues.
func (d deskWork) SignIn(ctx context.Context, agentID int64, queueIDs []int64) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.SignIn(ctx, agentID, queueIDs) })
}

// SignOut ends that.
func (d deskWork) SignOut(ctx context.Context, agentID int64, reason string) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.SignOut(ctx, agentID, reason) })
}

// SetBusy takes an agent out of distribution.
func (d deskWork) SetBusy(ctx context.Context, agentID int64, reason string, forced bool) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.SetBusy(ctx, agentID, reason, forced) })
}

// SetIdle brings an agent back.
func (d deskWork) SetIdle(ctx context.Context, agentID int64, forced bool) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.SetIdle(ctx, agentID, forced) })
}

// FetchNumber keeps a number for an agent.
func (d deskWork) FetchNumber(ctx context.Context, agentID int64) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.FetchNumber(ctx, agentID) })
}

// CallNumber has it called.
func (d deskWork) CallNumber(ctx context.Context, agentID int64, seen string) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.CallNumber(ctx, agentID, seen) })
}

// SkipNumber puts it off.
func (d deskWork) SkipNumber(ctx context.Context, agentID int64, seen string, off time.Duration, reason string) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.SkipNumber(ctx, agentID, seen, off, reason) })
}

// GiveBackNumber lets it be due again.
func (d deskWork) GiveBackNumber(ctx context.Context, agentID int64, seen string) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.GiveBackNumber(ctx, agentID, seen) })
}

// Hold lets the customer hear music.
func (d deskWork) Hold(ctx context.Context, agentID int64) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.Hold(ctx, agentID) })
}

// Unhold goes on with the customer.
func (d deskWork) Unhold(ctx context.Context, agentID int64) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.Unhold(ctx, agentID) })
}

// Mute keeps the agent from being heard, or lets him be heard again.
func (d deskWork) Mute(ctx context.Context, agentID int64, on bool) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.Mute(ctx, agentID, on) })
}

// EndCall hangs up.
func (d deskWork) EndCall(ctx context.Context, agentID int64) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.EndCall(ctx, agentID) })
}

// Transfer gives the call away.
func (d deskWork) Transfer(ctx context.Context, agentID int64, to models.Target) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.Transfer(ctx, agentID, to) })
}

// SendDTMF sends tones to the customer.
func (d deskWork) SendDTMF(ctx context.Context, agentID int64, digits string) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.SendDTMF(ctx, agentID, digits) })
}

// RecordCall steers the recording.
func (d deskWork) RecordCall(ctx context.Context, agentID int64, what string) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.RecordCall(ctx, agentID, what) })
}

// Consult asks a third party.
func (d deskWork) Consult(ctx context.Context, agentID int64, with models.Target) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.Consult(ctx, agentID, with) })
}

// CompleteTransfer gives the customer to the one who was asked.
func (d deskWork) CompleteTransfer(ctx context.Context, agentID int64) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.CompleteTransfer(ctx, agentID) })
}

// CancelConsult goes back to the customer.
func (d deskWork) CancelConsult(ctx context.Context, agentID int64) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.CancelConsult(ctx, agentID) })
}

// ThreeWay brings all three together.
func (d deskWork) ThreeWay(ctx context.Context, agentID int64) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.ThreeWay(ctx, agentID) })
}

// Supervise lets a team leader join a call.
func (d deskWork) Supervise(ctx context.Context, supervisorAgentID, agentID int64, mode models.SuperviseMode) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.Supervise(ctx, supervisorAgentID, agentID, mode) })
}

// StopSupervising lets him leave it.
func (d deskWork) StopSupervising(ctx context.Context, supervisorAgentID int64) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.StopSupervising(ctx, supervisorAgentID) })
}

// TakeOver gives him the call.
func (d deskWork) TakeOver(ctx context.Context, supervisorAgentID, agentID int64) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.TakeOver(ctx, supervisorAgentID, agentID) })
}

// ForceDrop hangs an agent's call up.
func (d deskWork) ForceDrop(ctx context.Context, agentID int64) error {
	return d.tell(ctx, func(ctx context.Context) error { return d.plant.floor.ForceDrop(ctx, agentID) })
}

// Today is when the day began in the zone of calling.zone.
func (d deskWork) Today() (time.Time, error) {
	zone, err := time.LoadLocation(d.plant.l.Calling.Zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("load the zone of calling.zone: %w", err)
	}
	year, month, day := d.plant.clock.Now().In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone), nil
}

// AgentTimes ends the period now at the latest: by the clock of the floor, which a demonstration may let run faster.
func (d deskWork) AgentTimes(ctx context.Context, org, agentID int64, from, to time.Time) ([]models.AgentTimes, error) {
	if now := d.plant.clock.Now(); to.After(now) {
		to = now
	}
	return d.Store.AgentTimes(ctx, org, agentID, from, to)
}

// RecordingPage reads the number of the query as people write it.
func (d deskWork) RecordingPage(ctx context.Context, q models.RecordingQuery) ([]models.Recording, string, error) {
	q.Number = wanted(strings.TrimSpace(q.Number), d.plant.l.Numbers.Region)
	return d.Store.RecordingPage(ctx, q)
}

// RecordingSound opens a recording.
func (d deskWork) RecordingSound(_ context.Context, r models.Recording) (io.ReadSeekCloser, error) {
	return d.openSound(r.Path)
}

// openSound opens a file below the recordings folder; its path cannot lead elsewhere.
func (d deskWork) openSound(path string) (io.ReadSeekCloser, error) {
	file, err := os.OpenInRoot(d.plant.l.Switch.RecordingsDir, filepath.FromSlash(path))
	if errors.Is(err, os.ErrNotExist) {
		return nil, models.NewError(models.NotFound, "id", "sound_gone", "the file of this recording is not in switch.recordings_dir; ask the administrator whether the switch writes there", "录音文件不在 switch.recordings_dir 中，请管理员检查交换机的录音目录")
	}
	if err != nil {
		return nil, fmt.Errorf("open recording %s: %w", path, err)
	}
	return file, nil
}

// DeleteRecording removes the file first: a row without a file says so, a file without a row would be forgotten.
func (d deskWork) DeleteRecording(ctx context.Context, r models.Recording) error {
	if err := d.removeSound(r.Path); err != nil {
		return err
	}
	return d.Store.RecordingDeleted(ctx, r.ID, d.plant.clock.Now())
}

func (d deskWork) removeSound(path string) error {
	dir, err := os.OpenRoot(d.plant.l.Switch.RecordingsDir)
	if err != nil {
		return fmt.Errorf("open the folder of recordings: %w", err)
	}
	defer dir.Close()
	if err := dir.Remove(filepath.FromSlash(path)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove recording %s: %w", path, err)
	}
	return nil
}

// MessagePage reads the number of the query as people write it.
func (d deskWork) MessagePage(ctx context.Context, q models.MessageQuery) ([]models.Message, string, error) {
	q.Number = wanted(strings.TrimSpace(q.Number), d.plant.l.Numbers.Region)
	return d.Store.MessagePage(ctx, q)
}

// MessageSound opens a message.
func (d deskWork) MessageSound(_ context.Context, m models.Message) (io.ReadSeekCloser, error) {
	return d.openSound(m.Path)
}

// MessageHeard notes who listened.
func (d deskWork) MessageHeard(ctx context.Context, id, login string) error {
	return d.Store.MessageHeard(ctx, id, login, d.plant.clock.Now())
}

// HandleMessage marks a message as handled; login "" = it is open again.
func (d deskWork) HandleMessage(ctx context.Context, id, login string) error {
	return d.Store.HandleMessage(ctx, id, login, d.plant.clock.Now())
}

// DeleteMessage removes file and then says so in the row.
func (d deskWork) DeleteMessage(ctx context.Context, m models.Message) error {
	if err := d.removeSound(m.Path); err != nil {
		return err
	}
	return d.Store.MessageDeleted(ctx, m.ID, d.plant.clock.Now())
}

// chores are what is done by the calendar.
func (p *plant) chores() controller.Chores {
	return controller.Chores{CDRDir: p.l.Switch.CDRDir, Logger: p.log, Recordings: p.store, Messages: p.store, RecordingsDir: p.l.Switch.RecordingsDir,
		KeepRecordings: time.Duration(p.l.Recordings.KeepDays) * 24 * time.Hour, Pacing: p.store, KeepPacing: pacingKept}
}
