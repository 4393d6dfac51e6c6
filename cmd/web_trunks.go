package cmd

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"waihu/api"
	"waihu/models"
)

// gatewayPatience is how long the switch may take to say how a gateway is; the page is shown without it then.
const gatewayPatience = 2 * time.Second

// Gateways asks the switch how the gateways of trunks are, and the floor how many lines they use. Without them the answers
// are empty: the page is to be seen above all when something is down.
func (w web) Gateways(ctx context.Context, trunks []models.Trunk) (map[int64]api.Gateway, error) {
	ctx, cancel := context.WithTimeout(ctx, gatewayPatience)
	defer cancel()
	lines := map[int64]int{}
	if w.plant.floor.Holds() == nil {
		if used, err := w.plant.floor.LinesInUse(ctx); err == nil {
			lines = used
		}
	}
	out := make(map[int64]api.Gateway, len(trunks))
	for _, t := range trunks {
		g := api.Gateway{InUse: lines[t.ID]}
		if w.plant.client.Connected() {
			g.State, g.PingMS = w.gatewayState(ctx, t.Gateway)
		}
		out[t.ID] = g
	}
	return out, nil
}

// gatewayState is the state of a gateway and its ping in ms.
func (w web) gatewayState(ctx context.Context, name string) (string, int64) {
	g, err := w.plant.client.GatewayStatus(ctx, name)
	switch {
	case models.IsKind(err, models.NotFound):
		return "UNKNOWN", 0
	case err != nil:
		w.plant.log.Debug("gateway not asked", "gateway", name, "err", err)
		return "", 0
	case g.Pinging && !g.Up():
		return "DOWN", 0
	default:
		return g.State, g.Ping.Milliseconds()
	}
}

// SaveTrunk checks a trunk, makes or changes it, and tells the floor.
func (w web) SaveTrunk(ctx context.Context, t models.Trunk) (models.Trunk, error) {
	if t.NumberFormat == "" {
		t.NumberFormat = models.FormatNational
	}
	if err := checkTrunk(t); err != nil {
		return t, err
	}
	var err error
	if t.ID == 0 {
		err = w.CreateTrunk(ctx, &t)
	} else {
		err = w.UpdateTrunk(ctx, &t)
	}
	if err != nil {
		return t, err
	}
	return t, w.tellTrunks(ctx)
}

// DeleteTrunk removes a trunk and tells the floor.
func (w web) DeleteTrunk(ctx context.Context, id int64) error {
	if err := w.Store.DeleteTrunk(ctx, id); err != nil {
		return err
	}
	return w.tellTrunks(ctx)
}

// ResumeTrunk ends a trunk's pause and tells the floor.
func (w web) ResumeTrunk(ctx context.Context, id int64) error {
	if err := w.PauseTrunk(ctx, id, false, "", nil); err != nil {
		return err
	}
	return w.tellTrunks(ctx)
}

// tellTrunks lets the floor read the trunks anew, if it is here; a floor that starts reads them anyhow.
func (w web) tellTrunks(ctx context.Context) error {
	if w.plant.floor.Holds() != nil {
		return nil
	}
	return w.plant.floor.ReloadTrunks(ctx)
}

// checkTrunk says what is wrong with a trunk's settings, field by field.
func checkTrunk(t models.Trunk) error {
	e := &models.Error{Kind: models.Invalid}
	name := regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
	if !name.MatchString(t.Name) {
		e.Add("name", "bad_name", "use 1 to 32 letters, digits, _ and -", "须为 1–32 个字母、数字、_ 和 -")
	}
	if !name.MatchString(t.Gateway) || t.Gateway == "loopback" {
		e.Add("gateway", "bad_gateway", "give the name of a sofia gateway: 1 to 32 letters, digits, _ and -; loopback is not allowed", "请填写 sofia 网关名：1–32 个字母、数字、_ 和 -；不能是 loopback")
	}
	if !regexp.MustCompile(`^[0-9]{0,16}$`).MatchString(t.DialPrefix) {
		e.Add("dial_prefix", "bad_prefix", "use at most 16 digits", "最多 16 位数字")
	}
	switch t.NumberFormat {
	case models.FormatNational, models.FormatE164, models.FormatPlus:
	default:
		e.Add("number_format", "unknown_format", fmt.Sprintf("%q is not known: national, e164 or plus", t.NumberFormat), fmt.Sprintf("%q 无效：national、e164 或 plus", t.NumberFormat))
	}
	if t.Lines < 0 || t.Lines > 100_000 {
		e.Add("lines", "out_of_range", "use 0 (no limit) to 100000", "请填写 0（不限）到 100000")
	}
	if t.HandLines < 0 || t.HandLines > max(t.Lines, 0) {
		e.Add("hand_lines", "out_of_range", "use 0 to the number of lines; a trunk without a limit needs none", "请填写 0 到线路数；不限线路的中继无需预留")
	}
	if !(t.CPS >= 0 && t.CPS <= 1000) {
		e.Add("cps", "out_of_range", "use 0 (no limit of its own) to 1000", "请填写 0（不单独限制）到 1000")
	}
	return e.OrNil()
}
