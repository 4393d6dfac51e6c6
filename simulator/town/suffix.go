package town

import (
	"strconv"
	"time"
)

// stayed is how long the answered callees of the recordings talk before they hang up.
const stayed = 5 * time.Second

// refusal is a final answer other than 200 and what FreeSWITCH makes of it.
type refusal struct {
	status        int
	phrase, cause string
	q850          int
}

// refusals are those of the recordings' numbers, as FreeSWITCH 1.10.12 was seen to treat them.
func refusals() [14]refusal {
	return [...]refusal{
		{403, "Forbidden", "CALL_REJECTED", 21},
		{404, "Not Found", "UNALLOCATED_NUMBER", 1},
		{408, "Request Timeout", "RECOVERY_ON_TIMER_EXPIRE", 102},
		{410, "Gone", "NUMBER_CHANGED", 22},
		{480, "Temporarily Unavailable", "NO_USER_RESPONSE", 18},
		{484, "Address Incomplete", "INVALID_NUMBER_FORMAT", 28},
		{486, "Busy Here", "USER_BUSY", 17},
		{488, "Not Acceptable Here", "INCOMPATIBLE_DESTINATION", 88},
		{500, "Server Internal Error", "NORMAL_TEMPORARY_FAILURE", 41},
		{502, "Bad Gateway", "NETWORK_OUT_OF_ORDER", 38},
		{503, "Service Unavailable", "NORMAL_TEMPORARY_FAILURE", 41},
		{600, "Busy Everywhere", "USER_BUSY", 17},
		{603, "Decline", "CALL_REJECTED", 21},
		{604, "Does Not Exist Anywhere", "NO_ROUTE_DESTINATION", 3},
	}
}

func refusalOf(status int) (refusal, bool) {
	for _, r := range refusals() {
		if r.status == status {
			return r, true
		}
	}
	return refusal{status: status, cause: "NORMAL_UNSPECIFIED", q850: 31}, false
}

// Refusal returns the callee that answers a call with that status at once.
func Refusal(status int) Callee { return refuse(Callee{Silent: true}, status) }

func refuse(c Callee, status int) Callee {
	r, _ := refusalOf(status)
	c.SIPStatus, c.Phrase, c.Cause, c.Q850 = r.status, r.phrase, r.cause, r.q850
	return c
}

func answers(progress, ring, hangUpAfter time.Duration) Callee {
	return Callee{Progress: progress, Ring: ring, Answer: true, SIPStatus: 200, Phrase: "OK", HangUpAfter: hangUpAfter}
}

// bySuffix is the convention of the recordings: the last three digits of a number say what its owner does. False means
// that they say nothing.
func bySuffix(number string) (Callee, bool) {
	suffix := lastThree(number)
	if _, ok := refusalOf(suffix); ok {
		return Refusal(suffix), true
	}
	switch suffix {
	case 0: // rings for ever
		return Callee{}, true
	case 99: // silence
		return Callee{Silent: true}, true
	case 183:
		c := answers(0, 2*time.Second, stayed)
		c.Early = true
		return c, true
	case 186:
		return refuse(Callee{Early: true, Ring: 2 * time.Second}, 486), true
	case 555:
		return answers(0, 4*time.Second, stayed), true
	case 111:
		c := answers(0, 0, stayed)
		c.Silent = true
		return c, true
	case 777: // presses 12# a second after the answer; in the scenario of the recordings, not in its list
		c := answers(0, 500*time.Millisecond, time.Second+stayed)
		for i, digit := range []string{"1", "2", "#"} {
			c.Keys = append(c.Keys, KeyPress{Digit: digit, After: time.Second + time.Duration(i)*200*time.Millisecond})
		}
		return c, true
	case 302: // the Contact of the 302 is a number on 200
		c := answers(0, 500*time.Millisecond, 0)
		c.Redirected = true
		return c, true
	}
	if suffix >= 200 && suffix <= 299 {
		return answers(0, 500*time.Millisecond, 0), true
	}
	return Callee{}, false
}

// lastThree reads the last three digits, -1 when there are none.
func lastThree(number string) int {
	if len(number) < 3 {
		return -1
	}
	n, err := strconv.ParseUint(number[len(number)-3:], 10, 16)
	if err != nil {
		return -1
	}
	return int(n)
}
