/** Results (呼叫结果): each number of a campaign with its last attempt; saved filters. */
import { address, del, get, post, type Page, type Query } from './client'
import type { Attempt } from './attempts'
import type { Skip } from './why'
import type { Outcome } from './words'

export interface Lead {
  id: number
  campaign_id: number
  contact_id: number
  number: string
  zone: string
  state: 'due' | 'reserved' | 'done' | 'skipped'
  next_at: string
  why: string
  attempts: number
  retries: number
  free_retries: number
  last_outcome: Outcome
  outcome_runs: number
  last_attempt: string
}

/** skip is the last one, while it is why the number is not called. */
export interface Result { lead: Lead; attempt: Attempt | null; skip: Skip | null; fields: string[] | null }

/** Filters of the results; key is a digit, "none" or "any". */
export interface ResultFilter { outcome?: string; sub?: string; key?: string; q?: string }

export const listResults = (campaign: number, query: Query, signal?: AbortSignal) =>
  get<Page<Result>>(`/campaigns/${campaign}/results`, { query, signal })
export const exportUrl = (campaign: number, kind: 'csv' | 'xlsx', filter: ResultFilter) =>
  address(`/campaigns/${campaign}/results.${kind}`, { ...filter })

/** A saved filter; query is the text after the question mark. */
export interface SavedFilter { id: number; page: string; name: string; query: string }

export const listFilters = () => get<Page<SavedFilter>>('/filters')
export const saveFilter = (page: string, name: string, query: string) =>
  post<SavedFilter>('/filters', { page, name, query })
export const deleteFilter = (id: number) => del(`/filters/${id}`)

const filterFields = ['outcome', 'sub', 'key', 'q'] as const

/** filterToQuery writes a filter as in an address; empty parts are left out. */
export function filterToQuery(f: ResultFilter): string {
  const q = new URLSearchParams()
  for (const name of filterFields) if (f[name]) q.set(name, f[name])
  return q.toString()
}

/** queryToFilter reads it back; unknown parts are ignored. */
export function queryToFilter(query: string): ResultFilter {
  const q = new URLSearchParams(query)
  const f: ResultFilter = {}
  for (const name of filterFields) {
    const v = q.get(name)
    if (v) f[name] = v
  }
  return f
}
