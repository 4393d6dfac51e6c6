package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"waihu/config"
	"waihu/models"
)

// Exit codes of the program.
const (
	ExitOK      = 0
	ExitFailure = 1
	ExitUsage   = 2 // flags, configuration or input: *models.Error, or a fault that cobra found
)

// app is what every command is given: its streams, its language and the global flags.
type app struct {
	in       io.Reader
	out, err io.Writer
	chinese  bool
	path     string   // --config
	set      []string // --set
	logLevel string   // --log-level
}

// t picks the text in the user's language.
func (a *app) t(english, chinese string) string {
	if a.chinese {
		return chinese
	}
	return english
}

// say prints a line to standard output, in the user's language. Both texts take the same arguments.
func (a *app) say(english, chinese string, args ...any) {
	fmt.Fprintf(a.out, a.t(english, chinese)+"\n", args...)
}

// note prints a line to standard error: what is not the command's result.
func (a *app) note(english, chinese string, args ...any) {
	fmt.Fprintf(a.err, a.t(english, chinese)+"\n", args...)
}

// config loads the configuration and prints its warnings.
func (a *app) config() (config.Loaded, error) {
	set := a.set
	if a.logLevel != "" {
		set = append(slices.Clone(set), "log.level="+a.logLevel)
	}
	l, err := config.Load(config.Options{Path: a.path, Set: set})
	if err != nil {
		return l, err
	}
	for _, w := range l.Warnings {
		a.note("warning: %s", "警告：%s", config.Line(w, a.chinese))
	}
	return l, nil
}

// logger writes to standard error as the configuration says.
func (a *app) logger(l config.Log) *slog.Logger {
	o := &slog.HandlerOptions{Level: l.SlogLevel()}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(a.err, o))
	}
	return slog.New(slog.NewTextHandler(a.err, o))
}

// Execute runs the command line and returns the exit code. The first SIGINT or SIGTERM ends the command's context, a
// second one ends the process.
func Execute(args []string, in io.Reader, out, errOut io.Writer) int {
	a := &app{in: in, out: out, err: errOut, chinese: language(args, os.Getenv)}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	root := newRoot(a)
	root.SetArgs(args)
	return a.report(root.ExecuteContext(ctx))
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "waihu",
		Short:         a.t("Outbound call centre on FreeSWITCH", "基于 FreeSWITCH 的外呼系统"),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	f := root.PersistentFlags()
	f.StringVar(&a.path, "config", "", a.t("configuration file (default: ./config.yaml, then /etc/waihu/config.yaml)", "配置文件（默认 ./config.yaml，其次 /etc/waihu/config.yaml）"))
	f.StringArrayVar(&a.set, "set", nil, a.t("set a configuration key, key=value; may be repeated", "设置配置项 key=value，可重复"))
	f.StringVar(&a.logLevel, "log-level", "", a.t("debug, info, warn or error", "日志级别 debug、info、warn、error"))
	f.String("lang", "", a.t("language of texts: en or zh (default: from LANG)", "界面语言：en 或 zh（默认取自 LANG）"))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage("", err) })
	root.AddCommand(commands(a)...)
	for _, c := range root.Commands() {
		strict(c)
	}
	return root
}

// commands lists every command; each is made in the file of its name.
func commands(a *app) []*cobra.Command {
	return []*cobra.Command{
		newServe(a), newBroadcast(a), newDemo(a), newWhy(a), newImport(a), newSimulator(a), newDoctor(a), newDialplan(a), newPace(a), newRehearse(a), newMigrate(a), newUser(a), newVersion(a),
	}
}

// strict makes a command group fail on a word it does not know, instead of printing its help with exit code 0.
func strict(c *cobra.Command) {
	if c.HasSubCommands() && c.RunE == nil && c.Run == nil {
		c.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(args[0], errors.New("unknown command"))
			}
			return cmd.Help()
		}
		for _, sub := range c.Commands() {
			strict(sub)
		}
	}
}

// usageError is a mistake in the command line that was found by cobra, whose text is English only.
type usageError struct {
	what string
	err  error
}

func (e *usageError) Error() string {
	if e.what == "" {
		return e.err.Error()
	}
	return e.what + ": " + e.err.Error()
}

func (e *usageError) Unwrap() error { return e.err }

func usage(what string, err error) error { return &usageError{what, err} }

// report prints an error, one line per fault, and gives the exit code.
func (a *app) report(err error) int {
	var caller *models.Error
	var wrong *usageError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &caller):
		if len(caller.Fields) == 0 {
			fmt.Fprintf(a.err, "waihu: %v\n", err)
		}
		for _, f := range caller.Fields {
			fmt.Fprintf(a.err, "waihu: %s\n", oneLine(config.Line(f, a.chinese)))
		}
		return ExitUsage
	case errors.As(err, &wrong), isCobraUsage(err):
		fmt.Fprintf(a.err, "waihu: %s\n", oneLine(err.Error()))
		a.note("try: waihu --help", "用法请见：waihu --help")
		return ExitUsage
	case errors.Is(err, context.Canceled):
		a.note("waihu: interrupted", "waihu：已中断")
		return ExitFailure
	default:
		fmt.Fprintf(a.err, "waihu: %s\n", oneLine(err.Error()))
		return ExitFailure
	}
}

// isCobraUsage recognises the errors that cobra makes before a command runs; it has no type for them.
func isCobraUsage(err error) bool {
	for _, begin := range []string{"unknown command", "required flag", "accepts ", "requires ", "if any flags in the group", "at least one of the flags"} {
		if strings.HasPrefix(err.Error(), begin) {
			return true
		}
	}
	return false
}

// oneLine keeps a message from forging further lines.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// language decides between English and Chinese: --lang, WAIHU_LANG, then the usual variables of the shell.
func language(args []string, env func(string) string) (chinese bool) {
	for i, arg := range args {
		if v, ok := strings.CutPrefix(arg, "--lang="); ok {
			return strings.HasPrefix(v, "zh")
		}
		if arg == "--lang" && i+1 < len(args) {
			return strings.HasPrefix(args[i+1], "zh")
		}
	}
	for _, name := range []string{"WAIHU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			return strings.HasPrefix(v, "zh")
		}
	}
	return false
}
