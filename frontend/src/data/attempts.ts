/** Attempts (呼叫尝试): one dial of one number with every raw fact. models/attempt.go has the units. */
import { get, type Page, type Query } from './client'
import type { AttemptKind, AttemptState, Outcome, Sub } from './words'

export interface Key { digit: string; at: string }

export interface Attempt {
  id: string
  organization_id: number
  campaign_id: number
  lead_id: number
  kind: AttemptKind
  state: AttemptState
  number: string
  trunk_id: number
  gateway: string
  dialled: string
  caller: string
  try: number
  epoch: number
  reserved_at: string
  sent_at: string | null
  looker_id: number
  pack: string
  pack_version: string
  created_at: string | null
  progress_at: string | null
  answered_at: string | null
  hung_up_at: string | null
  ended_at: string | null
  outcome: Outcome
  sub: Sub
  placed: boolean
  cause: string
  q850: number
  sip_status: number
  sip_phrase: string
  disposition: string
  who_hung_up: '' | 'callee' | 'waihu' | 'switch'
  step: string
  keys: Key[] | null
  talk_ms: number
  ring_ms: number
  node: string
  from_cdr: boolean
}


/** Query: campaign_id, number (or its beginning with *), outcome, kind, from, to, limit, after. */
export const listAttempts = (query: Query, signal?: AbortSignal) => get<Page<Attempt>>('/attempts', { query, signal })
export const getAttempt = (id: string) => get<Attempt>(`/attempts/${id}`)

/** A step of a call in an IVR flow; names are those that the flow has now, empty when it is gone. */
export interface FlowStep { at: string; flow_id: number; flow: string; node: string; name: string; kind: string; step: string; value: string }
export const listSteps = (id: string) => get<Page<FlowStep>>(`/attempts/${id}/steps`)

/** A node that a call came to, and what came of it there. */
export interface StepOfFlow extends FlowStep { results: { at: string; step: string; value: string }[] }

const outcomesOfSteps = ['key', 'no_input', 'collected', 'rated', 'record_end', 'end', 'set_result']

/** Steps by node: ivr_menu begins one, ivr_key belongs to it. The recording's step is told twice, and counts once. */
export function nodesOf(steps: FlowStep[]): StepOfFlow[] {
  const out: StepOfFlow[] = []
  for (const s of steps) {
    const what = s.step.replace(/^ivr_/, '')
    const last = out.at(-1)
    const same = last !== undefined && last.flow_id === s.flow_id && last.node === s.node
    if (outcomesOfSteps.includes(what)) {
      if (same && what !== 'end') last.results.push({ at: s.at, step: what, value: s.value })
      else out.push({ ...s, kind: what === 'end' ? '' : s.kind, name: what === 'end' ? '' : s.name, results: [{ at: s.at, step: what, value: s.value }] })
    } else if (!(same && what === 'record' && last.results.length === 0)) out.push({ ...s, kind: s.kind || what, results: [] })
  }
  return out
}

/** The moments of a call in their order; those that never came are left out. */
export function courseOf(a: Attempt): { step: MomentName; at: string }[] {
  return moments.flatMap((step) => {
    const at = a[step]
    return at ? [{ step, at }] : []
  })
}

const moments = ['reserved_at', 'sent_at', 'created_at', 'progress_at', 'answered_at', 'hung_up_at', 'ended_at'] as const
export type MomentName = (typeof moments)[number]

/** digitsOf joins the keys, "12#". */
export function digitsOf(keys: Key[] | null): string {
  return (keys ?? []).map((k) => k.digit).join('')
}

/** The facts that are no moments, in the order in which the drawer shows them. */
export const factNames = [
  'id', 'kind', 'state', 'number', 'dialled', 'caller', 'campaign_id', 'lead_id', 'try', 'trunk_id', 'gateway', 'node',
  'outcome', 'sub', 'cause', 'q850', 'sip_status', 'sip_phrase', 'disposition', 'who_hung_up', 'step', 'ring_ms',
  'talk_ms', 'placed', 'from_cdr', 'looker_id', 'pack', 'pack_version', 'epoch', 'organization_id',
] as const
export type FactName = (typeof factNames)[number]
