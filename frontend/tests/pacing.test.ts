import { describe, expect, it } from 'vitest'
import { pointsOf, type PacingSample } from '@/data/pacing'

const sample = (more: Partial<PacingSample>): PacingSample => ({
  campaign_id: 1, at: '2026-05-06T02:00:00Z', idle: 1, busy: 3, ringing: 2, waiting: 0, dialled: 1, why: 'guarantee', answered: 0, abandoned: 0, limit: 0.03, bound: 0, overdial: 0, ...more,
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
