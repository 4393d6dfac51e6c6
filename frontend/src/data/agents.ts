import { del, get, post, put, type Page, type Query } from './client'
import type { PhoneState } from './extensions'

export const reaches = ['ring', 'auto_answer', 'nailed_up'] as const
export type Reach = (typeof reaches)[number]
export const agentRoles = ['agent', 'team_leader'] as const
export type AgentRole = (typeof agentRoles)[number]

export interface AgentSettings {
  staff_number: string
  name: string
  role: AgentRole
  login?: string
  password?: string
  extension_id: number
  external_number: string
  reach: Reach
  recording: boolean
  disabled: boolean
}

export interface Agent extends Omit<AgentSettings, 'password'> {
  id: number
  organization_id: number
  user_id: number
  login: string
  version: number
  created_at: string
  extension: string
  phone: PhoneState
  queue_ids: number[]
  /** Of a new agent only, when the server made it. */
  password?: string
}

export const listAgents = (query: Query = {}, signal?: AbortSignal) => get<Page<Agent>>('/agents', { query, signal })
export const createAgent = (a: AgentSettings) => post<Agent>('/agents', a)
export const changeAgent = (id: number, version: number, a: AgentSettings) => put<Agent>(`/agents/${id}`, a, { version })
export const deleteAgent = (id: number) => del(`/agents/${id}`)

/** What the server takes of an agent; empty log-in and password are left to it. */
export function settingsOf(a: AgentSettings): AgentSettings {
  const { staff_number, name, role, extension_id, external_number, reach, recording, disabled } = a
  const out: AgentSettings = { staff_number, name, role, extension_id, external_number, reach, recording, disabled }
  if (a.login) out.login = a.login
  if (a.password) out.password = a.password
  return out
}
