package pacing

import (
	"fmt"

	"waihu/models"
)

// Limits of what may be set.
const (
	MostRatio        = 10.0
	MostRho          = 0.10
	MostConnectLimit = 5.0 // seconds
	LeastRing        = 5.0 // seconds
)

// Check names every setting that cannot be, as a *models.Error, else nil.
func (s Settings) Check() error {
	e := &models.Error{Kind: models.Invalid}
	switch s.Mode {
	case Manual, Preview, Progressive, ByRatio, Predictive:
	default:
		e.Add("mode", "unknown", fmt.Sprintf("%q is no mode; use manual, preview, progressive, ratio or predictive.", s.Mode), fmt.Sprintf("没有模式 %q；请使用 manual、preview、progressive、ratio 或 predictive。", s.Mode))
	}
	switch s.Guarantee {
	case Hard, Risk, Off:
	default:
		e.Add("guarantee", "unknown", fmt.Sprintf("%q is no guarantee; use hard, risk or off.", s.Guarantee), fmt.Sprintf("没有保证方式 %q；请使用 hard、risk 或 off。", s.Guarantee))
	}
	if !(s.Ratio >= 0 && s.Ratio <= MostRatio) {
		e.Add("ratio", "out_of_range", fmt.Sprintf("%g lines per idle agent; choose 0 to %g.", s.Ratio, MostRatio), fmt.Sprintf("每个空闲坐席 %g 条线路；请填 0 至 %g。", s.Ratio, MostRatio))
	}
	if !(s.Rho > 0 && s.Rho <= MostRho) {
		e.Add("target", "out_of_range", fmt.Sprintf("abandonment limit of %g; choose above 0 and up to %g (10 %%).", s.Rho, MostRho), fmt.Sprintf("呼损率上限 %g 不可用；请填大于 0 且不超过 %g（10 %%）的值。", s.Rho, MostRho))
	}
	if !(s.ConnectLimit >= 0 && s.ConnectLimit <= MostConnectLimit) {
		e.Add("max_wait", "out_of_range", fmt.Sprintf("connect limit of %g s; choose 0 to %g s.", s.ConnectLimit, MostConnectLimit), fmt.Sprintf("接通时限 %g 秒；请填 0 至 %g 秒。", s.ConnectLimit, MostConnectLimit))
	}
	if !(s.RingTimeout >= LeastRing && s.RingTimeout <= ringMost) {
		e.Add("ring_timeout", "out_of_range", fmt.Sprintf("ring timeout of %g s; choose %g to %g s.", s.RingTimeout, LeastRing, ringMost), fmt.Sprintf("振铃时限 %g 秒；请填 %g 至 %g 秒。", s.RingTimeout, LeastRing, ringMost))
	}
	if s.MaxLines < 0 {
		e.Add("max_lines", "negative", "fewer than no lines; 0 means no limit.", "线路数不能为负；0 表示不限。")
	}
	return e.OrNil()
}
