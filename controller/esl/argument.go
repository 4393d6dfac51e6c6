package esl

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"waihu/models"
)

// argument is a piece of a command that has been checked. Only the functions of this file make one, so a text that
// nobody checked cannot become part of a command.
type argument struct{ text string }

// maxFiles is how many files may be played in a row: a staff number has a few digits, a position in a queue a few words.
const maxFiles = 20

// maxID bounds the numbers of our rows.
const maxID = 1 << 62

// Patterns of what may travel to the switch.
var (
	namePattern      = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
	extensionPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	numberPattern    = regexp.MustCompile(`^\+?[0-9*#]{2,20}$`)
	causePattern     = regexp.MustCompile(`^[A-Z_]{3,40}$`)
	variablePattern  = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)
	filePattern      = regexp.MustCompile(`^(?:(?:local_stream|silence_stream)://)?[A-Za-z0-9_.@+/-]{1,255}$`)
	domainPattern    = regexp.MustCompile(`^(?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}|[0-9A-Fa-f:.]{2,45})$`)
	shownPattern     = regexp.MustCompile(`^[A-Za-z0-9_.+*#-]{1,32}$`)
	digitsPattern    = regexp.MustCompile(`^[0-9*#]{1,32}$`)
	keyPattern       = regexp.MustCompile(`^[0-9*#]$`)
	folderPattern    = regexp.MustCompile(`^/[A-Za-z0-9_.@+/-]{0,200}$`)
	recordPattern    = regexp.MustCompile(`^[0-9]{4}/[0-9]{2}/[0-9]{2}/([0-9a-f-]{36})\.wav$`)
)

// fixed makes an argument of words of this package; TestClosedSet looks at who calls it.
func fixed(words string) argument { return argument{words} }

// fault is the caller's mistake; it never repeats the text, which may be hostile.
func fault(field, code, text, textZH string) error {
	return models.NewError(models.Invalid, field, code, text, textZH)
}

func idOf(field, s string) (argument, error) {
	id, err := uuid.Parse(s)
	if err != nil || id.String() != s {
		return argument{}, fault(field, "not_a_uuid",
			"must be a UUID in lower case with dashes, as the attempt's id is",
			"必须是带连字符的小写 UUID，即呼叫尝试的编号")
	}
	return argument{s}, nil
}

func nameOf(field, s string) (argument, error) {
	if !namePattern.MatchString(s) {
		return argument{}, fault(field, "bad_name",
			"use 1 to 32 letters, digits, _ or -",
			"请使用 1 到 32 个字母、数字、下划线或连字符")
	}
	return argument{s}, nil
}

func gatewayOf(field, s string) (argument, error) {
	if s == "loopback" {
		return argument{}, fault(field, "reserved",
			"loopback is a word of the switch; give the gateway another name",
			"loopback 是交换机的保留字，请给网关另取名称")
	}
	return nameOf(field, s)
}

func extensionOf(field, s string) (argument, error) {
	if !extensionPattern.MatchString(s) {
		return argument{}, fault(field, "bad_extension",
			"use 1 to 64 letters, digits, _ or -",
			"请使用 1 到 64 个字母、数字、下划线或连字符")
	}
	return argument{s}, nil
}

func numberOf(field, s string) (argument, error) {
	if !numberPattern.MatchString(s) {
		return argument{}, fault(field, "bad_number",
			"use 2 to 20 digits, * or #, with at most a + in front",
			"请使用 2 到 20 位数字、* 或 #，最前面可以有一个 +")
	}
	return argument{s}, nil
}

func causeOf(field, s string) (argument, error) {
	if !causePattern.MatchString(s) {
		return argument{}, fault(field, "bad_cause",
			"use a cause of the switch such as NORMAL_CLEARING",
			"请使用交换机的挂断原因，例如 NORMAL_CLEARING")
	}
	return argument{s}, nil
}

func variableOf(field, s string) (argument, error) {
	if !variablePattern.MatchString(s) {
		return argument{}, fault(field, "bad_variable",
			"use 1 to 64 letters, digits or _",
			"请使用 1 到 64 个字母、数字或下划线")
	}
	return argument{s}, nil
}

// fileOf takes a path of the switch or a local_stream or silence_stream. A colon elsewhere is refused, since "app::data"
// makes the switch run an application, and so is a way up the tree.
func fileOf(field, s string) (argument, error) {
	if !filePattern.MatchString(s) || strings.Contains(s, "..") {
		return argument{}, fault(field, "bad_file",
			"use a path of at most 255 letters, digits, _ . @ + / or -, without .., or local_stream:// or silence_stream://",
			"请使用不超过 255 个字母、数字、_ . @ + / - 组成且不含 .. 的路径，或 local_stream://、silence_stream://")
	}
	return argument{s}, nil
}

// filesOf takes what is played one after the other. The switch reads file_string://a!b, so "!" is refused within a file as
// everything else is; an endless stream may only stand alone.
func filesOf(field string, files []string) (argument, error) {
	if len(files) == 0 || len(files) > maxFiles {
		return argument{}, fault(field, "out_of_range",
			fmt.Sprintf("name 1 to %d files", maxFiles),
			fmt.Sprintf("请提供 1 到 %d 个文件", maxFiles))
	}
	for _, f := range files {
		if _, err := fileOf(field, f); err != nil {
			return argument{}, err
		}
		if len(files) > 1 && strings.HasPrefix(f, "local_stream://") {
			return argument{}, fault(field, "endless",
				"a local_stream:// never ends: play it alone",
				"local_stream:// 不会结束，请单独播放")
		}
	}
	if len(files) == 1 {
		return argument{files[0]}, nil
	}
	return argument{"file_string://" + strings.Join(files, "!")}, nil
}

// domainOf takes the realm in which phones register.
func domainOf(field, s string) (argument, error) {
	if !domainPattern.MatchString(s) {
		return argument{}, fault(field, "bad_domain",
			"use a host name or an address, without a port",
			"请使用主机名或地址，不带端口")
	}
	return argument{s}, nil
}

// shownOf takes what a phone of ours displays: a number, or a word such as anonymous.
func shownOf(field, s string) (argument, error) {
	if !shownPattern.MatchString(s) {
		return argument{}, fault(field, "bad_caller",
			"use 1 to 32 letters, digits, _ . + * # or -",
			"请使用 1 到 32 个字母、数字或 _ . + * # -")
	}
	return argument{s}, nil
}

func digitsOf(field, s string) (argument, error) {
	if !digitsPattern.MatchString(s) {
		return argument{}, fault(field, "bad_digits",
			"use 1 to 32 of the keys 0 to 9, * and #",
			"请使用 1 到 32 个按键：0 到 9、* 和 #")
	}
	return argument{s}, nil
}

func keyOf(field, s string) (argument, error) {
	if !keyPattern.MatchString(s) {
		return argument{}, fault(field, "bad_key",
			"use one of the keys 0 to 9, * and #",
			"请使用一个按键：0 到 9、* 或 #")
	}
	return argument{s}, nil
}

func legKindOf(field string, k models.LegKind) (argument, error) {
	switch k {
	case models.LegMain, models.LegOutbound, models.LegInbound, models.LegAgent, models.LegConsult, models.LegThreeWay:
		return argument{string(k)}, nil
	default:
		return argument{}, fault(field, "unknown",
			"use main, outbound, inbound, agent, consult or three_way",
			"请使用 main、outbound、inbound、agent、consult 或 three_way")
	}
}

// recordingOf makes the path of a recording of its parts.
func recordingOf(f RecordFile) (argument, error) {
	m := recordPattern.FindStringSubmatch(f.Path)
	if m == nil {
		return argument{}, fault("path", "bad_path",
			"must be yyyy/mm/dd/<uuid>.wav below the recordings folder",
			"必须是录音目录下的 yyyy/mm/dd/<uuid>.wav")
	}
	if _, err := idOf("path", m[1]); err != nil {
		return argument{}, err
	}
	if !folderPattern.MatchString(f.Folder) || strings.Contains(f.Folder, "..") {
		return argument{}, fault("folder", "bad_folder",
			"use an absolute path of at most 200 letters, digits, _ . @ + / or -, without ..",
			"请使用不超过 200 个字母、数字、_ . @ + / - 组成且不含 .. 的绝对路径")
	}
	return argument{strings.TrimSuffix(f.Folder, "/") + "/" + f.Path}, nil
}

func countOf(field string, n, low, high int64) (argument, error) {
	if n < low || n > high {
		return argument{}, fault(field, "out_of_range",
			fmt.Sprintf("must be %d to %d", low, high),
			fmt.Sprintf("必须在 %d 到 %d 之间", low, high))
	}
	return argument{strconv.FormatInt(n, 10)}, nil
}

// Var is a channel variable that the daemon may set. The list is closed: a free name or value could make the switch run
// something at its next expansion.
type Var string

// The variables that the daemon steers calls with.
const (
	VarStep                Var = "waihu_step"
	VarTransferAfterBridge Var = "transfer_after_bridge" // Target or Unset
	VarParkAfterBridge     Var = "park_after_bridge"
	VarHangupAfterBridge   Var = "hangup_after_bridge"
	VarContinueOnCancel    Var = "uuid_bridge_continue_on_cancel"
	VarTransferHistory     Var = "transfer_history" // Unset after each call of an agent: it grows with every event
	VarMaxForwards         Var = "max_forwards"
	VarRecordStereo        Var = "RECORD_STEREO"
	VarCall                Var = "waihu_call"  // the attempt that a leg is for; CallID or Unset
	VarAgent               Var = "waihu_agent" // ID or Unset
	VarQueue               Var = "waihu_queue" // ID or Unset
)

// Value is a typed value of a Var. The zero Value is not valid.
type Value struct {
	argument
	fits func(Var) bool
	err  error
}

// Flag is true or false.
func Flag(b bool) Value {
	return Value{argument: argument{strconv.FormatBool(b)}, fits: func(v Var) bool {
		return v == VarParkAfterBridge || v == VarHangupAfterBridge || v == VarContinueOnCancel || v == VarRecordStereo
	}}
}

// Count is a whole number from 0 to 999.
func Count(n int) Value {
	a, err := countOf("value", int64(n), 0, 999)
	return Value{argument: a, err: err, fits: func(v Var) bool { return v == VarMaxForwards }}
}

// Step is a word for how far a call is, an identifier of at most 64 letters, digits, _ or -.
func Step(word string) Value {
	a, err := extensionOf("value", word)
	return Value{argument: a, err: err, fits: func(v Var) bool { return v == VarStep }}
}

// Target is an extension of a context of the XML dialplan.
func Target(extension, context string) Value {
	e, err := extensionOf("value", extension)
	if err != nil {
		return Value{err: err}
	}
	c, err := nameOf("value", context)
	return Value{argument: argument{e.text + ":XML:" + c.text}, err: err, fits: func(v Var) bool {
		return v == VarTransferAfterBridge
	}}
}

// Unset takes a variable away.
func Unset() Value {
	return Value{fits: func(v Var) bool {
		return v == VarTransferHistory || v == VarTransferAfterBridge || v == VarCall || v == VarAgent || v == VarQueue
	}}
}

// ID is the number of an agent or a queue.
func ID(n int64) Value {
	a, err := countOf("value", n, 1, maxID)
	return Value{argument: a, err: err, fits: func(v Var) bool { return v == VarAgent || v == VarQueue }}
}

// CallID is the id of an attempt.
func CallID(id string) Value {
	a, err := idOf("value", id)
	return Value{argument: a, err: err, fits: func(v Var) bool { return v == VarCall }}
}

func (v Value) of(name Var) (argument, error) {
	if v.err != nil {
		return argument{}, v.err
	}
	if v.fits == nil || !v.fits(name) {
		return argument{}, fault("value", "wrong_type",
			"this variable takes another type of value",
			"该变量需要其他类型的值")
	}
	return v.argument, nil
}
