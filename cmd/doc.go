// Package cmd is the command line: it reads flags and configuration, wires the other packages together and turns errors
// into one line each and an exit code.
//
// It owns the names of commands and flags and their English and Chinese texts. It must not decide anything about calls:
// what a command does lives in the package it wires. Every command is one file with one constructor that root.go lists.
//
// Exit codes: 0 done; 1 failed; 2 wrong usage, configuration or input (a mistake of the caller, who is told the mend).
package cmd
