import { del, get, post, put, type FieldError, type Page, type Query } from './client'

export const nodeKinds = ['play', 'menu', 'collect', 'record', 'rate', 'opt_out', 'set_result', 'queue', 'transfer', 'hang_up'] as const
export type NodeKind = (typeof nodeKinds)[number]

export interface FlowKey { key: string; next: string }

export interface FlowNode {
  id: string
  kind: NodeKind
  name: string
  voice_file_id: number
  /** The node that follows; '' hangs up. */
  next: string
  keys: FlowKey[]
  invalid_voice_file_id: number
  on_fail: string
  tries: number
  seconds: number
  min_digits: number
  max_digits: number
  variable: string
  result: string
  queue_id: number
  to: '' | 'number' | 'flow'
  target_id: number
  number: string
  trunk_id: number
}

export interface FlowSettings { name: string; nodes: FlowNode[] }

export interface Flow extends FlowSettings {
  id: number
  organization_id: number
  version: number
  created_at: string
}

export interface Findings { errors: FieldError[]; warnings: FieldError[] }

export const listFlows = (query: Query = {}, signal?: AbortSignal) => get<Page<Flow>>('/flows', { query, signal })
export const readFlow = (id: number) => get<Flow>(`/flows/${id}`)
export const createFlow = (f: FlowSettings) => post<Flow>('/flows', f)
export const changeFlow = (id: number, version: number, f: FlowSettings) => put<Flow>(`/flows/${id}`, f, { version })
export const deleteFlow = (id: number) => del(`/flows/${id}`)
/** What is wrong with a flow as it stands in the editor; id 0 is a new one. */
export const checkFlow = (id: number, f: FlowSettings, signal?: AbortSignal) => post<Findings>(id ? `/flows/${id}/check` : '/flows/check', f, { signal })
