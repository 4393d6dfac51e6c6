package simulator

import "time"

// limits are the core's own: sessions at once and sessions per second.
type limits struct {
	maxSessions   int
	perSecond     int
	paused        bool
	second        int64
	inSecond      int
	peakPerSecond int
	peak          int
	since         int
}

func (l *limits) roll(now time.Time) {
	if s := now.Unix(); s != l.second {
		l.second, l.inSecond = s, 0
	}
}

// admit counts a new session, if there may be one besides active ones.
func (l *limits) admit(now time.Time, active int) bool {
	l.roll(now)
	if l.paused || active >= l.maxSessions || l.inSecond >= l.perSecond {
		return false
	}
	l.inSecond++
	l.since++
	l.peakPerSecond = max(l.peakPerSecond, l.inSecond)
	l.peak = max(l.peak, active+1)
	return true
}
