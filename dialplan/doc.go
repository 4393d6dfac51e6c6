// Package dialplan renders the XML that FreeSWITCH runs: contexts, campaign flows, queue skeletons. It also reads such
// XML back, publishes it (files and reloadxml) and answers mod_xml_curl.
//
// It owns the texts of the generated files and their revision stamp. It must not know the database, the event socket
// connection (it is given a few narrow functions) or live calls: what changes per call is steered over the event socket.
package dialplan
