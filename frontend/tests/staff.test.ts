import { describe, expect, it } from 'vitest'
import { onlyHere, sipAddress } from '@/data/extensions'
import { settingsOf as agentSettings } from '@/data/agents'
import { newQueue, previewStaff, settingsOf } from '@/data/queues'
import { fields, tabOf, tabs } from '@/pages/queues/tabs'
import { home, mayOpen, pages } from '@/router/pages'

describe('the announced staff number (A-5)', () => {
  it.each([
    ['8?', 3, '800', '899'], ['8?', 4, '8000', '8999'], ['?', 3, '000', '999'], ['80?', 3, '800', '809'], ['?8', 3, '008', '998'],
    ['8?1', 4, '8001', '8991'], ['??8', 4, '0008', '9998'], ['801', 3, '801', '801'],
  ])('%s with %i digits', (pattern, digits, from, to) => {
    expect(previewStaff(pattern, digits)).toEqual({ from, to })
  })
  it.each([['', 3], ['8x', 3], ['80', 3], ['8???', 3], ['8001', 3], ['8?01', 3]])('%s with %i digits gives none', (pattern, digits) => {
    expect(previewStaff(pattern, digits)).toBeNull()
  })
})

describe('the settings sheet', () => {
  const sheet = { user: '8001', password: 'aB3/@x', domain: 'call.example', transport: 'udp' as const, server: '10.0.0.5', port: 5070 }
  it('is one address', () => {
    expect(sipAddress(sheet)).toBe('sip:8001:aB3%2F%40x@10.0.0.5:5070;transport=udp')
    expect(sipAddress({ ...sheet, transport: 'tls', server: 'fd00::2' })).toBe('sips:8001:aB3%2F%40x@[fd00::2]:5070;transport=tls')
  })
  it('says when the server cannot be reached from elsewhere', () => {
    expect(['localhost', '127.0.0.1', '::1'].every(onlyHere)).toBe(true)
    expect(onlyHere('10.0.0.5')).toBe(false)
  })
})

describe('what the server takes', () => {
  it('of a queue is its settings alone', () => {
    const q = { ...newQueue(), id: 3, organization_id: 1, version: 2, created_at: '', members: 4, active: 4, leaders: [], name: '一' }
    expect(Object.keys(settingsOf(q)).sort()).toEqual(Object.keys(newQueue()).sort())
    expect(settingsOf(q).overflow).not.toBe(q.overflow)
  })
  it('of an agent leaves an empty password to the server', () => {
    const a = { staff_number: '8001', name: '张', role: 'agent' as const, login: '', password: '', extension_id: 1, external_number: '', reach: 'ring' as const, recording: false, disabled: false }
    expect(agentSettings(a)).not.toHaveProperty('password')
    expect(agentSettings({ ...a, password: 'a long password' })).toHaveProperty('password')
  })
})

describe('the queue form', () => {
  it('has each field in a tab, so that its fault is seen', () => {
    const named = (f: string) => f.split('.')[0]
    const settings = Object.keys(newQueue()).filter((f) => !['announce_position', 'announce_wait'].includes(f))
    expect([...new Set(fields.map(named))].sort()).toEqual(settings.sort())
    expect(fields.every((f) => tabs.includes(tabOf(f)))).toBe(true)
    expect([tabOf('name'), tabOf('connect_ms'), tabOf('staff_pattern'), tabOf('overflow.queue_id')]).toEqual([...tabs])
  })
})

describe('who sees which page', () => {
  it('members see queues, agents and extensions; others do not', () => {
    const staff = pages.filter((p) => p.group === 'staff' && !p.roles)
    expect(staff.map((p) => p.name)).toEqual(expect.arrayContaining(['queues', 'agents', 'extensions']))
    for (const p of staff) {
      expect(mayOpen(p, 'enterprise')).toBe(true)
      expect(mayOpen(p, 'agent')).toBe(false)
    }
  })
  it('an administrator lands on the dashboard', () => {
    expect(home('admin')).toBe('/')
    expect(home(undefined)).toBe('/forbidden')
  })
})
