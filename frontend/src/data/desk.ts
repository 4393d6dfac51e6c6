/** An agent's own desk (客服工作台): what it shows and what can be done. models/agent.go and queue.go have the units. */
import { get, live, post, type LiveState, type Page } from './client'
import type { PhoneState } from './extensions'
import type { Reach } from './agents'
import type { Key } from './attempts'

export const agentStates = ['offline', 'idle', 'reserved', 'ringing', 'talking', 'hold', 'wrap_up', 'busy'] as const
export type AgentState = (typeof agentStates)[number]
export type SuperviseMode = 'listen' | 'whisper' | 'barge'

export interface AgentNow {
  agent_id: number
  state: AgentState
  reason: string
  since: string
  queues: number[]
  phone: PhoneState
  leg: boolean
  call_id: string
  number: string
  campaign_id: number
  queue_id: number
  talk_since: string | null
  held: boolean
  muted: boolean
  recording: '' | 'on' | 'paused'
  consult: '' | 'ringing' | 'talking' | 'three_way' | 'asked' | 'joined'
  consult_with: string
  supervisor: number
  supervising: '' | SuperviseMode
  calls: number
  missed: number
  preview: Preview | null
  can_fetch: boolean
  fetching: boolean
  look_why: string
}

/** A number that is kept for the agent before it is called; why and look_why are gates. */
export interface Preview { fetched: boolean; called: boolean; dialled: boolean; why: string; until: string | null; then: '' | 'skip' | 'call' }

export interface QueueNow {
  queue_id: number
  waiting: number
  longest_since: string | null
  agents: Partial<Record<AgentState, number>>
  offered: number
  answered: number
  abandoned: number
  in_time: number
}

export interface CallCard {
  attempt_id: string
  kind: string
  number: string
  campaign_id: number
  campaign_name: string
  answered_at: string | null
  queued_at: string | null
  keys: Key[]
  columns: string[]
  fields: string[]
}

export interface DeskAgent { id: number; staff_number: string; name: string; reach: Reach; recording: boolean; extension_id: number; external_number: string }
export interface DeskQueue { id: number; name: string; priority: number; wrap_up_seconds: number; now: QueueNow }
export interface Desk { floor: boolean; agent: DeskAgent; now: AgentNow; queues: DeskQueue[]; call: CallCard | null }

export type TargetKind = 'agent' | 'queue' | 'external'
export interface Target { kind: TargetKind; id: number; number: string }
export interface DeskTarget { kind: TargetKind; id: number; name: string; staff_number: string; state: AgentState | ''; waiting: number; idle: number }

export interface AgentTimes {
  agent_id: number
  signed_in_ms: number
  idle_ms: number
  reserved_ms: number
  ring_ms: number
  talk_ms: number
  hold_ms: number
  wrap_up_ms: number
  busy_ms: number
  busy: Record<string, number>
  calls: number
}

export type Plain = 'sign-out' | 'idle' | 'hold' | 'unhold' | 'mute' | 'unmute' | 'hang-up' | 'consult/complete' | 'consult/cancel' | 'three-way' | 'number/fetch'

export const getDesk = () => get<Desk>('/desk')
export const today = () => get<AgentTimes>('/desk/today')
export const listTargets = (board = false) => get<Page<DeskTarget>>(board ? '/supervision/targets' : '/desk/targets')
export const signIn = (queue_ids: number[]) => post('/desk/sign-in', { queue_ids })
export const setBusy = (reason: string) => post('/desk/busy', { reason })
export const act = (what: Plain) => post(`/desk/${what}`)
export const transfer = (target: Target) => post('/desk/transfer', { target })
export const consult = (target: Target) => post('/desk/consult', { target })
export const sendDigits = (digits: string) => post('/desk/dtmf', { digits })
/** Has the number called that the page shows; when it is another by now, it is refused. */
export const callNumber = (call_id: string) => post('/desk/number/call', { call_id })
export const giveBackNumber = (call_id: string) => post('/desk/number/give-back', { call_id })
/** Puts the number off for so many minutes; 0 = it is not called any more. The reason may be empty. */
export const skipNumber = (call_id: string, minutes: number, reason: string) => post('/desk/number/skip', { call_id, minutes, reason })

/** Reasons for a skip that are offered; others are taken as they are written, at most skipLength characters. */
export const skipReasons = ['not_target', 'contacted', 'bad_data', 'bad_time'] as const
export const skipLength = 64
export const record = (what: 'start' | 'stop' | 'pause' | 'resume') => post('/desk/recording', { what })

export interface Follow { show: (d: Desk) => void; clock: (ahead: number) => void; state: (s: LiveState) => void }

/** How far the server's clock is ahead of ours, in ms. */
export const aheadOf = (data: unknown): number => new Date((data as { at: string }).at).getTime() - Date.now()

/** followDesk streams the desk; while the stream is lost it is asked for. */
export function followDesk(f: Follow): () => void {
  return live('/desk/stream', {
    on: { clock: (d) => f.clock(aheadOf(d)), snapshot: (d) => f.show(d as Desk), change: (d) => f.show(d as Desk) },
    state: f.state,
    poll: async () => f.show(await getDesk()),
    pollMs: 3000,
  })
}

/** What may be done now; a button that cannot do anything is not offered. */
export function may(d: Desk): Record<'busy' | 'idle' | 'hold' | 'talk' | 'consult' | 'asked' | 'hangUp' | 'recordStart' | 'recordPause' | 'fetch', boolean> {
  const { state, consult: c, held, recording } = d.now
  const inCall = state === 'talking' || state === 'hold'
  const talk = inCall && c !== 'asked' && c !== 'joined' // who is consulted can only leave
  return {
    busy: state !== 'offline' && state !== 'busy',
    idle: state === 'busy' || state === 'wrap_up',
    hold: talk && c === '' && !held,
    talk,
    consult: talk && c === '',
    asked: c === 'talking',
    hangUp: inCall || state === 'ringing',
    recordStart: talk && d.agent.recording && recording === '',
    recordPause: talk && recording !== '',
    fetch: state === 'idle' && d.now.can_fetch && !d.now.fetching,
  }
}
