import { describe, expect, it } from 'vitest'
import { emptyPicture, maxCalls, maxPace, sharesOf, take, type CallLine } from '@/data/live'
import { outcomes } from '@/data/words'

const call = (i: number): CallLine => ({ attempt_id: `a${i}`, number: `+86138000${i}`, state: 'ringing', since: '2026-11-20T12:00:00Z' })

describe('the picture of a live campaign', () => {
  it('stays bounded over an hour of two messages a second with more calls than are shown', () => {
    let p = emptyPicture()
    for (let i = 0; i < 7200; i++) p = take(p, { rate_per_s: i % 200, calls: Array.from({ length: 150 }, (_, k) => call(k)) }, i * 500)
    expect(p.pace).toHaveLength(maxPace)
    expect(p.pace[0].at).toBe((7200 - maxPace) * 500)
    expect(p.pace.at(-1)).toEqual({ at: 7199 * 500, rate: 7199 % 200 })
    expect(p.calls).toHaveLength(maxCalls)
  })

  it('keeps what a change leaves out and does not touch the old picture', () => {
    const progress = { leads: 10, due: 4, reserved: 1, done: 5, skipped: 0, outcomes: { answered: 3, busy: 2 } }
    const before = take(emptyPicture(), { progress, rate_per_s: 7, calls: [call(1)] }, 1000)
    const after = take(before, { view: { in_flight: 250, up: 7, held: 0, why: 'max_concurrency', until: null, dialled: 9, answered: 3, ended: 5 } }, 1500)
    expect(after.progress).toEqual(progress)
    expect(after.outcomes).toEqual({ answered: 3, busy: 2 })
    expect(after.rate).toBe(7)
    expect(after.calls.map((c) => c.attempt_id)).toEqual(['a1'])
    expect(after.callsTotal).toBe(250)
    expect(before.view).toBeUndefined()
    expect(before.pace).toHaveLength(1)
  })

  it('empties the calls when the server says that there are none', () => {
    const p = take(take(emptyPicture(), { calls: [call(1)] }, 1), { calls: [] }, 2)
    expect(p.calls).toEqual([])
  })
})

describe('shares of outcomes', () => {
  it('come in report order, without those that did not occur, and add up to one', () => {
    const shares = sharesOf({ no_answer: 1, answered: 3, busy: 0 }, outcomes)
    expect(shares.map((s) => [s.outcome, s.n])).toEqual([['answered', 3], ['no_answer', 1]])
    expect(shares.reduce((sum, s) => sum + s.share, 0)).toBeCloseTo(1)
  })
  it('are none when nothing has ended', () => { expect(sharesOf({}, outcomes)).toEqual([]) })
})
