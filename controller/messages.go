package controller

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"waihu/controller/call"
	"waihu/controller/clock"
	"waihu/controller/esl"
	"waihu/controller/floor"
	"waihu/models"
)

// messages is the folder of what callers leave, as the switch sees it.
func (p PlanSettings) messages() string { return (&planner{set: p}).messages() }

// message notes a message that a caller has left; false when another recording has ended.
func (s *session) message(ev esl.Event) bool {
	name, ours := strings.CutPrefix(ev.File, s.c.cfg.Plan.messages()+"/")
	if !ours {
		return false
	}
	m, ok := messageOf(name)
	if !ok || ev.RecordMS < models.LeastMessageMS {
		return true
	}
	m.DurationMS, m.LeftAt = ev.RecordMS, ev.At.Add(-time.Duration(ev.RecordMS)*time.Millisecond)
	if m.Node != "" {
		m.FlowID = ev.Flow
	} else {
		m.QueueID = ev.Queue
	}
	s.carryOut([]floor.Effect{floor.SaveMessage{Message: m}})
	return true
}

// messageOf reads the name of a message's file: the call, and in a flow the node.
func messageOf(name string) (models.Message, bool) {
	id, wav := strings.CutSuffix(name, ".wav")
	call, node, _ := strings.Cut(id, "_")
	if !wav || len(call) != len("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") || strings.Contains(id, "/") {
		return models.Message{}, false
	}
	return models.Message{ID: id, CallID: call, Node: node, Path: path.Join(models.MessageFolder, name)}, true
}

// The end of a message may not be heard: the daemon was away, or the event socket. Its file is found then. An older one was seen by
// a former start, or is of no call of which anything is known.
const (
	messagesEvery = 10 * time.Minute
	messagesBack  = 31 * 24 * time.Hour
	waveHead      = 44
	waveBytesMS   = 16 // 8 kHz, 16 bit, one channel
)

// search is what the searches for messages share: one at a time, and one of no call that is known is not asked for again.
type search struct {
	mu    sync.Mutex
	tried map[string]bool
}

// unheard looks for messages whose end was not heard, at the start and from time to time; Up looks, too.
func (s *session) unheard() {
	for {
		s.findMessages()
		if !clock.Sleep(s.work.Done(), clock.Real(), messagesEvery) {
			return
		}
	}
}

func (s *session) findMessages() {
	s.search.mu.Lock()
	defer s.search.mu.Unlock()
	if s.search.tried == nil {
		s.search.tried = map[string]bool{}
	}
	tried := s.search.tried
	dir := s.c.cfg.Phones.RecordingsHere
	if dir == "" {
		return
	}
	entries, err := os.ReadDir(filepath.Join(dir, models.MessageFolder))
	if err != nil {
		if !os.IsNotExist(err) {
			s.log.Warn("messages not listed", "err", err)
		}
		return
	}
	found, ids := map[string]models.Message{}, []string{}
	for _, e := range entries {
		m, ok := messageOf(e.Name())
		info, err := e.Info()
		if !ok || err != nil || tried[m.ID] || clock.Real().Now().Sub(info.ModTime()) > messagesBack {
			continue
		}
		if m.DurationMS = (info.Size() - waveHead) / waveBytesMS; m.DurationMS < models.LeastMessageMS {
			continue
		}
		m.LeftAt = info.ModTime().Add(-time.Duration(m.DurationMS) * time.Millisecond)
		found[m.ID] = m
		ids = append(ids, m.ID)
	}
	var unknown []string
	if !s.insist("look messages up", func() (err error) { unknown, err = s.c.store.UnknownMessages(s.work, ids); return err }) {
		return
	}
	for _, id := range unknown {
		known := false
		if !s.insist("look a call up", func() (err error) { known, err = s.c.store.Known(s.work, found[id].CallID); return err }) {
			return
		}
		if tried[id] = s.foundMessage(found[id], known); !tried[id] {
			continue
		}
		s.log.Info("message found", "message", id)
	}
}

// foundMessage writes a message down. Of a call that nobody heard, because it came and went while no daemon ran, the switch's record
// tells; false while there is none.
func (s *session) foundMessage(m models.Message, known bool) bool {
	rec, ok, err := Record{}, false, error(nil)
	if s.c.cfg.Records != nil {
		rec, ok, err = s.c.cfg.Records(m.CallID)
	}
	if err != nil {
		s.log.Warn("call record not read", "attempt", m.CallID, "err", err)
	}
	if !known && (!ok || rec.Came == nil) {
		return false
	}
	if m.Node != "" {
		m.FlowID = rec.Flow
	} else {
		m.QueueID = rec.Queue
	}
	return s.tell(func(f *floor.Floor, now time.Time) []floor.Effect {
		var es []floor.Effect
		if !known {
			a := s.incoming(m.CallID, rec.Came.Dialled, rec.Came.Caller)
			a.SentAt = &rec.Times.Created
			es = append(f.Incoming(a, now), f.Heard(m.CallID, call.Event{Kind: call.Recorded, At: now, Times: rec.Times, End: rec.End, Node: rec.Node}, now)...)
		}
		return append(es, floor.SaveMessage{Message: m})
	})
}
