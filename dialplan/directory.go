package dialplan

import (
	"fmt"
	"regexp"

	"waihu/models"
)

// dialString is how the switch reaches a registered phone. It is the one text with function calls in it and comes from
// here alone; ids and domains are checked before they may stand beside it.
const dialString = "{^^:sip_invite_domain=${dialed_domain}:presence_id=${dialed_user}@${dialed_domain}}${sofia_contact(*/${dialed_user}@${dialed_domain})}"

// agentContext is where phones' own calls go. There is no such context: agents' phones cannot dial out by themselves.
const agentContext = "waihu_agents"

var (
	phoneID     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
	phoneDomain = regexp.MustCompile(`^[A-Za-z0-9.:-]{1,253}$`)
	a1Hash      = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

// check says what is wrong with a phone's account, field by field.
func (u DirectoryUser) check() error {
	e := &models.Error{Kind: models.Invalid}
	if !phoneID.MatchString(u.ID) {
		e.Add("id", "bad_format", "An extension is 1 to 32 letters, digits, _ or -.", "分机号只能由 1 到 32 个字母、数字、_ 或 - 组成。")
	}
	if !phoneDomain.MatchString(u.Domain) {
		e.Add("domain", "bad_format", "The domain must be a host name or an address.", "域必须是主机名或地址。")
	}
	if !a1Hash.MatchString(u.A1Hash) {
		e.Add("a1_hash", "bad_format", "The phone's secret must be the hex MD5 of user:domain:password.", "分机密码必须是 user:domain:password 的 MD5 十六进制值。")
	}
	if err := e.OrNil(); err != nil {
		return fmt.Errorf("directory user %.40q: %w", u.ID, err)
	}
	return nil
}

func (u DirectoryUser) account() userXML {
	return userXML{
		ID:        u.ID,
		Params:    []param{{"a1-hash", u.A1Hash}},
		Variables: []param{{"user_context", agentContext}},
	}
}

func (u DirectoryUser) document() ([]byte, error) {
	if err := u.check(); err != nil {
		return nil, err
	}
	return wrap(sectionXML{Name: "directory", Domain: &domainXML{
		Name: u.Domain, Params: []param{{"dial-string", dialString}}, User: u.account(),
	}})
}
