/** Calls in progress, for the operations monitor (运营监控). */
import { del, get, type Page } from './client'
import type { AttemptState } from './words'

export interface LiveCall { attempt_id: string; campaign_id: number; number: string; trunk: string; state: AttemptState; since: string }

export const listCalls = () => get<Page<LiveCall>>('/calls', { query: { limit: 200 } })
export const hangUp = (id: string) => del(`/calls/${id}`)

/** More rows than this are not painted: nobody reads them. */
export const maxShown = 100

/** longest gives the calls that last longest, at most maxShown. */
export function longest(calls: LiveCall[]): LiveCall[] {
  return [...calls].sort((a, b) => a.since.localeCompare(b.since)).slice(0, maxShown)
}

/** countCalls says how many calls there are, and in which state. */
export function countCalls(calls: LiveCall[]): Record<'total' | 'dialling' | 'ringing' | 'talking', number> {
  const n = { total: calls.length, dialling: 0, ringing: 0, talking: 0 }
  for (const c of calls) {
    if (c.state === 'answered') n.talking++
    else if (c.state === 'ringing') n.ringing++
    else n.dialling++
  }
  return n
}
