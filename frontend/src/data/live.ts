/**
 * The live page's picture of a campaign: what the server last said, bounded in size. It is pure; the page feeds it and
 * paints it at its own pace, so a hundred calls a second cost no more than one.
 */
import type { Campaign, Progress } from './campaigns'
import type { AttemptState, Outcome } from './words'

export interface LiveView {
  in_flight: number
  up: number
  held: number
  why: string
  until: string | null
  dialled: number
  answered: number
  ended: number
}
export interface CallLine { attempt_id: string; number?: string; number_masked?: string; state: AttemptState; since: string }

/** One event of /campaigns/{id}/live. A change may leave out what has not changed. */
export interface LiveMessage {
  campaign?: Campaign
  progress?: Progress
  view?: LiveView
  rate_per_s?: number
  outcomes?: Partial<Record<Outcome, number>> | null
  calls?: CallLine[] | null
}

export interface LivePicture {
  campaign?: Campaign
  progress?: Progress
  view?: LiveView
  rate: number
  outcomes: Partial<Record<Outcome, number>>
  calls: CallLine[]
  callsTotal: number
  pace: { at: number; rate: number }[]
  heardAt: number
}

/** Bounds: calls that are kept for the table, and points of pace (at two a second: five minutes). */
export const maxCalls = 100
export const maxPace = 600

export const emptyPicture = (): LivePicture => ({ rate: 0, outcomes: {}, calls: [], callsTotal: 0, pace: [], heardAt: 0 })

/** take makes the next picture of a message heard at now (ms). The old one is left as it was. */
export function take(p: LivePicture, m: LiveMessage, now: number): LivePicture {
  const rate = m.rate_per_s ?? p.rate
  return {
    campaign: m.campaign ?? p.campaign,
    progress: m.progress ?? p.progress,
    view: m.view ?? p.view,
    rate,
    outcomes: m.outcomes ?? m.progress?.outcomes ?? p.outcomes,
    calls: m.calls === undefined ? p.calls : (m.calls ?? []).slice(0, maxCalls),
    callsTotal: m.view?.in_flight ?? m.calls?.length ?? p.callsTotal,
    pace: [...p.pace.slice(-(maxPace - 1)), { at: now, rate }],
    heardAt: now,
  }
}

/** sharesOf lists the outcomes that occurred in report order with their part of the whole. */
export function sharesOf(outcomes: Partial<Record<Outcome, number>>, order: readonly Outcome[]): { outcome: Outcome; n: number; share: number }[] {
  const all = Object.values(outcomes).reduce((sum: number, n) => sum + (n ?? 0), 0)
  return order.flatMap((outcome) => {
    const n = outcomes[outcome] ?? 0
    return n > 0 ? [{ outcome, n, share: n / all }] : []
  })
}
