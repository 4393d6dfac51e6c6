import type { Window } from './campaigns'
import { del, get, post, put, type Page, type Query } from './client'

export const routeKinds = ['flow', 'queue', 'hang_up'] as const
export interface RouteTarget { kind: (typeof routeKinds)[number]; flow_id: number; queue_id: number; voice_file_id: number }

export interface RouteSettings {
  name: string
  number: string
  target: RouteTarget
  zone: string
  windows: Window[]
  holidays: string[]
  closed: RouteTarget
  disabled: boolean
}

export interface InboundRoute extends RouteSettings {
  id: number
  organization_id: number
  version: number
  created_at: string
}

export const listRoutes = (query: Query = {}, signal?: AbortSignal) => get<Page<InboundRoute>>('/inbound-routes', { query, signal })
export const createRoute = (r: RouteSettings) => post<InboundRoute>('/inbound-routes', r)
export const changeRoute = (id: number, version: number, r: RouteSettings) => put<InboundRoute>(`/inbound-routes/${id}`, r, { version })
export const deleteRoute = (id: number) => del(`/inbound-routes/${id}`)

const nowhere = (): RouteTarget => ({ kind: 'hang_up', flow_id: 0, queue_id: 0, voice_file_id: 0 })

export function newRoute(): RouteSettings {
  return { name: '', number: '', target: { ...nowhere(), kind: 'queue' }, zone: 'Asia/Shanghai', windows: [], holidays: [], closed: nowhere(), disabled: false }
}

/** The settings of a route alone, a copy: what the server takes. */
export function routeSettings(r: RouteSettings): RouteSettings {
  const { name, number, zone, disabled } = r
  return {
    name, number, zone, disabled, target: { ...r.target }, closed: { ...r.closed },
    windows: r.windows.map((w) => ({ ...w })), holidays: [...r.holidays],
  }
}
