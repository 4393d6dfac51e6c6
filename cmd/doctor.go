package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"waihu/config"
	"waihu/controller/doctor"
	"waihu/controller/esl"
	"waihu/controller/voice"
	"waihu/dialplan"
)

func newDoctor(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: a.t("Examine database, switch, folders, clock and disk, and name the mend", "检查数据库、交换机、目录、时钟和磁盘，并给出解决办法"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := a.config()
			if err != nil {
				return err
			}
			if err := folders(l); err != nil {
				a.note("warning: %v", "警告：%v", err) // the checks say it with its mend
			}
			checks := doctor.Run(cmd.Context(), a.examination(l))
			if asJSON {
				e := json.NewEncoder(a.out)
				e.SetIndent("", "  ")
				if err := e.Encode(checks); err != nil {
					return fmt.Errorf("write the findings: %w", err)
				}
			} else {
				a.showChecks(l, checks)
			}
			if n := doctor.Failed(checks); n > 0 {
				return fmt.Errorf(a.t("%d checks failed", "%d 项检查未通过"), n)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, a.t("print JSON", "输出 JSON"))
	return c
}

// examination says what to look at, from the configuration.
func (a *app) examination(l config.Loaded) doctor.Config {
	gateways := make([]string, 0, len(l.Trunks))
	for _, t := range l.Trunks {
		gateways = append(gateways, t.Gateway)
	}
	c := doctor.Config{
		Now:        time.Now,
		Production: l.Production,
		Database:   func(ctx context.Context) (doctor.Database, error) { return a.examine(ctx, l) },
		Switch:     esl.Config{Addr: l.Switch.Addr, Password: l.Switch.Password.Reveal()},
		Gateways:   gateways,
		MaxCalls:   l.Switch.MaxCalls,
		CPS:        l.Switch.CPS,
		XMLCurl:    l.Switch.Publish == "xml_curl",
		Context:    dialplan.Context,
		Published: func() (string, error) {
			data, err := os.ReadFile(filepath.Join(l.Switch.DialplanDir, dialplan.FileName))
			return dialplan.Stamp(string(data)), err
		},
		StampOf:    dialplan.Stamp,
		QueueMusic: l.Queue.Music,
		Zone:       l.Calling.Zone,
		Prompts:    len(dialplan.PromptNames()), MissingPrompts: func() []string { return voice.MissingPrompts(l.SoundsDir) },
		DataDir: l.DataDir, SoundsDir: l.SoundsDir, SwitchSounds: l.Switch.SoundsDir,
		Recordings: l.Switch.RecordingsDir, CDRDir: l.Switch.CDRDir, DialplanDir: l.Switch.DialplanDir,
	}
	if l.Voice.FFmpeg != "" {
		c.FFmpeg = func(ctx context.Context) (string, error) { return voice.FFmpegVersion(ctx, l.Voice.FFmpeg) }
	}
	return c
}

func (a *app) showChecks(l config.Loaded, checks []doctor.Check) {
	from := l.Path
	if from == "" {
		from = a.t("no file, defaults only", "无文件，仅默认值")
	}
	a.say("configuration: %s", "配置：%s", from)
	for _, c := range checks {
		a.say("%-4s  %s: %s", "%-4s  %s：%s", c.State, c.Name, oneLine(a.t(c.Text, c.TextZH)))
		if c.Mend != "" {
			a.say("      → %s", "      → %s", oneLine(a.t(c.Mend, c.MendZH)))
		}
	}
}
