import { describe, expect, it } from 'vitest'
import { may, type AgentNow, type Desk } from '@/data/desk'
import { emptyBoard, put, serviceLevel, withState, type BoardAgent } from '@/data/supervision'

const desk = (now: Partial<AgentNow>, recording = false): Desk => ({
  floor: true, queues: [], call: null,
  agent: { id: 1, staff_number: '8001', name: 'Ann', reach: 'ring', recording, extension_id: 1, external_number: '' },
  now: { agent_id: 1, state: 'idle', reason: '', since: '', queues: [1], phone: {} as AgentNow['phone'], leg: false, call_id: '', number: '', campaign_id: 0, queue_id: 0, talk_since: null, held: false, muted: false, recording: '', consult: '', consult_with: '', supervisor: 0, supervising: '', calls: 0, missed: 0, preview: null, can_fetch: false, fetching: false, look_why: '', ...now },
})

describe('what an agent may do', () => {
  it('follows from the state', () => {
    expect(may(desk({ state: 'offline' }))).toMatchObject({ busy: false, idle: false, hangUp: false })
    expect(may(desk({ state: 'wrap_up' }))).toMatchObject({ busy: true, idle: true, talk: false })
    expect(may(desk({ state: 'ringing' }))).toMatchObject({ hangUp: true, hold: false, consult: false })
    expect(may(desk({ state: 'talking' }))).toMatchObject({ hold: true, consult: true, asked: false, hangUp: true })
    expect(may(desk({ state: 'hold', consult: 'talking' }))).toMatchObject({ hold: false, consult: false, asked: true })
    expect(may(desk({ state: 'talking', consult: 'asked' }))).toMatchObject({ hold: false, consult: false, talk: false, asked: false, hangUp: true })
  })
  it('includes fetching a number where a campaign gives them out', () => {
    expect(may(desk({ can_fetch: true })).fetch).toBe(true)
    expect(may(desk({})).fetch || may(desk({ can_fetch: true, fetching: true })).fetch || may(desk({ can_fetch: true, state: 'wrap_up' })).fetch).toBe(false)
  })
  it('includes recording only with leave', () => {
    expect(may(desk({ state: 'talking' })).recordStart).toBe(false)
    expect(may(desk({ state: 'talking' }, true)).recordStart).toBe(true)
    expect(may(desk({ state: 'talking', recording: 'paused' }, true))).toMatchObject({ recordStart: false, recordPause: true })
  })
})

describe('the board', () => {
  const agent = (id: number, name: string): BoardAgent => ({ id, name, staff_number: '', reach: 'ring', member: [], campaign: '', now: desk({}).now })
  it('keeps one of each id, in their order', () => {
    const all = put(put(put([], agent(2, 'b')), agent(1, 'a')), agent(2, 'c'))
    expect(all.map((a) => a.name)).toEqual(['a', 'c'])
  })
  it('forgets who is not there any more', () => {
    const board = { ...emptyBoard(), agents: [agent(1, 'a'), agent(2, 'b')] }
    expect(withState(board, { floor: true, me: 0, agents: [2], queues: [] }).agents.map((a) => a.id)).toEqual([2])
  })
  it('knows no service level before the first call', () => {
    const q = { queue_id: 1, waiting: 0, longest_since: null, agents: {}, offered: 0, answered: 0, abandoned: 0, in_time: 0 }
    expect(serviceLevel(q)).toBeNull()
    expect(serviceLevel({ ...q, answered: 3, abandoned: 1, in_time: 2 })).toBe(0.5)
  })
})
