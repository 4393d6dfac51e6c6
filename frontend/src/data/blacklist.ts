import { del, get, post, upload, type Page, type Query } from './client'

export interface BlacklistEntry {
  id: number
  organization_id: number
  number: string
  prefix: boolean
  source: string
  reason: string
  evidence: string
  expires_at: string | null
  created_by: string
  created_at: string
}

export interface NewEntry { number: string; prefix: boolean; source: string; reason: string; expires_at: string | null }
export interface Taken { added: number; counts: Record<string, number> }

/** The sources that a person may give. */
export const sources = ['manual', 'complaint', 'regulator'] as const

/** Whether the platform made the entry, as an opt-out; its reason is then English and says no more than its source. */
export const automatic = (e: BlacklistEntry) => e.created_by === 'waihu' && (e.source === 'key' || e.source === 'sip_607')
/** The reason that somebody wrote. */
export const reasonOf = (e: BlacklistEntry) => (automatic(e) ? '' : e.reason)

export const listBlacklist = (query: Query = {}, signal?: AbortSignal) => get<Page<BlacklistEntry>>('/blacklist', { query, signal })
export const addBlacklist = (e: NewEntry) => post<BlacklistEntry>('/blacklist', e)
export const deleteBlacklist = (id: number) => del(`/blacklist/${id}`)
export const importBlacklist = (file: File, progress?: (part: number) => void, signal?: AbortSignal) =>
  upload<Taken>('POST', '/blacklist/import', file, {}, progress, signal)
