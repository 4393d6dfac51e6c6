package dialplan

import (
	"fmt"
	"strconv"

	"waihu/models"
)

// fixed are the extensions that every published dialplan has. The revision's stamp is put in by Render.
func fixed() []Extension {
	return []Extension{
		extension(ExtensionRevision, literal(ExtensionRevision), set(revisionVariable, ""), hangUp()),
		afterBridge(),
		hold(),
		extension(ExtensionAgent, literal(ExtensionAgent),
			set("max_forwards", "70"),
			act("unset", "transfer_history"),
			set("hangup_after_bridge", "false"),
			set("park_after_bridge", "true"),
			act("park", ""),
		),
	}
}

// waiting is the head of every extension in which a customer waits for a bridge. uuid_bridge answers before the bridge
// stands; if the agent's leg is gone by then, uuid_bridge_continue_on_cancel and transfer_after_bridge save the call, and
// last_bridge_to, which only a real bridge sets, tells waihu_after which of both it was. Each transfer costs one of 70
// forwards, hence max_forwards.
func waiting(back string) []Action {
	return []Action{
		act("sched_cancel", ""),
		act("unset", "last_bridge_to"),
		act("unset", "playback_timeout_sec"),
		set("max_forwards", "70"),
		set("playback_terminators", "none"),
		set("uuid_bridge_continue_on_cancel", "true"),
		set("transfer_after_bridge", ExtensionAfter+":XML:"+Context),
		set(backVariable, back),
	}
}

// connectSkeleton gives the controller the connect limit to bridge; then the callee hears the apology (the safe
// harbour) and may opt out.
func connectSkeleton(c CampaignFlow, q QueueFlow) []Extension {
	name := Entry(c.CampaignID, models.ModeDirectAgent)
	late := fmt.Sprintf("waihu_late_%d", c.CampaignID)
	limit := q.connectMS()
	if c.ConnectMS > 0 {
		limit = c.ConnectMS
	}
	connect := append(waiting(late),
		step(StepConnecting), told(),
		playback("silence_stream://"+strconv.Itoa(limit)),
		transfer(late),
	)
	apology := []Action{step(StepLate), told()}
	if c.OptOutKey == "" || q.Apology == "" {
		if q.Apology != "" {
			apology = append(apology, playback(q.Apology))
		}
		return []Extension{
			extension(name, literal(name), connect...),
			extension(late, literal(late), append(apology, hangUp())...),
		}
	}
	apology = append(apology,
		act("flush_dtmf", ""),
		act("play_and_get_digits", fmt.Sprintf("1 1 1 %d none %s %s %s [%s] %d", lateKeyMS, q.Apology, silence, keyVariable, c.OptOutKey, lateKeyMS)),
		transfer(late+"_${"+keyVariable+"}"),
	)
	return []Extension{
		extension(name, literal(name), connect...),
		extension(late, literal(late), apology...),
		optOut(late, c),
		extension(late+"_none", "^"+late+"_["+allKeys+"]?$", hangUp()),
	}
}

// afterBridge is where a customer goes when a bridge ends. Without last_bridge_to there was no conversation: the agent's
// leg vanished before the bridge stood, and he waits on.
func afterBridge() Extension {
	return Extension{Name: ExtensionAfter, Conditions: []Condition{
		number(literal(ExtensionAfter)),
		{
			Field: "${last_bridge_to}", Expression: "^$",
			Actions: []Action{step(StepBridgeFailed), told(), transfer("${" + backVariable + "}")},
			Else:    []Action{act("unset", "playback_timeout_sec"), step(StepAfter), hangUp()},
		},
	}}
}

// hold ends by itself when the controller that put the customer aside is gone.
func hold() Extension {
	return Extension{Name: ExtensionHold, Conditions: []Condition{
		number(literal(ExtensionHold),
			set("max_forwards", "70"),
			step(StepHold),
			set("playback_timeout_sec", strconv.Itoa(holdSeconds)),
			playback(music("", 0, holdSeconds)),
			act("unset", "playback_timeout_sec"),
		),
		{
			Field: "${" + backVariable + "}", Expression: "^waihu_",
			Actions: []Action{transfer("${" + backVariable + "}")},
			Else:    []Action{hangUp()},
		},
	}}
}
