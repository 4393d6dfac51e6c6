package cmd

import (
	"os"
	"strings"
	"testing"

	"waihu/config"
	"waihu/models/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// TestServerIsMigratedByHand: an empty database is made ready by the first command; one with data waits for somebody who
// has made a backup.
func TestServerIsMigratedByHand(t *testing.T) {
	do := inside(t)
	c := storetest.MariaDBConfig(t)
	t.Setenv("WAIHU_DATABASE_DRIVER", "mysql")
	t.Setenv("WAIHU_DATABASE_DSN", c.DSN)
	do(ExitOK, "user", "add", "alice")
	if out, _ := do(ExitOK, "migrate", "status"); strings.Contains(out, "pending") {
		t.Errorf("an empty database was not made ready:\n%s", out)
	}
	do(ExitOK, "migrate", "down")
	if _, errOut := do(ExitUsage, "user", "list"); !strings.Contains(errOut, "waihu migrate up") || strings.Count(errOut, "\n") != 1 {
		t.Errorf("a database with data that lacks a step: %q", errOut)
	}
	a := &app{out: os.Stdout, err: os.Stderr}
	l, err := config.Load(config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := a.examine(t.Context(), l)
	if err != nil || d.Fresh || d.Pending != 1 || strings.Contains(d.Name, "root") {
		t.Errorf("examined as %+v, %v", d, err)
	}
	do(ExitOK, "migrate", "up")
	if out, _ := do(ExitOK, "user", "list"); !strings.Contains(out, "alice") {
		t.Errorf("the data is gone: %q", out)
	}
}
