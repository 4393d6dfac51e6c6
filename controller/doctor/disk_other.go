//go:build !(linux || darwin || freebsd)

package doctor

import "errors"

func diskFree(string) (free, total uint64, err error) {
	return 0, 0, errors.New("not known on this system")
}
