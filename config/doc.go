// Package config says how Waihu is set up: every key, its default and what it means, read from config.yaml, from the
// environment (WAIHU_SWITCH_ADDR for switch.addr) and from --set flags, in rising order.
//
// It owns the names of the keys, their limits and the texts of their faults, all of which are reported at once. It must
// not open databases, dial switches or start anything; the only files it reads are the configuration and the secrets that
// the configuration names. A Config is not changed after Load.
package config
