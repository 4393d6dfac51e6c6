package esl

import (
	"errors"
	"fmt"
	"strings"
)

// What a command may fail with. Whoever places calls needs the difference between ErrNotSent, after which the switch does
// certainly not know of the command, a ReplyError, after which it has refused it, and everything else, after which nobody
// knows (the command counts as done, I6).
var (
	// ErrNotSent says that not one byte of the command went to the switch.
	ErrNotSent = errors.New("command not sent")
	// ErrNotConnected says that there is no session with the switch; it is an ErrNotSent too.
	ErrNotConnected = fmt.Errorf("switch not connected: %w", ErrNotSent)
	// ErrTimeout says that the reply did not come in time. The command may have been carried out.
	ErrTimeout = errors.New("no reply in time, the command may have been carried out")
	// ErrLost says that the connection went while the command was in flight. It may have been carried out.
	ErrLost = errors.New("connection lost, the command may have been carried out")
	// ErrNoChannel says that the switch has no channel with this id (any more). Use errors.Is on a ReplyError.
	ErrNoChannel = errors.New("no such channel")
	// ErrShutdown is given to Handler.Down when the switch says that it ends.
	ErrShutdown = errors.New("the switch is shutting down")
	// ErrSilent is given to Handler.Down when nothing came for too long.
	ErrSilent = errors.New("the switch is silent")
)

// ReplyError is a refusal by the switch: its answer was not the one that means success.
type ReplyError struct {
	Command string // api name, without arguments
	Reply   string // the answer as it came, trimmed
}

func (e *ReplyError) Error() string {
	return fmt.Sprintf("switch refuses %s: %.200s", e.Command, e.Reply)
}

// Is makes errors.Is(err, ErrNoChannel) true for each wording that the switch has for it.
func (e *ReplyError) Is(target error) bool {
	if target != ErrNoChannel {
		return false
	}
	switch strings.ToLower(e.Reply) {
	case "-err no such channel!", "-err invalid uuid", "-err cannot locate session!":
		return true
	default:
		return false
	}
}

// ProbeKind says what hinders a connection.
type ProbeKind string

// What may hinder a connection.
const (
	ProbeUnreachable   ProbeKind = "unreachable"    // nothing listens there, or no route
	ProbeSilent        ProbeKind = "silent"         // connected, but no greeting or no answer
	ProbeRefused       ProbeKind = "refused"        // its access list turns us away (rude-rejection)
	ProbePassword      ProbeKind = "password"       // wrong password
	ProbeNotFreeSWITCH ProbeKind = "not_freeswitch" // something else answers there
)

// ProbeError is a connection that did not come about, with the mend in both languages.
type ProbeError struct {
	Kind ProbeKind
	Addr string
	Err  error // what was seen, may be nil
}

func (e *ProbeError) Error() string {
	if e.Err == nil {
		return e.en()
	}
	return e.en() + " (" + e.Err.Error() + ")"
}

// Unwrap gives what was seen.
func (e *ProbeError) Unwrap() error { return e.Err }

func (e *ProbeError) en() string {
	switch e.Kind {
	case ProbeUnreachable:
		return fmt.Sprintf("no switch can be reached at %s: start FreeSWITCH, load mod_event_socket, and check address, port and firewall", e.Addr)
	case ProbeSilent:
		return fmt.Sprintf("%s accepts the connection and says nothing: check that FreeSWITCH is not stopped or overloaded and that no proxy stands between", e.Addr)
	case ProbeRefused:
		return fmt.Sprintf("the switch at %s refuses this machine's address: add it to the list named by apply-inbound-acl in event_socket.conf.xml, then reloadacl", e.Addr)
	case ProbePassword:
		return fmt.Sprintf("the switch at %s refuses the password: use the one in event_socket.conf.xml", e.Addr)
	default:
		return fmt.Sprintf("what listens at %s is no FreeSWITCH event socket: check the port, 8021 is usual", e.Addr)
	}
}

// ZH is the message in Chinese.
func (e *ProbeError) ZH() string {
	switch e.Kind {
	case ProbeUnreachable:
		return fmt.Sprintf("无法连接交换机 %s：请启动 FreeSWITCH 并加载 mod_event_socket，检查地址、端口和防火墙", e.Addr)
	case ProbeSilent:
		return fmt.Sprintf("%s 接受了连接但没有任何应答：请检查 FreeSWITCH 是否停滞或过载，中间是否有代理", e.Addr)
	case ProbeRefused:
		return fmt.Sprintf("交换机 %s 拒绝本机地址：请把本机地址加入 event_socket.conf.xml 中 apply-inbound-acl 指定的列表，然后执行 reloadacl", e.Addr)
	case ProbePassword:
		return fmt.Sprintf("交换机 %s 拒绝密码：请使用 event_socket.conf.xml 中的密码", e.Addr)
	default:
		return fmt.Sprintf("%s 上监听的不是 FreeSWITCH 事件套接字：请检查端口，通常为 8021", e.Addr)
	}
}

// slow tells the obstacles that only a person can remove from those that pass by themselves.
func slow(err error) bool {
	var p *ProbeError
	return errors.As(err, &p) && (p.Kind == ProbeRefused || p.Kind == ProbePassword || p.Kind == ProbeNotFreeSWITCH)
}
