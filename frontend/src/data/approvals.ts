import { get, post, type Page, type Query } from './client'
import type { Contact } from './lists'

export type ApprovalKind = 'voice_file' | 'list' | 'caller_number'
export interface PendingApproval { kind: ApprovalKind; id: number; name: string; created_at: string; by: string }

export const listApprovals = (query: Query = {}, signal?: AbortSignal) => get<Page<PendingApproval>>('/approvals', { query, signal })
export const decide = (a: PendingApproval, approve: boolean, reason = '') => post<void>(`/approvals/${a.kind}/${a.id}`, { approve, reason })
export const firstRows = (list: number) => get<Page<Contact>>(`/lists/${list}/contacts`, { query: { limit: 10 } })
