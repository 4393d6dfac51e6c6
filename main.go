// Command waihu is an outbound call centre on FreeSWITCH.
package main

import (
	"os"

	"waihu/cmd"
)

func main() {
	os.Exit(cmd.Execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
