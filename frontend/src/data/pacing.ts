/** How campaigns straight to agents are dialled, and why not more (api/pacing.go). */
import { get, post } from './client'
import type { CampaignInput, PacingMode, Guarantee, GuaranteeWindow } from './campaigns'

export interface RulePack {
  name: string
  version: string
  from: string
  source: string
  source_zh: string
  abandon_limit: number
  most_abandon_limit: number
  connect_seconds: number
  most_connect_seconds: number
  least_ring_seconds: number
  windows: GuaranteeWindow[]
}

export interface PacingInputs {
  idle: number; talk: number; wrap: number; ring: number; wait: number; answered: number; abandoned: number
  overdial: number; bound: number; rate: number; odds: number; worth: number; free: number; answers: number; theta: number; risk: number; cost: number
}
export interface PacingDecision {
  at: string
  dialled: number
  dial: number
  why: string
  text: string
  text_zh: string
  inputs: PacingInputs
  candidates: { why: string; n: number }[]
}
export interface PacingSample {
  campaign_id: number; at: string; idle: number; busy: number; talk: number; ringing: number; waiting: number; dialled: number; why: string
  answered: number; abandoned: number; limit: number; bound: number; overdial: number; covered: boolean
}
/** A kind of numbers: how much more often than the campaign's numbers it is answered, and on how many answers that rests. */
export interface PacingKind { kind: 'history' | 'region' | 'trunk' | 'hour'; class: string; times: number; answers: number }
export interface Warning { field: string; code: string; text: string; text_zh: string }
export interface PacingNow {
  mode: PacingMode; guarantee: Guarantee; abandon_limit: number; connect_seconds: number; window: GuaranteeWindow
  from: string | null; until: string | null; answered: number; abandoned: number; on_floor: boolean; pack: string; pack_version: string
  decisions: PacingDecision[]; kinds: PacingKind[]; history: PacingSample[]; warnings: Warning[]
}

/** One kind of slice; talk_minutes are an agent hour. */
export interface GainSide { agent_hours: number; talk_minutes: number; answered: number; abandoned: number }
/** What predictive dialling brings beside progressive: more is talk minutes an agent hour with a 90 % interval, null while unknown. */
export interface PacingGain {
  on: boolean; predictive: GainSide; progressive: GainSide; cycles: number; cycles_least: number
  more: number | null; low: number | null; high: number | null
}

export const rulePacks = () => get<{ items: RulePack[] }>('/rule-packs')
export const checkCampaign = (c: CampaignInput) => post<{ warnings: Warning[] }>('/campaigns/check', c)
export const getPacing = (id: number, signal?: AbortSignal) => get<PacingNow>(`/campaigns/${id}/pacing`, { query: { limit: 360 }, signal })
export const getGain = (id: number, signal?: AbortSignal) => get<PacingGain>(`/campaigns/${id}/pacing/gain`, { signal })

/** gainSays is what the comparison says: nothing yet (off, waiting, few), that the gain may be chance, or which kind has more talk. */
export function gainSays(g: PacingGain): 'off' | 'waiting' | 'few' | 'unclear' | 'brings' | 'takes' {
  if (g.cycles === 0) return g.on ? 'waiting' : 'off'
  if (g.more === null || g.low === null || g.high === null) return 'few'
  if (g.low > 0) return 'brings'
  return g.high < 0 ? 'takes' : 'unclear'
}

/** One point of the time line. */
export interface PacePoint { at: number; busy: number; ringing: number; waiting: number; dialled: number; rate: number; limit: number; spare: number }

/** pointsOf are the kept decisions as the time line shows them; rate and limit are shares, spare is calls without an agent that are allowed still. */
export function pointsOf(p: Pick<PacingNow, 'history'>): PacePoint[] {
  return p.history.map((s) => ({
    at: new Date(s.at).getTime(), busy: s.busy, ringing: s.ringing, waiting: s.waiting, dialled: s.dialled,
    rate: s.answered > 0 ? s.abandoned / s.answered : 0, limit: s.limit, spare: Math.max(0, s.bound - s.overdial),
  }))
}
