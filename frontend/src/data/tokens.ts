import { del, get, post, type Page, type Query } from './client'

export interface Token { id: number; name: string; created_at: string; last_used_at: string | null }

export const listTokens = (query: Query = {}, signal?: AbortSignal) => get<Page<Token>>('/tokens', { query, signal })
/** The answer alone holds the token itself. */
export const createToken = (name: string) => post<Token & { token: string }>('/tokens', { name })
export const deleteToken = (id: number) => del(`/tokens/${id}`)
