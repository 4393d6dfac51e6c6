// Package dialplan renders the XML that FreeSWITCH runs: contexts, campaign flows, queue skeletons. It also reads such
// XML back, publishes it (files and reloadxml) and answers mod_xml_curl.
//
// It owns the texts of the generated files, their revision stamp and their history. It must not know the database, the
// event socket connection (it is given the two functions of Switch) or live calls: what changes per call is steered over
// the event socket. Every skeleton ends a call by itself, so that calls end politely when the daemon is gone.
//
// The parts: plan.go (what is to be heard), validate.go, build.go and skeleton.go (extensions), document.go (XML in and
// out), check.go (what must hold of any file), render.go (stamp), publish.go, history.go and drift.go (getting it live),
// handler.go (mod_xml_curl).
package dialplan
