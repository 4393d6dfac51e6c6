package esl

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Originate asks the switch to place a call and returns when it has taken the job; what becomes of the call is told by
// events, the job's end by BACKGROUND_JOB. A *models.Error or ErrNotSent means that the switch does not know of the call,
// a *ReplyError that it refused it; after any other error it may ring.
func (c *Client) Originate(ctx context.Context, o Originate) error {
	m, err := originate(o)
	return c.confirm(ctx, m, err)
}

// Kill hangs a channel up with a cause such as NORMAL_CLEARING. ErrNoChannel when it is gone.
func (c *Client) Kill(ctx context.Context, uuid, cause string) error {
	m, err := kill(uuid, cause)
	return c.confirm(ctx, m, err)
}

// Transfer sends a channel to an extension of an XML dialplan context. ErrNoChannel when it is gone.
func (c *Client) Transfer(ctx context.Context, uuid, extension, context string) error {
	m, err := transfer(uuid, extension, context)
	return c.confirm(ctx, m, err)
}

// Bridge connects a customer with an agent, in this order: the other way round a vanished agent leaves the customer in
// limbo. The bridge stands with CHANNEL_BRIDGE, some 60 ms later. ErrNoChannel when either is gone.
func (c *Client) Bridge(ctx context.Context, customer, agent string) error {
	m, err := bridge(customer, agent)
	return c.confirm(ctx, m, err)
}

// Broadcast plays files, one after the other, to a channel and to nobody else. The first is heard 0.2 s later. ErrNoChannel
// when it is gone.
func (c *Client) Broadcast(ctx context.Context, uuid string, files ...string) error {
	m, err := broadcast(uuid, files)
	return c.confirm(ctx, m, err)
}

// Break ends all playing on a channel. ErrNoChannel when it is gone.
func (c *Client) Break(ctx context.Context, uuid string) error {
	m, err := breakOff(uuid)
	return c.confirm(ctx, m, err)
}

// SetVar sets a channel variable of the closed list Var. ErrNoChannel when the channel is gone.
func (c *Client) SetVar(ctx context.Context, uuid string, name Var, value Value) error {
	m, err := setVar(uuid, name, value)
	return c.confirm(ctx, m, err)
}

// Channels lists all channels of the switch, ours or not.
func (c *Client) Channels(ctx context.Context) ([]Channel, error) {
	text, err := c.ask(ctx, channels(), nil)
	if err != nil {
		return nil, err
	}
	return parseChannels(text)
}

// Exists reports whether the switch has a channel with this id.
func (c *Client) Exists(ctx context.Context, uuid string) (bool, error) {
	m, err := exists(uuid)
	return c.truth(ctx, m, err)
}

// ReloadXML makes the switch read its configuration again and returns the reply as it is: a refusal begins with +OK too,
// only "+OK [Success]\n" is success.
func (c *Client) ReloadXML(ctx context.Context) (string, error) {
	return c.ask(ctx, reloadXML(), nil)
}

// LocateContext returns the XML of a dialplan context as the switch holds it, written anew by the switch (compare marks,
// not texts). A models not_found error when it has none.
func (c *Client) LocateContext(ctx context.Context, name string) (string, error) {
	m, err := locateContext(name)
	text, err := c.ask(ctx, m, err)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "<") {
		return "", missing("context", "the switch has no such dialplan context: publish the dialplan",
			"交换机中没有该拨号方案上下文：请发布拨号方案")
	}
	return text, nil
}

// GatewayStatus tells how a sofia gateway is. A models not_found error when the switch has none of that name.
func (c *Client) GatewayStatus(ctx context.Context, name string) (Gateway, error) {
	m, err := gatewayStatus(name)
	text, err := c.ask(ctx, m, err)
	if err != nil {
		return Gateway{}, err
	}
	return parseGateway(text)
}

// Status tells version, identity and load of the switch.
func (c *Client) Status(ctx context.Context) (SwitchStatus, error) {
	text, err := c.ask(ctx, status(), nil)
	if err != nil {
		return SwitchStatus{}, err
	}
	s, err := parseStatus(text)
	if err != nil {
		return SwitchStatus{}, err
	}
	s.Core, err = c.GlobalVar(ctx, "core_uuid")
	return s, err
}

// GlobalVar returns a global variable of the switch; a models not_found error when it is not set.
func (c *Client) GlobalVar(ctx context.Context, name string) (string, error) {
	m, err := globalVar(name)
	text, err := c.ask(ctx, m, err)
	if err != nil {
		return "", err
	}
	text = strings.TrimSpace(text)
	if text == "" || strings.HasPrefix(text, "-ERR no reply") {
		return "", missing("name", "the switch has no such global variable", "交换机中没有该全局变量")
	}
	if strings.HasPrefix(text, "-ERR") {
		return "", &ReplyError{Command: m.name, Reply: text}
	}
	return text, nil
}

// ModuleExists reports whether a module is loaded, mod_sofia for example.
func (c *Client) ModuleExists(ctx context.Context, name string) (bool, error) {
	m, err := moduleExists(name)
	return c.truth(ctx, m, err)
}

// FileExists reports whether the switch sees a file or folder at this path of its own.
func (c *Client) FileExists(ctx context.Context, path string) (bool, error) {
	m, err := fileExists(path)
	return c.truth(ctx, m, err)
}

// Epoch is the switch's clock, to the second.
func (c *Client) Epoch(ctx context.Context) (time.Time, error) {
	m := epoch()
	text, err := c.ask(ctx, m, nil)
	if err != nil {
		return time.Time{}, err
	}
	n, ok := number([]byte(strings.TrimSpace(text)))
	if !ok {
		return time.Time{}, &ReplyError{Command: m.name, Reply: strings.TrimSpace(text)}
	}
	return time.Unix(n, 0).UTC(), nil
}

// ask sends m, unless building it failed, and returns the reply's text.
func (c *Client) ask(ctx context.Context, m message, err error) (string, error) {
	if err != nil {
		return "", err
	}
	c.counts.lanes[m.lane].commands.Add(1)
	s := c.session.Load()
	if s == nil {
		c.counts.commandErrors.Add(1)
		return "", fmt.Errorf("%s: %w", m.name, ErrNotConnected)
	}
	a, err := s.lanes[m.lane].do(ctx, m)
	if err != nil {
		c.counts.commandErrors.Add(1)
		return "", fmt.Errorf("%s: %w", m.name, err)
	}
	return a.text, nil
}

// confirm sends m and demands +OK.
func (c *Client) confirm(ctx context.Context, m message, err error) error {
	text, err := c.ask(ctx, m, err)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(text, "+OK") {
		c.counts.commandErrors.Add(1)
		return &ReplyError{Command: m.name, Reply: strings.TrimSpace(text)}
	}
	return nil
}

// truth sends m and demands true or false.
func (c *Client) truth(ctx context.Context, m message, err error) (bool, error) {
	text, err := c.ask(ctx, m, err)
	if err != nil {
		return false, err
	}
	switch strings.TrimSpace(text) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		c.counts.commandErrors.Add(1)
		return false, &ReplyError{Command: m.name, Reply: strings.TrimSpace(text)}
	}
}
