package simulator

// kind is an event as one place of FreeSWITCH's source fires it: the header Event-Calling-* tell them apart.
type kind int

const (
	evOutgoing kind = iota
	evState
	evCreate
	evOriginate
	evProgress
	evProgressMedia
	evCallState
	evCodecRead
	evCodecWrite
	evAnswer
	evCallUpdate
	evCallSent
	evExecute
	evExecuteBridge
	evExecuteComplete
	evPark
	evUnpark
	evBridge
	evUnbridge
	evHold
	evUnhold
	evPlaybackStart
	evPlaybackStop
	evRecordStart
	evRecordStop
	evBugStart
	evBugStop
	evDTMF
	evHangup
	evHangupComplete
	evDestroy
	evData
	evChannelApp
	evPrivate
	evAPI
	evJob
	evHeartbeat
	evReload
	evSent
	evAddSchedule
	evDelSchedule
	evExecSchedule
	evShutdown
	kindCount
)

type origin struct {
	event     string
	file      string
	function  string
	line      string
	variables bool // the channel's variables go with it
}

// origins is read only.
var origins = [kindCount]origin{
	evOutgoing:        {"CHANNEL_OUTGOING", "switch_core_session.c", "switch_core_session_outgoing_channel", "768", false},
	evState:           {"CHANNEL_STATE", "switch_channel.c", "switch_channel_perform_set_running_state", "2408", false},
	evCreate:          {"CHANNEL_CREATE", "switch_core_state_machine.c", "switch_core_session_run", "626", true},
	evOriginate:       {"CHANNEL_ORIGINATE", "switch_core_state_machine.c", "switch_core_session_run", "632", true},
	evProgress:        {"CHANNEL_PROGRESS", "switch_channel.c", "switch_channel_perform_mark_ring_ready_value", "3505", true},
	evProgressMedia:   {"CHANNEL_PROGRESS_MEDIA", "switch_channel.c", "switch_channel_perform_mark_pre_answered", "3560", true},
	evCallState:       {"CHANNEL_CALLSTATE", "switch_channel.c", "switch_channel_perform_set_callstate", "301", false},
	evCodecRead:       {"CODEC", "switch_core_codec.c", "switch_core_session_set_real_read_codec", "168", false},
	evCodecWrite:      {"CODEC", "switch_core_codec.c", "switch_core_session_set_write_codec", "450", false},
	evAnswer:          {"CHANNEL_ANSWER", "switch_channel.c", "switch_channel_perform_mark_answered", "3846", true},
	evCallUpdate:      {"CALL_UPDATE", "switch_channel.c", "switch_channel_flip_cid", "3277", true},
	evCallSent:        {"CALL_UPDATE", "mod_sofia.c", "sofia_receive_message", "2100", true},
	evExecute:         {"CHANNEL_EXECUTE", "switch_core_session.c", "switch_core_session_exec", "2944", true},
	evExecuteBridge:   {"CHANNEL_EXECUTE", "switch_ivr_bridge.c", "uuid_bridge_on_soft_execute", "1243", true},
	evExecuteComplete: {"CHANNEL_EXECUTE_COMPLETE", "switch_core_session.c", "switch_core_session_exec", "2967", true},
	evPark:            {"CHANNEL_PARK", "switch_ivr.c", "switch_ivr_park", "1002", true},
	evUnpark:          {"CHANNEL_UNPARK", "switch_ivr.c", "switch_ivr_park", "1213", true},
	evBridge:          {"CHANNEL_BRIDGE", "switch_ivr_bridge.c", "switch_ivr_multi_threaded_bridge", "1689", true},
	evUnbridge:        {"CHANNEL_UNBRIDGE", "switch_ivr_bridge.c", "switch_ivr_multi_threaded_bridge", "1879", true},
	evHold:            {"CHANNEL_HOLD", "mod_sofia.c", "sofia_receive_message", "1644", true},
	evUnhold:          {"CHANNEL_UNHOLD", "mod_sofia.c", "sofia_receive_message", "1663", true},
	evPlaybackStart:   {"PLAYBACK_START", "switch_ivr_play_say.c", "switch_ivr_play_file", "1646", true},
	evPlaybackStop:    {"PLAYBACK_STOP", "switch_ivr_play_say.c", "switch_ivr_play_file", "2020", true},
	evRecordStart:     {"RECORD_START", "switch_ivr_async.c", "record_callback", "1274", true},
	evRecordStop:      {"RECORD_STOP", "switch_ivr_async.c", "send_record_stop_event", "1131", true},
	evBugStart:        {"MEDIA_BUG_START", "switch_core_media_bug.c", "switch_core_media_bug_add", "975", true},
	evBugStop:         {"MEDIA_BUG_STOP", "switch_core_media_bug.c", "switch_core_media_bug_close", "1256", true},
	evDTMF:            {"DTMF", "switch_channel.c", "switch_channel_dequeue_dtmf", "677", false},
	evHangup:          {"CHANNEL_HANGUP", "switch_channel.c", "switch_channel_perform_hangup", "3445", true},
	evHangupComplete:  {"CHANNEL_HANGUP_COMPLETE", "switch_core_state_machine.c", "switch_core_session_reporting_state", "943", true},
	evDestroy:         {"CHANNEL_DESTROY", "switch_core_session.c", "switch_core_session_perform_destroy", "1584", true},
	evData:            {"CHANNEL_DATA", "mod_commands.c", "uuid_dump_function", "6468", true},
	evChannelApp:      {"CHANNEL_APPLICATION", "mod_dptools.c", "event_function", "2029", true},
	evPrivate:         {"PRIVATE_COMMAND", "switch_ivr.c", "switch_ivr_parse_event", "836", false},
	evAPI:             {"API", "switch_loadable_module.c", "switch_api_execute", "2954", false},
	evJob:             {"BACKGROUND_JOB", "mod_event_socket.c", "api_exec", "1572", false},
	evHeartbeat:       {"HEARTBEAT", "switch_core.c", "send_heartbeat", "95", false},
	evReload:          {"RELOADXML", "switch_xml.c", "switch_xml_open_root", "2481", false},
	evSent:            {"CUSTOM", "mod_event_socket.c", "parse_command", "2187", false},
	evAddSchedule:     {"ADD_SCHEDULE", "switch_scheduler.c", "switch_scheduler_add_task", "314", false},
	evDelSchedule:     {"DEL_SCHEDULE", "switch_scheduler.c", "task_thread_loop", "165", false},
	evExecSchedule:    {"EXE_SCHEDULE", "switch_scheduler.c", "switch_scheduler_execute", "66", false},
	evShutdown:        {"SHUTDOWN", "switch_core.c", "switch_core_destroy", "3023", false},
}

// eventNames are all that "event plain" knows; the position is the number by which a connection subscribes.
var eventNames = [eventCount]string{
	"CUSTOM", "CLONE", "CHANNEL_CREATE", "CHANNEL_DESTROY", "CHANNEL_STATE", "CHANNEL_CALLSTATE", "CHANNEL_ANSWER",
	"CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_EXECUTE", "CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HOLD",
	"CHANNEL_UNHOLD", "CHANNEL_BRIDGE", "CHANNEL_UNBRIDGE", "CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA",
	"CHANNEL_OUTGOING", "CHANNEL_PARK", "CHANNEL_UNPARK", "CHANNEL_APPLICATION", "CHANNEL_ORIGINATE", "CHANNEL_UUID",
	"API", "LOG", "INBOUND_CHAN", "OUTBOUND_CHAN", "STARTUP", "SHUTDOWN", "PUBLISH", "UNPUBLISH", "TALK", "NOTALK",
	"SESSION_CRASH", "MODULE_LOAD", "MODULE_UNLOAD", "DTMF", "MESSAGE", "PRESENCE_IN", "NOTIFY_IN", "PRESENCE_OUT",
	"PRESENCE_PROBE", "MESSAGE_WAITING", "MESSAGE_QUERY", "ROSTER", "CODEC", "BACKGROUND_JOB", "DETECTED_SPEECH",
	"DETECTED_TONE", "PRIVATE_COMMAND", "HEARTBEAT", "TRAP", "ADD_SCHEDULE", "DEL_SCHEDULE", "EXE_SCHEDULE",
	"RE_SCHEDULE", "RELOADXML", "NOTIFY", "PHONE_FEATURE", "PHONE_FEATURE_SUBSCRIBE", "SEND_MESSAGE", "RECV_MESSAGE",
	"REQUEST_PARAMS", "CHANNEL_DATA", "GENERAL", "COMMAND", "SESSION_HEARTBEAT", "CLIENT_DISCONNECTED",
	"SERVER_DISCONNECTED", "SEND_INFO", "RECV_INFO", "RECV_RTCP_MESSAGE", "SEND_RTCP_MESSAGE", "CALL_SECURE", "NAT",
	"RECORD_START", "RECORD_STOP", "PLAYBACK_START", "PLAYBACK_STOP", "CALL_UPDATE", "FAILURE", "SOCKET_DATA",
	"MEDIA_BUG_START", "MEDIA_BUG_STOP", "CONFERENCE_DATA_QUERY", "CONFERENCE_DATA", "CALL_SETUP_REQ",
	"CALL_SETUP_RESULT", "CALL_DETAIL", "DEVICE_STATE", "TEXT", "SHUTDOWN_REQUESTED",
}

const eventCount = 92

// eventNumber finds an event's position in eventNames; -1 = FreeSWITCH does not know it.
func eventNumber(name string) int {
	for i, n := range eventNames {
		if n == name {
			return i
		}
	}
	return -1
}

// kindEvents is the position of each kind's event.
var kindEvents = func() (k [kindCount]int) {
	for i, o := range origins {
		k[i] = eventNumber(o.event)
	}
	return k
}()
