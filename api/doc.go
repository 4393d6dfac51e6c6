// Package api answers HTTP: health, readiness, the switch's questions for dialplan (mod_xml_curl) and the web application.
//
// It owns the routes, the limits on requests and the form of errors. It must not know store, controller or gorm: what it
// needs it asks through the small interfaces that it declares itself, and cmd wires them.
package api
