package campaign

import (
	"slices"
	"time"

	"waihu/models"
)

// Pack is what a country's rules say about pacing: defaults and bounds, an engineering summary and not legal advice. Hours and
// how often a number may be called are in config (calling.pack).
type Pack struct {
	Name     string
	Version  string
	From     time.Time // the first day on which it holds
	Source   string
	SourceZH string

	Rho     float64                  // default of the abandonment limit
	MostRho float64                  // highest limit that may be set
	Windows []models.GuaranteeWindow // that may be chosen, the default first
	Connect float64                  // default connect limit, seconds
	MostConnect,
	MinRing float64 // seconds
	Redial time.Duration // how long who was left alone is called again only with an agent kept for him
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

var (
	anyWindow = []models.GuaranteeWindow{models.WindowCampaign, models.WindowDay, models.Window30Days}
	// Keeping the limit on each day keeps it over any days, so that a day may stand for the thirty.
	thirtyDays = []models.GuaranteeWindow{models.Window30Days, models.WindowDay}
	eachDay    = []models.GuaranteeWindow{models.WindowDay}
)

// packs in the order of their dates. A change of the rules is a new row; campaigns take the one that holds when they are checked.
var packs = []Pack{
	{Name: "none", Version: "1", Source: "limits of the product", SourceZH: "产品自身限制", Rho: 0.03, MostRho: 0.10, Windows: anyWindow, Connect: 2, MostConnect: 30, MinRing: models.MinRingSeconds},
	{
		Name: "CN", Version: "2020", From: day(2020, time.June, 1), Source: "MIIT notice on call centres, June 2020: no figure for abandonment; 3 % a day by practice", SourceZH: "工信部关于加强呼叫中心业务管理的通知（2020 年 6 月）：未规定呼损率；按惯例每日 3%",
		Rho: 0.03, MostRho: 0.10, Windows: []models.GuaranteeWindow{models.WindowDay, models.Window30Days, models.WindowCampaign}, Connect: 2, MostConnect: 5, MinRing: 15,
	},
	{
		Name: "US", Version: "2008", From: day(2008, time.October, 1), Source: "16 CFR 310.4(b)(4): 3 % over each successive 30 days, an agent within 2 s, 15 s of ringing", SourceZH: "16 CFR 310.4(b)(4)：每连续 30 天不超过 3%，2 秒内接通坐席，至少振铃 15 秒",
		Rho: 0.03, MostRho: 0.03, Windows: thirtyDays, Connect: 2, MostConnect: 2, MinRing: 15,
	},
	{
		Name: "UK", Version: "2010", From: day(2011, time.February, 1), Source: "Ofcom, revised statement of 2010: 3 % a calendar day, an agent within 2 s, 15 s of ringing, 72 h until who was left alone is called without an agent kept for him",
		SourceZH: "Ofcom 2010 年修订声明：每自然日不超过 3%，2 秒内接通坐席，至少振铃 15 秒，无坐席接待者 72 小时内仅可在预留坐席时重呼",
		Rho:      0.03, MostRho: 0.03, Windows: eachDay, Connect: 2, MostConnect: 2, MinRing: 15, Redial: 72 * time.Hour,
	},
	{
		Name: "UK", Version: "2017", From: day(2017, time.March, 1), Source: "Ofcom, policy of 2017: no safe harbour any more; the limits of 2010 are kept as the yardstick",
		SourceZH: "Ofcom 2017 年政策：不再有安全港数值，沿用 2010 年限制作为标准",
		Rho:      0.03, MostRho: 0.03, Windows: eachDay, Connect: 2, MostConnect: 2, MinRing: 15, Redial: 72 * time.Hour,
	},
}

// PackNames are the packs there are.
var PackNames = []string{"none", "CN", "US", "UK"}

// PackAt is the version of a pack that holds on a day. An empty name is none.
func PackAt(name string, at time.Time) (Pack, bool) {
	if name == "" {
		name = "none"
	}
	found := Pack{}
	for _, p := range packs {
		if p.Name == name && !at.Before(p.From) {
			found = p
		}
	}
	return found, found.Name != ""
}

// Newest is the latest version of a pack; an unknown name has the bounds of none.
func Newest(name string) Pack {
	for _, p := range slices.Backward(packs) {
		if p.Name == name {
			return p
		}
	}
	return packs[0]
}

// Pacing is what the pack gives a new campaign; the mode stays open.
func (p Pack) Pacing() models.Pacing {
	return models.Pacing{Guarantee: models.GuaranteeHard, AbandonLimit: p.Rho, ConnectSeconds: p.Connect, Window: p.Windows[0]}
}

// Redial is how long a number that was left alone waits before this campaign may call it: nothing where an agent is kept for
// each call, or where no rule says so.
func Redial(c models.Campaign) time.Duration {
	p := c.Rules.Pacing
	if c.Mode == models.ModeDirectAgent && (p.Mode == models.PaceProgressive || p.ByHand() || !p.Set() && c.Rules.Ratio == 0) {
		return 0
	}
	return Newest(c.Rules.Pack).Redial
}
