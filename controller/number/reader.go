package number

import "strings"

// Reader normalises many numbers of one file: it gives what Normalise gives, and remembers which Chinese exchanges exist, because a
// look at the numbering plan costs as much as a hundred mobiles. It is for one goroutine; its memory is bounded.
type Reader struct {
	region string
	policy Policy
	known  map[string]bool // area code and exchange of fixed lines → valid
}

const maxKnown = 1 << 16

// NewReader makes a Reader for numbers as written in region ("" = HomeRegion) under a policy.
func NewReader(region string, policy Policy) *Reader {
	if region == "" {
		region = HomeRegion
	}
	return &Reader{region: region, policy: policy, known: map[string]bool{}}
}

// Normalise is the function Normalise.
func (r *Reader) Normalise(raw string) (Number, *Reject) {
	return normalise(raw, r.region, r.policy, r.parse)
}

// parse answers for fixed lines of known exchanges: whether a number of ten or eleven digits is a fixed line depends on all
// but its last four digits (a test holds this against the numbering plan).
func (r *Reader) parse(s, region string) (Number, *Reject) {
	nsn, ok := strings.CutPrefix(s, "+86")
	if !ok && region == "CN" && s[0] == '0' {
		nsn, ok = s[1:], true
	}
	if !ok || len(nsn) != 10 && len(nsn) != 11 || nsn[0] == '0' {
		return parse(s, region)
	}
	exchange := nsn[:len(nsn)-4]
	if r.known[exchange] {
		return Number{E164: "+86" + nsn, Kind: Fixed, Zone: chinaZone, Region: "CN"}, nil
	}
	n, bad := parse(s, region)
	if bad == nil && n.Kind == Fixed && n.E164 == "+86"+nsn {
		if len(r.known) >= maxKnown {
			clear(r.known)
		}
		r.known[strings.Clone(exchange)] = true
	}
	return n, bad
}
