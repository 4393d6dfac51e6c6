package api

import "net/http"

// deskRoutes: agents at their desks, those who lead them, recordings, audit.
func deskRoutes(s *Services) []route {
	h := newDeskHandlers(s)
	rec := newRecordings(h)
	msg := messages{rec}
	return []route{
		{http.MethodGet, "/desk", desk, h.show, plain},
		{http.MethodGet, "/desk/stream", desk, h.follow, stream},
		{http.MethodGet, "/desk/targets", desk, h.targets, plain},
		{http.MethodGet, "/desk/today", desk, h.today, plain},
		{http.MethodPost, "/desk/sign-in", desk, h.signIn, plain},
		{http.MethodPost, "/desk/sign-out", desk, h.act(h.signOut), plain},
		{http.MethodPost, "/desk/busy", desk, h.busy, plain},
		{http.MethodPost, "/desk/idle", desk, h.act(h.idle), plain},
		{http.MethodPost, "/desk/number/fetch", desk, h.act(h.fetchNumber), plain},
		{http.MethodPost, "/desk/number/call", desk, h.withSeen(h.callNumber), plain},
		{http.MethodPost, "/desk/number/skip", desk, h.skipNumber, plain},
		{http.MethodPost, "/desk/number/give-back", desk, h.withSeen(h.giveBackNumber), plain},
		{http.MethodPost, "/desk/hold", desk, h.act(h.hold), plain},
		{http.MethodPost, "/desk/unhold", desk, h.act(h.unhold), plain},
		{http.MethodPost, "/desk/mute", desk, h.act(h.mute), plain},
		{http.MethodPost, "/desk/unmute", desk, h.act(h.unmute), plain},
		{http.MethodPost, "/desk/hang-up", desk, h.act(h.hangUp), plain},
		{http.MethodPost, "/desk/transfer", desk, h.to(h.transfer), plain},
		{http.MethodPost, "/desk/consult", desk, h.to(h.consult), plain},
		{http.MethodPost, "/desk/consult/complete", desk, h.act(h.completeTransfer), plain},
		{http.MethodPost, "/desk/consult/cancel", desk, h.act(h.cancelConsult), plain},
		{http.MethodPost, "/desk/three-way", desk, h.act(h.threeWay), plain},
		{http.MethodPost, "/desk/dtmf", desk, h.dtmf, plain},
		{http.MethodPost, "/desk/recording", desk, h.record, plain},

		{http.MethodGet, "/supervision/stream", supervisor, h.watch, stream},
		{http.MethodGet, "/supervision/targets", supervisor, h.targets, plain},
		{http.MethodPost, "/supervision/agents/:id/supervise", supervisor, h.supervise, plain},
		{http.MethodPost, "/supervision/agents/:id/stop", supervisor, h.stopSupervising, plain},
		{http.MethodPost, "/supervision/agents/:id/take-over", supervisor, h.takeOver, plain},
		{http.MethodPost, "/supervision/agents/:id/drop", supervisor, h.drop, plain},
		{http.MethodPost, "/supervision/agents/:id/transfer", supervisor, h.forceTransfer, plain},
		{http.MethodPost, "/supervision/agents/:id/busy", supervisor, h.forceBusy, plain},
		{http.MethodPost, "/supervision/agents/:id/idle", supervisor, h.forceIdle, plain},
		{http.MethodPost, "/supervision/agents/:id/sign-out", supervisor, h.forceOut, plain},
		{http.MethodGet, "/wallboard/stream", supervisor, h.wallboard, stream},

		{http.MethodGet, "/recordings", supervisor, rec.list, plain},
		{http.MethodGet, "/recordings/:id/audio", supervisor, rec.audio, stream},
		{http.MethodGet, "/recordings/:id/peaks", supervisor, rec.peaks, plain},
		{http.MethodDelete, "/recordings/:id", admin, rec.remove, plain},
		{http.MethodGet, "/messages", supervisor, msg.list, plain},
		{http.MethodGet, "/messages/:id", supervisor, msg.show, plain},
		{http.MethodGet, "/messages/:id/calls", supervisor, msg.calls, plain},
		{http.MethodGet, "/messages/:id/audio", supervisor, msg.audio, stream},
		{http.MethodGet, "/messages/:id/peaks", supervisor, msg.peaks, plain},
		{http.MethodPut, "/messages/:id/handled", supervisor, msg.handle, plain},
		{http.MethodDelete, "/messages/:id", admin, msg.remove, plain},
		{http.MethodGet, "/audit", member, h.audit, plain},
		{http.MethodGet, "/agent-times", supervisor, h.times, plain},
		{http.MethodGet, "/attempts/:id/legs", member, h.legs, plain},
		{http.MethodGet, "/attempts/:id/steps", member, h.steps, plain},
	}
}
