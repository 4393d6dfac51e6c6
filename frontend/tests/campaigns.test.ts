import { beforeEach, describe, expect, it } from 'vitest'
import { blankCampaign, can, hoursOf, inputOf, type Campaign, type HourStat } from '@/data/campaigns'
import { campaignStates } from '@/data/words'
import { dropDraft, findDraft, keepDraft } from '@/pages/campaigns/draft'
import { joinWindows, splitWindows } from '@/pages/campaigns/windows'

describe('what goes to the server', () => {
  it('leaves out what the API refuses as unknown, and sends lists instead of null', () => {
    const stored = { ...blankCampaign(), id: 3, state: 'draft', version: 4, trunk_ids: null, keys: null, rules: { ...blankCampaign().rules, windows: null } } as unknown as Campaign
    const input = inputOf(stored)
    expect(Object.keys(input).sort()).toEqual(Object.keys(blankCampaign()).sort())
    expect(input.trunk_ids).toEqual([])
    expect(input.keys).toEqual({})
    expect(input.rules.windows).toEqual([])
  })
})

describe('what may be done in a state', () => {
  it.each([
    ['draft', 'start', true], ['draft', 'pause', false], ['running', 'pause', true], ['running', 'edit', false],
    ['paused', 'resume', true], ['paused', 'edit', true], ['finished', 'start', false], ['finished', 'remove', false], ['stopping', 'stop', true],
  ] as const)('%s: %s is %s', (state, deed, allowed) => { expect(can({ state }, deed)).toBe(allowed) })

  it('never offers start and pause together', () => {
    for (const state of campaignStates) expect(can({ state }, 'start') && can({ state }, 'pause')).toBe(false)
  })
})

describe('hours', () => {
  const stat = (hour: string, outcome: HourStat['outcome'], n: number): HourStat => ({ campaign_id: 1, hour, outcome, sub: '', n, talk_ms: n * 10, ring_ms: 0 })
  it('add up the outcomes of an hour, the newest first', () => {
    expect(hoursOf([stat('2026-11-20T08:00:00Z', 'answered', 2), stat('2026-11-20T09:00:00Z', 'busy', 1), stat('2026-11-20T08:00:00Z', 'busy', 5)])).toEqual([
      { hour: '2026-11-20T09:00:00Z', dialled: 1, answered: 0, talk_ms: 10 },
      { hour: '2026-11-20T08:00:00Z', dialled: 7, answered: 2, talk_ms: 70 },
    ])
  })
})

describe('calling hours', () => {
  const week = [1, 2, 3].flatMap((weekday) => [{ weekday, from: 540, to: 720 }, { weekday, from: 840, to: 1440 }])
  it('of several days with the same hours are one span, Sunday last', () => {
    expect(joinWindows([{ weekday: 0, from: 540, to: 720 }, ...week])).toEqual([
      { days: [1, 2, 3, 0], from: '09:00', to: '12:00' }, { days: [1, 2, 3], from: '14:00', to: '24:00' },
    ])
  })
  it('come back as they were', () => {
    const order = (w: typeof week) => [...w].sort((a, b) => a.weekday - b.weekday || a.from - b.from)
    expect(order(splitWindows(joinWindows(week)))).toEqual(order(week))
  })
})

describe('the draft of the wizard', () => {
  beforeEach(() => { sessionStorage.clear() })
  it('is found again, apart for each campaign, until it is dropped', () => {
    keepDraft(0, { step: 2, version: 0, campaign: { ...blankCampaign(), name: 'Spring' } })
    expect(findDraft(0)).toMatchObject({ step: 2, campaign: { name: 'Spring' } })
    expect(findDraft(7)).toBeUndefined()
    dropDraft(0)
    expect(findDraft(0)).toBeUndefined()
  })
  it('that cannot be read is none', () => {
    sessionStorage.setItem('waihu.campaign-draft.new', '{"step":')
    expect(findDraft(0)).toBeUndefined()
    sessionStorage.setItem('waihu.campaign-draft.new', '{"step":1,"campaign":{}}')
    expect(findDraft(0)).toBeUndefined()
  })
})
