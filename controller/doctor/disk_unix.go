//go:build linux || darwin || freebsd

package doctor

import "syscall"

// diskFree tells the bytes that we may still write at a path, and the size of its file system.
func diskFree(path string) (free, total uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), uint64(s.Blocks) * uint64(s.Bsize), nil //nolint:unconvert // the types differ between systems
}
