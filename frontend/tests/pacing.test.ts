import { describe, expect, it } from 'vitest'
import { gainSays, pointsOf, type PacingGain, type PacingSample } from '@/data/pacing'

const sample = (more: Partial<PacingSample>): PacingSample => ({
  campaign_id: 1, at: '2026-05-06T02:00:00Z', idle: 1, busy: 3, talk: 2, ringing: 2, waiting: 0, dialled: 1, why: 'guarantee', answered: 0, abandoned: 0, limit: 0.03, bound: 0, overdial: 0, covered: false, ...more,
})

describe('the time line of pacing', () => {
  it('shows abandonment as a share, 0 before the first answer', () => {
    const [none, some] = pointsOf({ history: [sample({}), sample({ answered: 400, abandoned: 10 })] })
    expect([none?.rate, some?.rate, some?.limit]).toEqual([0, 0.025, 0.03])
  })
  it('spares what the guarantee allows beyond the calls that have no agent, never less than nothing', () => {
    expect(pointsOf({ history: [sample({ bound: 5, overdial: 2 }), sample({ bound: 1, overdial: 4 })] }).map((p) => p.spare)).toEqual([3, 0])
  })
})

describe('the gain of predictive dialling', () => {
  const side = { agent_hours: 0, talk_minutes: 0, answered: 0, abandoned: 0 }
  const gain = (more: Partial<PacingGain>): PacingGain => ({ on: true, predictive: side, progressive: side, cycles: 0, cycles_least: 3, more: null, low: null, high: null, ...more })
  it('claims nothing before it is known, nor what may be chance', () => {
    expect(gainSays(gain({ on: false }))).toBe('off')
    expect(gainSays(gain({}))).toBe('waiting')
    expect(gainSays(gain({ cycles: 2 }))).toBe('few')
    expect(gainSays(gain({ cycles: 9, more: 2, low: -1, high: 5 }))).toBe('unclear')
    expect(gainSays(gain({ cycles: 9, more: 9, low: 7, high: 11 }))).toBe('brings')
    expect(gainSays(gain({ cycles: 9, more: -4, low: -6, high: -2 }))).toBe('takes')
  })
  it('shows what was measured after it was switched off', () => {
    expect(gainSays(gain({ on: false, cycles: 9, more: 9, low: 7, high: 11 }))).toBe('brings')
  })
})
