/** Campaigns (外呼任务): what they are, what may be done with them. models/campaign.go has the units. */
import { del, get, post, put, type Page, type Query } from './client'
import type { CampaignMode, CampaignState, Outcome, Sub } from './words'

export interface Window { weekday: number; from: number; to: number }
export interface RetryRule { outcome: Outcome; times: number; delay_seconds: number; factor: number; free: boolean }
export interface Rules {
  pack: string
  windows: Window[] | null
  holidays: string[] | null
  number_zone: boolean
  zone: string
  retries: number
  retry_rules: RetryRule[] | null
  per_number_day: number
  min_gap_seconds: number
  /** Lines per idle agent of a campaign straight to agents; 0 = one call for each agent, who is kept for it. */
  ratio?: number
  pacing?: Pacing
}

export type PacingMode = '' | 'manual' | 'preview' | 'progressive' | 'ratio' | 'predictive'
export type Guarantee = '' | 'hard' | 'risk' | 'off'
export type GuaranteeWindow = '' | 'campaign' | 'day' | '30d'
/** How a campaign straight to agents is dialled; without a mode by its ratio alone. abandon_limit is a share. */
export interface Pacing { mode: PacingMode; guarantee: Guarantee; abandon_limit: number; connect_seconds: number; window: GuaranteeWindow; gain_slices?: boolean; preview_seconds?: number; preview_then?: '' | 'skip' | 'call' }

/** Whether agents say which number is called, and when. */
export const byHand = (m: PacingMode): boolean => m === 'manual' || m === 'preview'

/** What the wizard sends. */
export interface CampaignInput {
  name: string
  mode: CampaignMode
  contact_list_id: number
  voice_file_id: number
  queue_id: number
  purpose: string
  max_concurrency: number
  ring_seconds: number
  play_count: number
  extra_seconds: number
  agent_key: string
  opt_out_key: string
  key_seconds: number
  rules: Rules
  trunk_ids: number[] | null
  caller_ids: number[] | null
  keys: Record<string, string> | null
}

export interface Campaign extends CampaignInput {
  id: number
  organization_id: number
  state: CampaignState
  state_reason: string
  version: number
  created_at: string
  updated_at: string
  started_at: string | null
  finished_at: string | null
}

export interface Progress {
  leads: number
  due: number
  reserved: number
  done: number
  skipped: number
  outcomes: Partial<Record<Outcome, number>> | null
}

export interface HourStat { campaign_id: number; hour: string; outcome: Outcome; sub: Sub; n: number; talk_ms: number; ring_ms: number }

/** Query: state, q (part of the name), limit, after. */
export const listCampaigns = (query: Query, signal?: AbortSignal) => get<Page<Campaign>>('/campaigns', { query, signal })
export const getCampaign = (id: number) => get<Campaign>(`/campaigns/${id}`)
export const campaignDefaults = () => get<Campaign>('/campaigns/defaults')
export const createCampaign = (c: CampaignInput) => post<Campaign>('/campaigns', c)
export const changeCampaign = (id: number, version: number, c: CampaignInput) =>
  put<Campaign>(`/campaigns/${id}`, c, { version })
export const deleteCampaign = (c: Campaign) => del(`/campaigns/${c.id}`)
export const copyCampaign = (id: number) => post<Campaign>(`/campaigns/${id}/copy`, {})
export const startCampaign = (c: Campaign) => post<Campaign>(`/campaigns/${c.id}/start`, {}, { version: c.version })
// Pause, resume and stop name no version: who presses them means the campaign as it is, whatever was changed meanwhile.
export const pauseCampaign = (c: Campaign, reason: string) =>
  post<Campaign>(`/campaigns/${c.id}/pause`, { reason })
export const resumeCampaign = (c: Campaign) => post<Campaign>(`/campaigns/${c.id}/resume`, {})
export const stopCampaign = (c: Campaign, cut: boolean, reason: string) =>
  post<Campaign>(`/campaigns/${c.id}/stop`, { cut, reason })
export const testCampaign = (id: number, number: string) =>
  post<{ attempt_id: string }>(`/campaigns/${id}/test`, { number })
export const campaignStats = (id: number) => get<{ hours: HourStat[] | null }>(`/campaigns/${id}/stats`)

/** The things that may be done with a campaign in a state. */
export type Deed = 'edit' | 'start' | 'pause' | 'resume' | 'stop' | 'test' | 'remove'

const deedsOf: Record<CampaignState, Deed[]> = {
  draft: ['edit', 'start', 'test', 'remove'],
  waiting_approval: ['edit', 'start', 'test', 'remove'],
  ready: ['edit', 'start', 'test', 'remove'],
  running: ['pause', 'stop', 'test'],
  paused: ['edit', 'resume', 'stop', 'test'],
  stopping: ['stop'],
  stopped: [],
  finished: [],
}

/** can says whether the state of a campaign permits a deed; the server has the last word. */
export function can(c: Pick<Campaign, 'state'>, deed: Deed): boolean {
  return deedsOf[c.state]?.includes(deed) ?? false
}

/** inputOf keeps what the API takes: everything else is refused as an unknown field. */
export function inputOf(c: CampaignInput): CampaignInput {
  const { name, mode, contact_list_id, voice_file_id, queue_id, purpose, max_concurrency, ring_seconds, play_count } = c
  const { extra_seconds, agent_key, opt_out_key, key_seconds, rules, trunk_ids, caller_ids, keys } = c
  return {
    name, mode, contact_list_id, voice_file_id, queue_id, purpose, max_concurrency, ring_seconds, play_count,
    extra_seconds, agent_key, opt_out_key, key_seconds,
    rules: { ...rules, windows: rules.windows ?? [], holidays: rules.holidays ?? [], retry_rules: rules.retry_rules ?? [] },
    trunk_ids: trunk_ids ?? [], caller_ids: caller_ids ?? [], keys: keys ?? {},
  }
}

/** blankCampaign is what the wizard begins with until the server's defaults are there. */
export function blankCampaign(): CampaignInput {
  return {
    name: '', mode: 'voice_key', contact_list_id: 0, voice_file_id: 0, queue_id: 0, purpose: 'notice',
    max_concurrency: 0, ring_seconds: 45, play_count: 1, extra_seconds: 10, agent_key: '', opt_out_key: '',
    key_seconds: 5,
    rules: {
      pack: 'none', windows: [], holidays: [], number_zone: false, zone: 'Asia/Shanghai', retries: 0, retry_rules: [],
      per_number_day: 0, min_gap_seconds: 0,
    },
    trunk_ids: [], caller_ids: [], keys: {},
  }
}

/** One hour of a campaign, all outcomes together. */
export interface HourLine { hour: string; dialled: number; answered: number; talk_ms: number }

/** hoursOf adds the outcomes of each hour up, the newest hour first. */
export function hoursOf(stats: HourStat[]): HourLine[] {
  const lines = new Map<string, HourLine>()
  for (const s of stats) {
    const line = lines.get(s.hour) ?? { hour: s.hour, dialled: 0, answered: 0, talk_ms: 0 }
    line.dialled += s.n
    if (s.outcome === 'answered') line.answered += s.n
    line.talk_ms += s.talk_ms
    lines.set(s.hour, line)
  }
  return [...lines.values()].sort((a, b) => b.hour.localeCompare(a.hour))
}
