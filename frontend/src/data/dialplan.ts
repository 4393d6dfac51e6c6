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
export const publishDialplan = () => post<{ live: string }>('/dialplan/publish')
export const rollBackDialplan = (stamp: string) => post<{ live: string }>('/dialplan/rollback', { stamp })
