//go:build !linux

package storetest

import "syscall"

// dieWithParent has no means here: a killed test process leaves its server behind.
func dieWithParent() *syscall.SysProcAttr { return nil }
