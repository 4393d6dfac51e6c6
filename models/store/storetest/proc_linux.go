package storetest

import "syscall"

// dieWithParent lets the kernel kill the server when the test process is killed.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
