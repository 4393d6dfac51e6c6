import { get, patch, post, type Page, type Query } from './client'
import type { Role } from './session'

export interface User { id: number; organization_id: number; login: string; role: Role; disabled: boolean; created_at: string }

export const listUsers = (query: Query = {}, signal?: AbortSignal) => get<Page<User>>('/users', { query, signal })
export const createUser = (u: { login: string; role: Role; password: string }) => post<User>('/users', u)
export const changeUser = (id: number, c: { disabled?: boolean; password?: string }) => patch<User>(`/users/${id}`, c)
