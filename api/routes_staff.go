package api

import "net/http"

// staffRoutes: extensions, agents, queues with their members and leaders.
func staffRoutes(s *Services, a *auth) []route {
	ext := extensions{s.Extensions, s.Agents, s.Audit, a}
	agent, queue := agents{s.Agents, s.Extensions, s.Members, s.Users, a}, queues{s.Queues, s.Members}
	return []route{
		{http.MethodGet, "/extensions", member, ext.list, plain},
		{http.MethodPost, "/extensions", member, ext.create, plain},
		{http.MethodGet, "/extensions/:id", member, ext.show, plain},
		{http.MethodPut, "/extensions/:id", member, ext.replace, plain},
		{http.MethodDelete, "/extensions/:id", member, ext.remove, plain},
		{http.MethodPost, "/extensions/:id/password", member, ext.renew, plain},
		{http.MethodGet, "/extensions/:id/sheet", member, ext.sheet, plain},

		{http.MethodGet, "/directory", member, ext.directory(s.Directory), plain},
		{http.MethodPost, "/directory/publish", member, ext.publish(s.Directory), plain},

		{http.MethodGet, "/agents", member, agent.list, plain},
		{http.MethodPost, "/agents", member, agent.create, plain},
		{http.MethodGet, "/agents/:id", member, agent.show, plain},
		{http.MethodPut, "/agents/:id", member, agent.replace, plain},
		{http.MethodDelete, "/agents/:id", member, agent.remove, plain},

		{http.MethodGet, "/queues", member, queue.list, plain},
		{http.MethodPost, "/queues", member, queue.create, plain},
		{http.MethodGet, "/queues/:id", member, queue.show, plain},
		{http.MethodPut, "/queues/:id", member, queue.replace, plain},
		{http.MethodDelete, "/queues/:id", member, queue.remove, plain},
		{http.MethodGet, "/queues/:id/members", member, queue.listMembers, plain},
		{http.MethodPut, "/queues/:id/members", member, queue.setMembers, plain},
		{http.MethodGet, "/queues/:id/leaders", member, queue.listLeaders, plain},
		{http.MethodPut, "/queues/:id/leaders", member, queue.setLeaders, plain},
		{http.MethodGet, "/leaders", member, queue.candidates(s.Users), plain},
	}
}
