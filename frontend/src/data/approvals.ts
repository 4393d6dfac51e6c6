import { get, post, type Page, type Query } from './client'
import type { Contact } from './lists'

export type ApprovalKind = 'voice_file' | 'list' | 'caller_number'
export interface PendingApproval {
  kind: ApprovalKind
  id: number
  name: string
  created_at: string
  /** The organisation. */
  by: string
  /** His log-in, empty when it is not known. */
  uploaded_by: string
  /** Two people are wanted and it is one's own: somebody else approves it. */
  own: boolean
}

export const listApprovals = (query: Query = {}, signal?: AbortSignal) => get<Page<PendingApproval>>('/approvals', { query, signal })
export const decide = (a: PendingApproval, approve: boolean, reason = '') => post<void>(`/approvals/${a.kind}/${a.id}`, { approve, reason })
export const firstRows = (list: number) => get<Page<Contact>>(`/lists/${list}/contacts`, { query: { limit: 10 } })
