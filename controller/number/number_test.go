package number

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"waihu/models"
)

func TestNormaliseAccepts(t *testing.T) {
	all := Policy{Countries: []string{"CN", "US", "GB", "HK", "AU"}, Kinds: []Kind{Mobile, Fixed, Access400, TollFree}}
	cases := []struct {
		raw, region string
		policy      Policy
		want        Number
	}{
		{"13800138000", "", Policy{}, Number{E164: "+8613800138000", Kind: Mobile}},
		{"+8613800138000", "CN", Policy{}, Number{E164: "+8613800138000", Kind: Mobile}},
		{"008613800138000", "CN", Policy{}, Number{E164: "+8613800138000", Kind: Mobile}},
		{"8613800138000", "CN", Policy{}, Number{E164: "+8613800138000", Kind: Mobile}},
		{"013800138000", "CN", Policy{}, Number{E164: "+8613800138000", Kind: Mobile}},
		{"+86 138-0013-8000", "CN", Policy{}, Number{E164: "+8613800138000", Kind: Mobile}},
		{"１３８００１３８０００", "CN", Policy{}, Number{E164: "+8613800138000", Kind: Mobile}},
		{"＋８６（１３８）００１３８０００", "CN", Policy{}, Number{E164: "+8613800138000", Kind: Mobile}},
		{" 138 0013 8000\u00a0", "CN", Policy{}, Number{E164: "+8613800138000", Kind: Mobile}},
		{"\u202d13800138000\u202c", "CN", Policy{}, Number{E164: "+8613800138000", Kind: Mobile}},
		{"'13800138000", "CN", Policy{}, Number{E164: "+8613800138000", Kind: Mobile}},
		{"0755-12345678", "CN", Policy{}, Number{E164: "+8675512345678", Kind: Fixed}},
		{"075512345678", "CN", Policy{}, Number{E164: "+8675512345678", Kind: Fixed}},
		{"(0755)12345678", "CN", Policy{}, Number{E164: "+8675512345678", Kind: Fixed}},
		{"010–12345678", "CN", Policy{}, Number{E164: "+861012345678", Kind: Fixed}},
		{"+86 21 12345678", "CN", Policy{}, Number{E164: "+862112345678", Kind: Fixed}},
		{"400-800-1234", "CN", all, Number{E164: "+864008001234", Kind: Access400}},
		{"+864008001234", "CN", all, Number{E164: "+864008001234", Kind: Access400}},
		{"8001234567", "CN", all, Number{E164: "+868001234567", Kind: TollFree}},
		{"+12025550123", "CN", all, Number{E164: "+12025550123", Kind: FixedOrMobile, Zone: "America/New_York", Region: "US"}},
		{"(202) 555-0123", "US", Policy{}, Number{E164: "+12025550123", Kind: FixedOrMobile, Zone: "America/New_York", Region: "US"}},
		{"02071234567", "GB", Policy{}, Number{E164: "+442071234567", Kind: Fixed, Zone: "Europe/London", Region: "GB"}},
		{"+85291234567", "CN", all, Number{E164: "+85291234567", Kind: Mobile, Zone: "Asia/Hong_Kong", Region: "HK"}},
		{"16012345678", "CN", Policy{Unlisted: true}, Number{E164: "+8616012345678", Kind: Mobile}},
	}
	for _, c := range cases {
		got, bad := Normalise(c.raw, c.region, c.policy)
		if c.want.Region == "" {
			c.want.Region, c.want.Zone = "CN", "Asia/Shanghai"
		}
		if bad != nil {
			t.Errorf("Normalise(%q, %q): rejected as %s", c.raw, c.region, bad.Code)
			continue
		}
		if got.E164 != c.want.E164 || got.Kind != c.want.Kind || got.Zone != c.want.Zone || got.Region != c.want.Region {
			t.Errorf("Normalise(%q, %q) = %+v, want %+v", c.raw, c.region, got, c.want)
		}
		if bad := Check(got.E164, c.region, c.policy); bad != nil {
			t.Errorf("Check(%s) = %s, want it callable as at the import", got.E164, bad.Code)
		}
	}
}

func TestNormaliseRejects(t *testing.T) {
	world := Policy{
		Countries: []string{"CN", "US", "GB", "001"},
		Kinds:     []Kind{Mobile, Fixed, Access400, TollFree, SharedCost, Premium, Short, Satellite, Emergency, Other},
	}
	cases := []struct {
		raw    string
		policy Policy
		code   string
	}{
		{"", Policy{}, CodeEmpty},
		{"  \u3000", Policy{}, CodeEmpty},
		{"1890xxx1234", Policy{}, CodeLetters},
		{"400-CALLNOW", Policy{}, CodeLetters},
		{"13800138000;ext=1", Policy{}, CodeLetters},
		{"13800138000 转 12", Policy{}, CodeLetters},
		{"tel:13800138000", Policy{}, CodeLetters},
		{"13800138000{,}", Policy{}, CodeCharacters},
		{"13800138000'", Policy{}, CodeCharacters},
		{"138001\r\n38000", Policy{}, CodeCharacters},
		{"13800138000\x00", Policy{}, CodeCharacters},
		{"138+0138000", Policy{}, CodeCharacters},
		{"++8613800138000", Policy{}, CodeCharacters},
		{"-13800138000", Policy{}, CodeCharacters},
		{"1.38E+10", Policy{}, CodeScientific},
		{"1.38001E+10", Policy{}, CodeScientific},
		{"13800138000.0", Policy{}, CodeDecimal},
		{"13800138000/13900139000", Policy{}, CodeSeveral},
		{"13800138000、13900139000", Policy{}, CodeSeveral},
		{"1380013800013900139000", Policy{}, CodeTooLong},
		{"138001380001", Policy{}, CodeTooLong},
		{strings.Repeat("1", 5000), Policy{}, CodeTooLong},
		{"12", Policy{}, CodeTooShort},
		{"87654321", Policy{}, CodeTooShort},
		{"07551234567", Policy{}, CodeInvalid},
		{"16012345678", Policy{}, CodeUnlisted},
		{"14112345678", Policy{}, CodeUnlisted},
		{"13491234567", world, CodeSatellite},
		{"17400123456", world, CodeSatellite},
		{"+8821612345678", world, CodeSatellite},
		{"+881612345678", world, CodeSatellite},
		{"+870773111632", world, CodeSatellite},
		{"+12025550123", Policy{}, CodeCountry},
		{"+19005551234", Policy{Countries: []string{"US"}}, CodeKind},
		{"4008001234", Policy{}, CodeKind},
		{"8001234567", Policy{}, CodeKind},
		{"95588", world, CodeShort},
		{"10086", world, CodeShort},
		{"12345", world, CodeShort},
		{"12580", world, CodeShort},
		{"96110", world, CodeShort},
		{"01095588", world, CodeShort},
		{"110", world, CodeEmergency},
		{"119", world, CodeEmergency},
		{"120", world, CodeEmergency},
		{"122", world, CodeEmergency},
		{"112", world, CodeEmergency},
		{"911", world, CodeEmergency},
		{"999", world, CodeEmergency},
		{"１１０", world, CodeEmergency},
		{"1-1-0", world, CodeEmergency},
		{"+86110", world, CodeEmergency},
		{"0086110", world, CodeEmergency},
		{"0110", world, CodeEmergency},
		{"0755110", world, CodeEmergency},
		{"010-119", world, CodeEmergency},
		{"+1911", world, CodeEmergency},
		{"+44999", world, CodeEmergency},
	}
	for _, c := range cases {
		n, bad := Normalise(c.raw, "CN", c.policy)
		if bad == nil {
			t.Errorf("Normalise(%q) = %+v, want %s", c.raw, n, c.code)
			continue
		}
		if bad.Code != c.code {
			t.Errorf("Normalise(%q) rejected as %s, want %s", c.raw, bad.Code, c.code)
		}
		if bad.Text == "" || bad.TextZH == "" || n.E164 != "" {
			t.Errorf("Normalise(%q) = %+v, %+v: want texts in both languages and no number", c.raw, n, bad)
		}
	}
}

// The fast path must say what the numbering plan says, for every segment and in every writing.
func TestMobilesAsInTheNumberingPlan(t *testing.T) {
	for seg := 1300; seg < 2000; seg++ {
		raw := fmt.Sprintf("%d5550123", seg)[:11]
		p, err := phonenumbers.Parse(raw, "CN")
		if err != nil {
			t.Fatalf("parse %s: %v", raw, err)
		}
		planned := phonenumbers.IsValidNumber(p) && phonenumbers.GetNumberType(p) == phonenumbers.MOBILE
		satellite := seg == 1349 || seg == 1740 || seg == 1749
		for _, prefix := range []string{"", "+86", "0086", "86", "0"} {
			n, bad := Normalise(prefix+raw, "CN", Policy{})
			switch {
			case satellite && (bad == nil || bad.Code != CodeSatellite):
				t.Errorf("%s%s: %+v, want %s", prefix, raw, n, CodeSatellite)
			case satellite:
			case planned != (bad == nil):
				t.Errorf("%s%s: callable %v, numbering plan says %v", prefix, raw, bad == nil, planned)
			case planned && n.E164 != phonenumbers.Format(p, phonenumbers.E164):
				t.Errorf("%s%s: %s, numbering plan says %s", prefix, raw, n.E164, phonenumbers.Format(p, phonenumbers.E164))
			}
		}
	}
}

// A Reader must say what Normalise says, also about numbers of exchanges that it has seen before.
func TestReaderAsNormalise(t *testing.T) {
	policy := Policy{Countries: []string{AnyCountry}, Kinds: Kinds()}
	r := NewReader("", policy)
	seed := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for area := 100; area < 1000; area += 3 {
		for range 4 {
			middle := seed.IntN(10_000)
			for _, last := range []int{0, seed.IntN(10_000)} {
				raw := fmt.Sprintf("0%03d%04d%04d", area, middle, last)
				if seed.IntN(2) == 0 {
					raw = fmt.Sprintf("+86%03d%03d%04d", area, middle/10, last)
				}
				want, wantBad := Normalise(raw, "", policy)
				got, bad := r.Normalise(raw)
				if got.E164 != want.E164 || got.Kind != want.Kind || got.Zone != want.Zone || got.Region != want.Region || (bad == nil) != (wantBad == nil) {
					t.Fatalf("%s: %+v %+v, want %+v %+v", raw, got, bad, want, wantBad)
				}
				if bad == nil {
					accepted++
				}
			}
		}
	}
	if accepted < 400 {
		t.Errorf("only %d numbers were valid: the test says little", accepted)
	}
}

func TestDial(t *testing.T) {
	cases := []struct {
		e164, region, prefix string
		format               models.NumberFormat
		want                 string
	}{
		{"+8613800138000", "", "", models.FormatNational, "13800138000"},
		{"+8613800138000", "CN", "9", models.FormatNational, "913800138000"},
		{"+8675512345678", "CN", "", models.FormatNational, "075512345678"},
		{"+861012345678", "CN", "", "", "01012345678"},
		{"+864008001234", "CN", "", models.FormatNational, "4008001234"},
		{"+8613800138000", "CN", "", models.FormatE164, "8613800138000"},
		{"+8613800138000", "CN", "0", models.FormatPlus, "0+8613800138000"},
		{"+12025550123", "CN", "", models.FormatNational, "0012025550123"},
		{"+12025550123", "US", "", models.FormatNational, "12025550123"},
		{"+442071234567", "GB", "", models.FormatNational, "02071234567"},
		{"+8613800138000", "US", "", models.FormatNational, "0118613800138000"},
		{"13800138000", "CN", "", models.FormatNational, ""},
		{"+86138001x8000", "CN", "", models.FormatE164, ""},
		{"+8613800138000\n", "CN", "", models.FormatE164, ""},
		{"+8613800138000", "CN", "9,", models.FormatE164, ""},
	}
	for _, c := range cases {
		if got := Dial(c.e164, c.format, c.region, c.prefix); got != c.want {
			t.Errorf("Dial(%q, %s, %q, %q) = %q, want %q", c.e164, c.format, c.region, c.prefix, got, c.want)
		}
	}
}

func TestCaller(t *testing.T) {
	cases := []struct{ raw, kind, mend string }{
		{"075512345678", CallerFixed, ""},
		{"01012345678", CallerFixed, ""},
		{"13800138000", CallerMobile, ""},
		{"4008001234", Caller400, ""},
		{"95588", CallerShort, ""},
		{"0755-12345678", "", "075512345678"},
		{"+8675512345678", "", "075512345678"},
		{"400-800-1234", "", "4008001234"},
		{"12345678", "", "area code"},
		{"8613800138000", "", "11 digits"},
		{"110", "", "emergency"},
		{"0755110", "", "area code"},
		{"1380013800a", "", "area code"},
		{"13800138000\n", "", "13800138000"},
		{"", "", "area code"},
		{"13800138000},{x=y", "", "area code"},
	}
	for _, c := range cases {
		got, err := Caller(c.raw)
		if c.mend == "" {
			if err != nil || got.Number != c.raw || got.Kind != c.kind {
				t.Errorf("Caller(%q) = %+v, %v, want kind %s", c.raw, got, err, c.kind)
			}
			continue
		}
		var e *models.Error
		if !errors.As(err, &e) || !strings.Contains(e.Error(), c.mend) || e.Fields[0].Field != "caller" || e.Fields[0].TextZH == "" {
			t.Errorf("Caller(%q) = %v, want an error that names %q", c.raw, err, c.mend)
		}
	}
	if got, err := RepairCaller("0755-12345678"); err != nil || got.Number != "075512345678" || got.Kind != CallerFixed {
		t.Errorf("RepairCaller(0755-12345678) = %+v, %v", got, err)
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"13800138000", "+86 755 12345678", "110", "1.38E+10", "＋８６", "0755-110", "+882161234567"} {
		f.Add(s, "CN")
	}
	f.Fuzz(func(t *testing.T, raw, region string) {
		n, bad := Normalise(raw, region, Policy{Countries: []string{"CN", "US", "GB", region}, Kinds: []Kind{Mobile, Fixed, Premium, Other}})
		if bad != nil {
			if n.E164 != "" || bad.Text == "" || bad.TextZH == "" || strings.Contains(bad.Text, "%!") {
				t.Fatalf("Normalise(%q): %+v with reject %+v", raw, n, bad)
			}
			return
		}
		if !isE164(n.E164) {
			t.Fatalf("Normalise(%q) = %q, not E.164", raw, n.E164)
		}
		for _, e := range []string{"110", "119", "120", "112", "911"} {
			if n.E164 == "+86"+e || Dial(n.E164, models.FormatNational, region, "") == e {
				t.Fatalf("Normalise(%q) lets the emergency number %s through", raw, e)
			}
		}
		again, bad := Normalise(n.E164, region, Policy{Countries: []string{n.Region}, Kinds: []Kind{n.Kind}})
		if bad != nil || again.E164 != n.E164 {
			t.Fatalf("Normalise(%q) = %q, but that gives %+v, %+v", raw, n.E164, again, bad)
		}
	})
}

func BenchmarkNormaliseMobile(b *testing.B) {
	for b.Loop() {
		if _, bad := Normalise("13800138000", "CN", Policy{}); bad != nil {
			b.Fatal(bad.Code)
		}
	}
}

func BenchmarkNormaliseFixed(b *testing.B) {
	for b.Loop() {
		if _, bad := Normalise("075512345678", "CN", Policy{}); bad != nil {
			b.Fatal(bad.Code)
		}
	}
}

func BenchmarkReaderFixed(b *testing.B) {
	r := NewReader("", Policy{})
	for b.Loop() {
		if _, bad := r.Normalise("0755-12345678"); bad != nil {
			b.Fatal(bad.Code)
		}
	}
}
