import { del, get, post, type Page, type Query } from './client'
import type { Approval } from './words'

export interface CallerNumber {
  id: number
  organization_id: number
  number: string
  kind: string
  approval: Approval
  created_at: string
}

export const listCallers = (query: Query = {}, signal?: AbortSignal) => get<Page<CallerNumber>>('/caller-numbers', { query, signal })
export const addCaller = (number: string) => post<CallerNumber>('/caller-numbers', { number })
export const deleteCaller = (id: number) => del(`/caller-numbers/${id}`)
