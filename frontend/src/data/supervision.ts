/** Supervision (坐席监控) and wallboard: agents and queues as those who lead them see them. */
import { get, live, post, type LiveState, type Page, type Query } from './client'
import { aheadOf, type AgentNow, type AgentState, type AgentTimes, type QueueNow, type SuperviseMode, type Target } from './desk'
import type { Reach } from './agents'

export interface BoardAgent { id: number; staff_number: string; name: string; reach: Reach; member: number[]; campaign: string; now: AgentNow }
export interface BoardQueue { id: number; name: string; service_level_seconds: number; now: QueueNow }
export interface BoardState { floor: boolean; me: number; agents: number[]; queues: number[] }
export interface WallCampaign { id: number; name: string; state: string; queue_id: number; in_flight: number; dialled: number; answered: number; talking: number; why: string }
export interface WallState { floor: boolean; agents: Partial<Record<AgentState, number>>; queues: number[]; campaigns: number[] }

export interface Board { agents: BoardAgent[]; queues: BoardQueue[]; state: BoardState }
export interface Wall { queues: BoardQueue[]; campaigns: WallCampaign[]; state: WallState }

export const emptyBoard = (): Board => ({ agents: [], queues: [], state: { floor: true, me: 0, agents: [], queues: [] } })
export const emptyWall = (): Wall => ({ queues: [], campaigns: [], state: { floor: true, agents: {}, queues: [], campaigns: [] } })

/** put replaces the item of the same id, or adds it, and keeps the order of ids. */
export function put<T extends { id: number }>(all: T[], item: T): T[] {
  const i = all.findIndex((x) => x.id === item.id)
  if (i >= 0) return all.with(i, item)
  return [...all, item].sort((a, b) => a.id - b.id)
}

const only = <T extends { id: number }>(all: T[], ids: number[]): T[] => all.filter((x) => ids.includes(x.id))

export const withState = (b: Board, state: BoardState): Board => ({ agents: only(b.agents, state.agents), queues: only(b.queues, state.queues), state })
export const withWall = (w: Wall, state: WallState): Wall => ({ queues: only(w.queues, state.queues), campaigns: only(w.campaigns, state.campaigns), state })

interface Ears<T> { show: (v: T) => void; clock: (ahead: number) => void; state: (s: LiveState) => void }

export function followBoard(f: Ears<Board>): () => void {
  let b = emptyBoard()
  const show = (next: Board) => { b = next; f.show(b) }
  return live('/supervision/stream', {
    on: {
      clock: (d) => f.clock(aheadOf(d)),
      snapshot: (d) => { const s = d as { agent: BoardAgent[]; queue: BoardQueue[]; state: BoardState }; show({ agents: s.agent, queues: s.queue, state: s.state }) },
      agent: (d) => show({ ...b, agents: put(b.agents, d as BoardAgent) }),
      queue: (d) => show({ ...b, queues: put(b.queues, d as BoardQueue) }),
      state: (d) => show(withState(b, d as BoardState)),
    },
    state: f.state,
  })
}

export function followWall(f: Ears<Wall>): () => void {
  let w = emptyWall()
  const show = (next: Wall) => { w = next; f.show(w) }
  return live('/wallboard/stream', {
    on: {
      clock: (d) => f.clock(aheadOf(d)),
      snapshot: (d) => { const s = d as { queue: BoardQueue[]; campaign: WallCampaign[]; state: WallState }; show({ queues: s.queue, campaigns: s.campaign, state: s.state }) },
      queue: (d) => show({ ...w, queues: put(w.queues, d as BoardQueue) }),
      campaign: (d) => show({ ...w, campaigns: put(w.campaigns, d as WallCampaign) }),
      state: (d) => show(withWall(w, d as WallState)),
    },
    state: f.state,
  })
}

/** The share of answered calls that were in time, 0 to 1; none while nothing was offered. */
export function serviceLevel(q: QueueNow): number | null {
  const over = q.answered + q.abandoned
  return over > 0 ? q.in_time / over : null
}

const path = (agent: number, what: string) => `/supervision/agents/${agent}/${what}`
/** phone is the agent on whose phone one listens; 0 = that of one's own. */
const on = (phone: number) => (phone ? { supervisor_agent_id: phone } : {})
export const supervise = (agent: number, mode: SuperviseMode, phone: number) => post(path(agent, 'supervise'), { mode, ...on(phone) })
export const stopSupervising = (agent: number, phone: number) => post(path(agent, 'stop'), on(phone))
export const takeOver = (agent: number, phone: number) => post(path(agent, 'take-over'), on(phone))
export const drop = (agent: number) => post(path(agent, 'drop'))
export const sendCall = (agent: number, target: Target) => post(path(agent, 'transfer'), { target })
export const forceBusy = (agent: number) => post(path(agent, 'busy'), {})
export const forceIdle = (agent: number) => post(path(agent, 'idle'))
export const forceOut = (agent: number) => post(path(agent, 'sign-out'))

export interface TimesLine extends AgentTimes { staff_number: string; name: string }
export const agentTimes = (query: Query = {}, signal?: AbortSignal) => get<Page<TimesLine>>('/agent-times', { query: { from: query.from, to: query.to }, signal })

export interface AuditEntry { id: number; login: string; action: string; target: string; detail: string; at: string }
export const listAudit = (query: Query = {}, signal?: AbortSignal) => get<Page<AuditEntry>>('/audit', { query, signal })
