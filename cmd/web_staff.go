package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"waihu/api"
	"waihu/config"
	"waihu/models"
)

// tellDesk lets the floor read extensions, agents, queues and members anew, if it is here; one that starts reads them anyhow.
func (w web) tellDesk(ctx context.Context) error {
	if w.plant.floor.Holds() != nil {
		return nil
	}
	if err := w.plant.floor.ReloadDesk(ctx); err != nil {
		return fmt.Errorf("tell the floor of the agents: %w", err)
	}
	return nil
}

// Phones are the registrations by extension number.
func (w web) Phones(ctx context.Context) (map[string]models.PhoneState, error) {
	return w.plant.phones.now(ctx), nil
}

// sipAlphabet leaves out what is mistaken for something else when it is typed into a phone.
const (
	sipAlphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	sipLength   = 20 // 116 bits
)

// sipPassword makes a random one.
func sipPassword() (string, error) {
	var b strings.Builder
	for range sipLength {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(sipAlphabet))))
		if err != nil {
			return "", fmt.Errorf("make a SIP password: %w", err)
		}
		b.WriteByte(sipAlphabet[n.Int64()])
	}
	return b.String(), nil
}

// SaveExtension checks an extension, makes or changes it, and tells switch and floor.
func (w web) SaveExtension(ctx context.Context, e models.Extension) (models.Extension, error) {
	e.Name = strings.TrimSpace(e.Name)
	if err := checkExtension(e); err != nil {
		return e, err
	}
	var err error
	if e.ID == 0 {
		if e.Password, err = sipPassword(); err == nil {
			err = w.CreateExtension(ctx, &e)
		}
	} else {
		err = w.UpdateExtension(ctx, &e)
	}
	if err != nil {
		return e, err
	}
	return e, w.told(ctx)
}

// told tells the switch of the phones and the floor of everything.
func (w web) told(ctx context.Context) error {
	return errors.Join(w.plant.tellDirectory(ctx), w.tellDesk(ctx))
}

// RenewPassword gives an extension another random password.
func (w web) RenewPassword(ctx context.Context, e models.Extension) (models.Extension, error) {
	var err error
	if e.Password, err = sipPassword(); err != nil {
		return e, err
	}
	if err := w.UpdateExtension(ctx, &e); err != nil {
		return e, err
	}
	return e, w.told(ctx)
}

// DeleteExtension removes an extension and tells switch and floor.
func (w web) DeleteExtension(ctx context.Context, id int64) error {
	if err := w.Store.DeleteExtension(ctx, id); err != nil {
		return err
	}
	return w.told(ctx)
}

// Sheet is what has to be typed into the phone.
func (w web) Sheet(e models.Extension) api.SIPSheet {
	p := w.plant.l.Phones
	return api.SIPSheet{User: e.Number, Password: e.Password, Domain: p.Domain, Transport: p.Transport, Server: p.Server, Port: p.Port}
}

// CheckAgent says what is wrong with an agent, field by field, and gives it back with its external number in E.164.
func (w web) CheckAgent(_ context.Context, a models.Agent, login api.AgentLogin) (models.Agent, error) {
	o := intakeOptions(w.plant.l.Config)
	return checkAgent(a, login, o.Region, o.Policy)
}

// SaveAgent makes or changes an agent with its account, and tells the floor.
func (w web) SaveAgent(ctx context.Context, a models.Agent, login api.AgentLogin) (models.Agent, error) {
	var err error
	if a.ID == 0 {
		u := models.User{Login: login.Login, Role: login.Role, PasswordHash: login.PasswordHash}
		err = w.CreateAgent(ctx, &a, &u)
	} else if err = w.phoneFree(ctx, a); err == nil {
		err = w.UpdateAgent(ctx, &a, login.Role, login.PasswordHash)
	}
	if err != nil {
		return a, err
	}
	return a, w.tellDesk(ctx)
}

// phoneFree refuses to give an agent who is signed in another phone: calls may be on their way to the old one.
func (w web) phoneFree(ctx context.Context, a models.Agent) error {
	have, err := w.Agent(ctx, a.ID)
	if err != nil {
		return err
	}
	same := have.ExtensionID == a.ExtensionID && have.ExternalNumber == a.ExternalNumber
	if same || w.plant.floor.Holds() != nil {
		return nil
	}
	now, err := w.plant.floor.DeskNow(ctx)
	if err != nil {
		return fmt.Errorf("ask the floor for agent %d: %w", a.ID, err)
	}
	for _, n := range now.Agents {
		if n.AgentID != a.ID || n.State == models.AgentOffline || n.State == "" {
			continue
		}
		field := "extension_id"
		if have.ExtensionID == a.ExtensionID {
			field = "external_number"
		}
		return models.NewError(models.Conflict, field, "signed_in",
			"The agent is signed in; its phone can be changed once it has signed out.", "坐席已签入，请在其签出后再更换话机。")
	}
	return nil
}

// DeleteAgent removes an agent and tells the floor.
func (w web) DeleteAgent(ctx context.Context, id int64) error {
	if err := w.Store.DeleteAgent(ctx, id); err != nil {
		return err
	}
	return w.tellDesk(ctx)
}

// NewQueue are the settings of a new queue.
func (w web) NewQueue() models.Queue { return newQueue(w.plant.l.Config) }

func newQueue(c config.Config) models.Queue {
	return models.Queue{Strategy: models.StrategyLongestIdle, AnnounceStaff: true, StaffDigits: 3, RingSeconds: 20, WrapUpSeconds: 10,
		MaxMissed: 3, ComfortSeconds: 30, MaxWaitSeconds: c.Queue.WaitSeconds, Overflow: models.Overflow{Kind: models.OverflowHangUp},
		ServiceLevelSeconds: 20, ConnectMS: 2000}
}

// SaveQueue checks a queue with what it names, makes or changes it, and tells the floor.
func (w web) SaveQueue(ctx context.Context, q models.Queue) (models.Queue, error) {
	q.Name = strings.TrimSpace(q.Name)
	o := intakeOptions(w.plant.l.Config)
	q, err := checkQueue(q, o.Region, o.Policy)
	if err != nil {
		return q, err
	}
	if err := w.queueNames(ctx, q); err != nil {
		return q, err
	}
	if q.ID == 0 {
		err = w.CreateQueue(ctx, &q)
	} else {
		err = w.UpdateQueue(ctx, &q)
	}
	if err != nil {
		return q, err
	}
	return q, errors.Join(w.tellDesk(ctx), w.republish(ctx))
}

// queueNames checks that the voice files and the trunk that a queue names are the organization's, and approved.
func (w web) queueNames(ctx context.Context, q models.Queue) error {
	e := &models.Error{Kind: models.Invalid}
	missing := func(field string, id int64) {
		e.Add(field, "not_found", fmt.Sprintf("There is nothing with the id %d; choose another one.", id), fmt.Sprintf("编号 %d 不存在，请重新选择。", id))
	}
	for _, f := range []struct {
		field string
		id    int64
	}{{"music_voice_id", q.MusicVoiceID}, {"announcement_voice_id", q.AnnouncementVoiceID}, {"comfort_voice_id", q.ComfortVoiceID}, {"overflow.voice_file_id", q.Overflow.VoiceFileID}} {
		if f.id == 0 {
			continue
		}
		v, err := w.VoiceFile(ctx, f.id)
		switch {
		case models.IsKind(err, models.NotFound) || err == nil && v.OrganizationID != q.OrganizationID:
			missing(f.field, f.id)
		case err != nil:
			return err
		case v.Approval != models.ApprovalApproved:
			e.Add(f.field, "not_approved", fmt.Sprintf("%q is not approved yet; wait for the approval or choose another file.", v.Name), fmt.Sprintf("“%s”尚未通过审核，请等待审核或选择其他语音。", v.Name))
		}
	}
	if id := q.Overflow.TrunkID; q.Overflow.Kind == models.OverflowNumber {
		t, err := w.Trunk(ctx, id)
		if models.IsKind(err, models.NotFound) || err == nil && t.OrganizationID != 0 && t.OrganizationID != q.OrganizationID {
			missing("overflow.trunk_id", id)
		} else if err != nil {
			return err
		}
	}
	return e.OrNil()
}

// DeleteQueue removes a queue and tells the floor.
func (w web) DeleteQueue(ctx context.Context, id int64) error {
	if err := w.Store.DeleteQueue(ctx, id); err != nil {
		return err
	}
	return errors.Join(w.tellDesk(ctx), w.republish(ctx))
}

// SaveMembers replaces the members of a queue, all or none, and tells the floor.
func (w web) SaveMembers(ctx context.Context, queueID int64, members []models.QueueMember) error {
	if err := checkMembers(members); err != nil {
		return err
	}
	if err := w.SetQueueMembers(ctx, queueID, members); err != nil {
		return err
	}
	return w.tellDesk(ctx)
}

// SaveLeaders replaces the leaders of a queue, all or none.
func (w web) SaveLeaders(ctx context.Context, queueID int64, users []int64) error {
	return w.SetQueueLeaders(ctx, queueID, users)
}
