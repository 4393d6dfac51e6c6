package trial

import "syscall"

// dieWithParent lets the kernel kill a child when the test process is killed.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
