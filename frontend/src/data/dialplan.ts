import { get, post, type Page } from './client'

/** What is saved and what the switch has: the yellow bar. */
export interface Dialplan { live: string; saved: string; pending: boolean; drift: boolean }

/** A dialplan that went live. */
export interface Revision { stamp: string; at: string; campaigns: number[] | null; queues: number[] | null }

/** An extension that differs; lines begin with " ", "-" or "+". */
export interface Change { extension: string; kind: string; lines: string[] }

export const readDialplan = (signal?: AbortSignal) => get<Dialplan>('/dialplan', { signal })
export const listRevisions = (signal?: AbortSignal) => get<Page<Revision>>('/dialplan/revisions', { signal })
export const diffRevision = (stamp: string, to = '') => get<Page<Change>>(`/dialplan/revisions/${encodeURIComponent(stamp)}/diff`, { query: { to } })
/** What was edited by hand in the live file; seen names the edited text. */
export interface Drift { edited: boolean; seen: string; fault: string; changes: Change[] }

export const readDrift = (signal?: AbortSignal) => get<Drift>('/dialplan/drift', { signal })
/** over names a text edited by hand that may be overwritten: Drift.seen. */
export const publishDialplan = (over = '') => post<{ live: string }>(`/dialplan/publish${over ? `?over=${encodeURIComponent(over)}` : ''}`)
export const rollBackDialplan = (stamp: string) => post<{ live: string }>('/dialplan/rollback', { stamp })
