package esl

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"waihu/models"
)

// The lists as a real switch gave them, asked for as it was asked.
func TestRegistrationsAsRecorded(t *testing.T) {
	c, _ := recordedPeer(t)
	ctx := context.Background()
	list, err := c.Registrations(ctx, "internal")
	if err != nil || len(list) != 4 || list[3] != (Registration{
		Profile: "internal", User: "1002", Domain: "127.0.0.1", Contact: `"" <sip:1002@127.0.0.1:5090>`, UserAgent: "sipp-agent",
		Status: "Registered(UDP)", Address: "127.0.0.1:5095", Reachable: true, ExpiresIn: 659 * time.Second,
	}) {
		t.Errorf("registrations %+v, %v", list, err)
	}
	profiles, err := c.Profiles(ctx)
	if err != nil || len(profiles) != 2 || profiles[1] != (Profile{Name: "internal", URI: "sip:mod_sofia@127.0.0.1:5060", State: "RUNNING (0)"}) ||
		!profiles[0].Running() || profiles[0].Name != "external" {
		t.Errorf("profiles %+v, %v", profiles, err)
	}
}

// Without a profile every running one is asked, and only those.
func TestRegistrationsOfAllProfiles(t *testing.T) {
	p := newPeer(t)
	p.hook(func(c *peerConn, cmd string) (bool, bool) {
		switch cmd {
		case "api sofia xmlstatus":
			c.say(response(page("profiles", "<profile>", "<name>a</name>", "<state>RUNNING (3)</state>", "</profile>", "<gateway>", "<name>pstn</name>",
				"<state>RUNNING</state>", "</gateway>", "<profile>", "<name>b</name>", "<state>DOWN</state>", "</profile>", "<profile>", "<name>c</name>",
				"<state>RUNNING (0)</state>", "</profile>")))
		case "api sofia xmlstatus profile a reg", "api sofia xmlstatus profile c reg":
			c.say(response(page("registrations", "<registration>", "<user>1@x</user>", "</registration>")))
		case "api sofia xmlstatus profile nosuch reg":
			c.say(response("Invalid Profile!\n"))
		default:
			return false, true
		}
		return true, true
	})
	c, e := start(t, testConfig(p.addr))
	await(t, e.ups, "up")
	list, err := c.Registrations(context.Background(), "")
	if err != nil || len(list) != 2 || list[0].Profile != "a" || list[1].Profile != "c" || list[1].User != "1" {
		t.Errorf("got %+v, %v", list, err)
	}
	if _, err := c.Registrations(context.Background(), "nosuch"); !models.IsKind(err, models.NotFound) {
		t.Errorf("no such profile: %v", err)
	}
	for _, text := range hostile {
		if text != "" && text != "abc" && text != "-138" {
			_, err := c.Registrations(context.Background(), text)
			checkFault(t, err, "profile")
		}
	}
}

func page(tag string, lines ...string) string {
	return `<?xml version="1.0" encoding="ISO-8859-1"?>` + "\n<" + tag + ">\n  " + strings.Join(lines, "\n    ") + "\n</" + tag + ">\n"
}

// What a phone says of itself, however hostile, changes nothing of the others and nothing but its own fields.
func TestHostilePhones(t *testing.T) {
	for _, evil := range []string{
		"</agent></registration></registrations></profile>", "<registration><user>9999@evil</user></registration>", "a]]>b", "<!--", "&", "&#0;", "&bogus;",
		"</agent>", "<user>9999@evil</user>", "\xff\xfe", "<?xml?>", "<![CDATA[", strings.Repeat("<", 5000), "", "]]>", "%s%n", "<agent>", "中文话机",
	} {
		phone := func(user, agent string) []string {
			return []string{"<registration>", "<call-id>" + agent + "</call-id>", "<user>" + user + "@d</user>", "<agent>" + agent + "</agent>",
				"<status>Registered(TLS) exp(2026-11-20 19:19:57) expsecs(-12)</status>", "<ping-status>Unreachable</ping-status>", "<ping-time>12.50</ping-time>",
				"<network-ip>" + agent + "</network-ip>", "</registration>"}
		}
		text := page("registrations", append(append(phone("1", "good"), phone("2", evil)...), phone("3", "good")...)...)
		list, err := parseRegistrations("internal", text)
		if err != nil || len(list) != 3 {
			t.Fatalf("%q: %d phones, %v", evil, len(list), err)
		}
		for i, r := range list {
			want := Registration{Profile: "internal", User: fmt.Sprint(i + 1), Domain: "d", UserAgent: "good", Status: "Registered(TLS)", Address: "good",
				Ping: 12500 * time.Microsecond, ExpiresIn: -12 * time.Second}
			if i == 1 {
				want.UserAgent, want.Address = r.UserAgent, r.Address
			}
			if r != want || !utf8.ValidString(r.UserAgent) {
				t.Errorf("%q: phone %d is %+v", evil, i+1, r)
			}
		}
	}
}

// Lists that are none, or not whole, are errors, not phones that have gone.
func TestBrokenRegistrations(t *testing.T) {
	whole := page("registrations", "<registration>", "<user>1000@d</user>", "</registration>")
	for _, text := range []string{"", "-ERR no reply\n", "<profile/>", whole[:len(whole)-10], strings.Replace(whole, "</registration>", "", 1), "</registrations>\n"} {
		if list, err := parseRegistrations("internal", text); err == nil {
			t.Errorf("registrations of %q: %+v", text, list)
		}
	}
	for _, text := range []string{"", "-ERR no reply\n", "<profiles>\n", "<profiles>\n<profile>\n</profiles>\n", "</profiles>\n"} {
		if list, err := parseProfiles(text); err == nil {
			t.Errorf("profiles of %q: %+v", text, list)
		}
	}
	if list, err := parseRegistrations("internal", page("registrations")); err != nil || list == nil || len(list) != 0 {
		t.Errorf("nobody: %+v, %v", list, err)
	}
}

// Whatever the page holds: no panic, nobody without a name, and a page that was taken is taken again the same way.
func FuzzRegistrations(f *testing.F) {
	for _, name := range []string{"sofia_register.txt.gz", "gateway_state.txt"} {
		for _, m := range naiveMessages(f, heardFrom(f, name)) {
			if strings.HasPrefix(m.body, "<?xml") {
				f.Add(m.body)
			}
		}
	}
	f.Add("<registrations>\n<registration>\n<user></user>\n<ping-time>NaN</ping-time>\n</registration>\n</registrations>")
	f.Add(">\n<>\n</>\n< >\n<a></a>")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseRegistrations("p", text)
		again, err2 := parseRegistrations("p", text)
		if len(list) != len(again) || (err == nil) != (err2 == nil) {
			t.Fatalf("%d and %d, %v and %v", len(list), len(again), err, err2)
		}
		for _, r := range list {
			if r.User == "" || r.Ping < 0 || !utf8.ValidString(r.User+r.Domain+r.Contact+r.UserAgent+r.Status) {
				t.Fatalf("%+v", r)
			}
		}
		if of, err := parseProfiles(text); err == nil {
			for _, p := range of {
				if p.Name == "" {
					t.Fatalf("%+v", of)
				}
			}
		}
	})
}
