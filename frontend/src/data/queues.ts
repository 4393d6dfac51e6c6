import { del, get, post, put, type Page, type Query } from './client'

export const strategies = ['longest_idle', 'memory', 'random', 'fewest_calls', 'priority_first', 'ring_all'] as const
export const overflowKinds = ['hang_up', 'queue', 'number', 'voicemail'] as const

export interface Overflow { kind: (typeof overflowKinds)[number]; queue_id: number; number: string; trunk_id: number; voice_file_id: number }

export interface QueueSettings {
  name: string
  strategy: (typeof strategies)[number]
  mobile_agents: boolean
  announce_staff: boolean
  staff_pattern: string
  staff_digits: number
  prefer_last_agent: boolean
  ring_seconds: number
  wrap_up_seconds: number
  max_missed: number
  music_voice_id: number
  announcement_voice_id: number
  comfort_voice_id: number
  comfort_seconds: number
  announce_position: boolean
  announce_wait: boolean
  max_wait_seconds: number
  overflow: Overflow
  record: boolean
  service_level_seconds: number
  connect_ms: number
}

export interface Queue extends QueueSettings {
  id: number
  organization_id: number
  version: number
  created_at: string
  members: number
  active: number
  leaders: number[]
}

export interface Member { agent_id: number; active: boolean; priority: number }
export interface Leader { id: number; login: string; disabled: boolean }

export const listQueues = (query: Query = {}, signal?: AbortSignal) => get<Page<Queue>>('/queues', { query, signal })
export const createQueue = (q: QueueSettings) => post<Queue>('/queues', q)
export const changeQueue = (id: number, version: number, q: QueueSettings) => put<Queue>(`/queues/${id}`, q, { version })
export const deleteQueue = (id: number) => del(`/queues/${id}`)
export const readMembers = (id: number) => get<Member[]>(`/queues/${id}/members`)
export const saveMembers = (id: number, members: Member[]) => put<Member[]>(`/queues/${id}/members`, members)
export const readLeaders = (id: number) => get<number[]>(`/queues/${id}/leaders`)
export const saveLeaders = (id: number, users: number[]) => put<number[]>(`/queues/${id}/leaders`, users)
export const listLeaders = (query: Query = {}) => get<Page<Leader>>('/leaders', { query })

/** A new queue as the server would make it. */
export function newQueue(): QueueSettings {
  return {
    name: '', strategy: 'longest_idle', mobile_agents: false, announce_staff: true, staff_pattern: '', staff_digits: 3,
    prefer_last_agent: false, ring_seconds: 20, wrap_up_seconds: 10, max_missed: 3, music_voice_id: 0, announcement_voice_id: 0,
    comfort_voice_id: 0, comfort_seconds: 30, announce_position: false, announce_wait: false, max_wait_seconds: 60,
    overflow: { kind: 'hang_up', queue_id: 0, number: '', trunk_id: 0, voice_file_id: 0 },
    record: false, service_level_seconds: 20, connect_ms: 2000,
  }
}

/** The settings of a queue alone: what the server takes. */
export function settingsOf(q: QueueSettings): QueueSettings {
  const names = Object.keys(newQueue()) as (keyof QueueSettings)[]
  const out = Object.fromEntries(names.map((k) => [k, q[k]])) as unknown as QueueSettings
  return { ...out, overflow: { ...q.overflow } }
}

/**
 * The smallest and the largest number that a pattern gives: digits stay, ? stands for as many random digits as make it so
 * long. null when the pattern gives none.
 */
export function previewStaff(pattern: string, digits: number): { from: string; to: string } | null {
  if (!/^[0-9?]+$/.test(pattern)) return null
  const marks = pattern.split('?').length - 1
  const fill = digits - (pattern.length - marks)
  if (fill < marks || (marks === 0 && fill !== 0)) return null
  const filled = (digit: string) => {
    let left = fill
    let open = marks
    return [...pattern].map((c) => {
      if (c !== '?') return c
      const n = open === 1 ? left : Math.floor(left / open)
      left -= n
      open--
      return digit.repeat(n)
    }).join('')
  }
  return { from: filled('0'), to: filled('9') }
}
