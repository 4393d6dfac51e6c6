import { del, get, post } from './client'

export interface Span { low: number; middle: number; high: number }

export interface Forecast {
  days: number
  done: number
  hours: Span
  settled: Span
  dialled: Span
  answered: Span
  connected: Span
  abandoned: Span
  abandonment: Span
  utilisation: Span
  per_hour: Span
  talk_minutes: Span
}

export type PaceMode = '' | 'progressive' | 'ratio' | 'predictive'
export interface Variant { mode: PaceMode; ratio: number; guarantee: '' | 'hard' | 'risk' | 'off' }

export interface Rehearsal {
  id: string
  campaign_id: number
  state: 'running' | 'done' | 'stopped'
  progress: number
  begin: string
  hours: number
  agents: number
  numbers: number
  basis: { calls: number; talks: number; answer: number; talk_seconds: number; ring_seconds: number; by_hours: boolean }
  rows: { variant: Variant; forecast: Forecast | null }[]
  took_ms: number
}

export interface RehearsalInput { hours: number; days: number; agents: number; day: string; variants: Variant[] }
export interface Finding { code: string; level: 'error' | 'warning' | 'info'; field: string; text: string; text_zh: string }

export const preflight = (campaign: number) => get<{ items: Finding[] }>(`/campaigns/${campaign}/preflight`).then((r) => r.items)
export const startRehearsal = (campaign: number, input: RehearsalInput) => post<Rehearsal>(`/campaigns/${campaign}/rehearsals`, input)
export const getRehearsal = (campaign: number, id: string) => get<Rehearsal>(`/campaigns/${campaign}/rehearsals/${id}`)
export const stopRehearsal = (campaign: number, id: string) => del<undefined>(`/campaigns/${campaign}/rehearsals/${id}`)

/** What may be compared for a campaign with agents, by a stable name. */
export const variants: Record<string, Variant> = {
  own: { mode: '', ratio: 0, guarantee: '' },
  progressive: { mode: 'progressive', ratio: 0, guarantee: '' },
  ratio15: { mode: 'ratio', ratio: 1.5, guarantee: 'off' },
  ratio2: { mode: 'ratio', ratio: 2, guarantee: 'off' },
  ratio3: { mode: 'ratio', ratio: 3, guarantee: 'off' },
  hard: { mode: 'predictive', ratio: 0, guarantee: 'hard' },
  risk: { mode: 'predictive', ratio: 0, guarantee: 'risk' },
  off: { mode: 'predictive', ratio: 0, guarantee: 'off' },
}

/** The name of a variant that came back from the server. */
export function variantName(v: Variant): string {
  const found = Object.entries(variants).find(([, w]) => w.mode === v.mode && w.ratio === v.ratio && w.guarantee === v.guarantee)
  return found?.[0] ?? 'own'
}
