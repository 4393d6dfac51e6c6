package api

import "net/http"

// workRoutes: campaigns, lists and uploads, results, attempts, calls, live data. coreRoutes has the rest.
func workRoutes(s *Services) []route {
	camp, list, up := campaigns{s.Campaigns, s.Settings, s.Floor, s.Counts}, lists{s.Lists, s.Uploads}, uploads{s.Uploads}
	res, att, call := results{s.Campaigns, s.Results, s.Hub}, attempts{s.Attempts}, calls{s.Lines, s.Attempts}
	reh := rehearsals{s.Rehearsals, s.Campaigns}
	live, all, dash := live{s}, events{s}, dashboard{s}
	pace := pacing{s.Campaigns, s.Settings, s.Pacing}
	return []route{
		{http.MethodGet, "/dashboard", member, dash.show, plain},
		{http.MethodGet, "/campaigns", member, camp.list, plain},
		{http.MethodPost, "/campaigns", member, camp.create, plain},
		{http.MethodGet, "/campaigns/defaults", member, camp.defaults, plain},
		{http.MethodPost, "/campaigns/check", member, pace.check, plain},
		{http.MethodGet, "/rule-packs", member, pace.packs, plain},
		{http.MethodGet, "/campaigns/:id", member, camp.show, plain},
		{http.MethodPut, "/campaigns/:id", member, camp.replace, plain},
		{http.MethodDelete, "/campaigns/:id", member, camp.remove, plain},
		{http.MethodPost, "/campaigns/:id/copy", member, camp.copy, plain},
		{http.MethodPost, "/campaigns/:id/start", member, camp.start, upload},
		{http.MethodPost, "/campaigns/:id/pause", member, camp.pause, plain},
		{http.MethodPost, "/campaigns/:id/resume", member, camp.resume, upload},
		{http.MethodPost, "/campaigns/:id/stop", member, camp.stop, plain},
		{http.MethodPost, "/campaigns/:id/test", member, camp.test, plain},
		{http.MethodGet, "/campaigns/:id/preflight", member, reh.preflight, plain},
		{http.MethodPost, "/campaigns/:id/rehearsals", member, reh.start, plain},
		{http.MethodGet, "/campaigns/:id/rehearsals/:rehearsal", member, reh.show, plain},
		{http.MethodDelete, "/campaigns/:id/rehearsals/:rehearsal", member, reh.stop, plain},
		{http.MethodGet, "/campaigns/:id/stats", member, camp.stats, plain},
		{http.MethodGet, "/campaigns/:id/pacing", member, pace.show, plain},
		{http.MethodGet, "/campaigns/:id/pacing/gain", member, pace.gain, plain},
		{http.MethodGet, "/campaigns/:id/live", member, live.follow, stream},
		{http.MethodGet, "/campaigns/:id/results", member, res.list, plain},
		{http.MethodGet, "/campaigns/:id/results.csv", member, res.csv, stream},
		{http.MethodGet, "/campaigns/:id/results.xlsx", member, res.xlsx, stream},

		{http.MethodPost, "/uploads", member, up.create, upload},
		{http.MethodPost, "/uploads/:id/preview", member, up.preview, plain},
		{http.MethodGet, "/lists", member, list.list, plain},
		{http.MethodPost, "/lists", member, list.create, plain},
		{http.MethodGet, "/lists/:id", member, list.show, plain},
		{http.MethodDelete, "/lists/:id", member, list.remove, upload},
		{http.MethodGet, "/lists/:id/rejects", member, list.rejects, stream},
		{http.MethodGet, "/lists/:id/contacts", member, list.contacts, plain},

		{http.MethodGet, "/attempts", member, att.list, plain},
		{http.MethodGet, "/attempts/:id", member, att.show, plain},
		{http.MethodGet, "/calls", member, call.list, plain},
		{http.MethodDelete, "/calls/:id", member, call.hangUp, plain},
		{http.MethodGet, "/stream", member, all.follow, stream},
	}
}

// some answers a page whose next cursor the query gave.
func some[T any](items []T, next string) listOf[T] {
	if items == nil {
		items = []T{}
	}
	return listOf[T]{Items: items, Next: next}
}
