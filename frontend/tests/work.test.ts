import { beforeEach, describe, expect, it } from 'vitest'
import { courseOf, digitsOf, nodesOf, type Attempt, type FlowStep } from '@/data/attempts'
import { countCalls, longest, maxShown, type LiveCall } from '@/data/calls'
import { recallReading, rememberReading, type Look } from '@/data/lists'
import { exportUrl, filterToQuery, queryToFilter } from '@/data/results'

describe('how a number file is read', () => {
  const look = (columns: string[], header = true): Look => ({ format: 'csv', encoding: 'utf-8', delimiter: ',', header, columns, column: -1, rows: [], rejects: [], warnings: [] })
  const reading = { encoding: 'gb18030', delimiter: ';', column: 2 }
  beforeEach(() => { localStorage.clear() })

  it('is remembered by the headings', () => {
    rememberReading(look(['姓名', '城市', '电话']), reading)
    expect(recallReading(look(['姓名', '城市', '电话']))).toEqual(reading)
    expect(recallReading(look(['姓名', '电话', '城市']))).toBeUndefined()
  })
  it('is not remembered for files without headings', () => {
    rememberReading(look(['1', '2'], false), reading)
    expect(recallReading(look(['1', '2'], false))).toBeUndefined()
  })
  it('keeps the newest twenty and survives rubbish in the store', () => {
    for (let i = 0; i < 25; i++) rememberReading(look([`h${i}`]), { ...reading, column: i })
    expect(recallReading(look(['h24']))?.column).toBe(24)
    expect(recallReading(look(['h5']))?.column).toBe(5)
    expect(recallReading(look(['h4']))).toBeUndefined()
    localStorage.setItem('waihu.readings', 'no json')
    expect(recallReading(look(['h24']))).toBeUndefined()
  })
})

describe('a filter of the results', () => {
  it('survives the way through the address', () => {
    const filter = { outcome: 'answered', key: '#', q: '张 & 三' }
    expect(queryToFilter(filterToQuery(filter))).toEqual(filter)
  })
  it('leaves out what is empty or not known', () => {
    expect(filterToQuery({ outcome: '', key: 'none' })).toBe('key=none')
    expect(queryToFilter('key=1&campaign=7&evil=x')).toEqual({ key: '1' })
  })
  it('goes into the export', () => {
    expect(exportUrl(7, 'csv', { key: '#', outcome: '' })).toBe('/api/v1/campaigns/7/results.csv?key=%23')
  })
})

describe('an attempt', () => {
  it('shows its moments in order and leaves out those that never came', () => {
    const a = { reserved_at: 'r', sent_at: 's', created_at: 'c', progress_at: null, answered_at: null, hung_up_at: 'h', ended_at: 'e' } as unknown as Attempt
    expect(courseOf(a).map((m) => m.step)).toEqual(['reserved_at', 'sent_at', 'created_at', 'hung_up_at', 'ended_at'])
  })
  it('gathers what came of each node of a flow', () => {
    const step = (node: string, what: string, value = ''): FlowStep => ({ at: '', flow_id: 1, flow: 'f', node, name: node, kind: '', step: `ivr_${what}`, value })
    const nodes = nodesOf([step('m', 'menu'), step('m', 'key', '1'), step('r', 'rate'), step('r', 'rated', '4'), step('s', 'record'), step('s', 'record'), step('s', 'record_end'), step('s', 'end')])
    expect(nodes.map((n) => [n.name, n.kind, n.results.map((r) => r.step + r.value)])).toEqual([['m', 'menu', ['key1']], ['r', 'rate', ['rated4']], ['s', 'record', ['record_end']], ['', '', ['end']]])
    expect(nodesOf([step('m', 'menu'), step('m', 'no_input'), step('m', 'menu')])).toHaveLength(2)
  })
  it('joins its keys', () => {
    expect(digitsOf([{ digit: '1', at: '' }, { digit: '#', at: '' }])).toBe('1#')
    expect(digitsOf(null)).toBe('')
  })
})

describe('calls in progress', () => {
  const call = (i: number, state: LiveCall['state']): LiveCall => ({ attempt_id: String(i), campaign_id: 1, number: '+86', trunk: 't', state, since: new Date(i * 1000).toISOString() })
  it('are counted by state', () => {
    expect(countCalls([call(1, 'sent'), call(2, 'ringing'), call(3, 'answered'), call(4, 'answered')])).toEqual({ total: 4, dialling: 1, ringing: 1, talking: 2 })
  })
  it('are shown longest first and not all', () => {
    const shown = longest(Array.from({ length: 300 }, (_, i) => call(300 - i, 'sent')))
    expect(shown).toHaveLength(maxShown)
    expect(shown[0].attempt_id).toBe('1')
  })
})
