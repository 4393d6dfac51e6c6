import { del, get, post, put, type Page, type Query } from './client'

export interface TrunkSettings {
  name: string
  gateway: string
  dial_prefix: string
  number_format: 'national' | 'e164' | 'plus'
  lines: number
  hand_lines: number
  cps: number
  allow_400: boolean
}

export interface Trunk extends TrunkSettings {
  id: number
  organization_id: number
  paused: boolean
  paused_reason: string
  paused_until: string | null
  version: number
  gateway_state: string
  ping: number
  in_use: number
}

export const formats = ['national', 'e164', 'plus'] as const
export const listTrunks = (query: Query = {}, signal?: AbortSignal) => get<Page<Trunk>>('/trunks', { query, signal })
export const createTrunk = (t: TrunkSettings) => post<Trunk>('/trunks', t)
export const changeTrunk = (id: number, version: number, t: TrunkSettings) => put<Trunk>(`/trunks/${id}`, t, { version })
export const deleteTrunk = (id: number) => del(`/trunks/${id}`)
export const resumeTrunk = (id: number) => post<void>(`/trunks/${id}/resume`)

/** The settings of a trunk alone: what the server takes. */
export function settingsOf(t: TrunkSettings): TrunkSettings {
  const { name, gateway, dial_prefix, number_format, lines, hand_lines, cps, allow_400 } = t
  return { name, gateway, dial_prefix, number_format, lines, hand_lines, cps, allow_400 }
}
