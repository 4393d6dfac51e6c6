package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"waihu/models"
)

func TestCookiesOfEncryptedSites(t *testing.T) {
	for secure, name := range map[bool]string{true: "__Host-waihu", false: "waihu"} {
		c := newAuth(Config{Secure: secure, Now: time.Now}, &Services{}).sessions.Cookie
		if c.Name != name || c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("secure %v: %+v", secure, c)
		}
	}
}

// A stranger's login must cost what a wrong password costs: the same parameters are hashed.
func TestUnknownLoginsCostTheSame(t *testing.T) {
	hash, err := newAuth(Config{Now: time.Now}, &Services{}).nobody()
	if err != nil {
		t.Fatal(err)
	}
	params, _, _, err := argon2id.DecodeHash(hash)
	if err != nil || *params != *argon2id.DefaultParams {
		t.Errorf("%+v %v, accounts have %+v", params, err, argon2id.DefaultParams)
	}
}

func TestPermissions(t *testing.T) {
	want := map[permission][]bool{ // by models.Roles
		open: {true, true, true, true, true}, loggedIn: {true, true, true, true, true},
		member: {true, true, false, false, false}, admin: {true, false, false, false, false}, "": {false, false, false, false, false},
	}
	for p, may := range want {
		for i, r := range models.Roles {
			if p.allows(r) != may[i] {
				t.Errorf("%q allows %s: %v", p, r, p.allows(r))
			}
		}
	}
}
