import { expect, test } from 'vitest'
import { automatic, reasonOf, type BlacklistEntry } from '@/data/blacklist'

const entry = (e: Partial<BlacklistEntry>): BlacklistEntry => ({ id: 1, organization_id: 1, number: '+8613800000001', prefix: false, source: 'manual', reason: '', evidence: '', expires_at: null, created_by: 'demo', created_at: '', ...e })

test('an opt-out that the platform noted says so by its source, in the language in use', () => {
  for (const [e, ours, reason] of [
    [entry({ source: 'key', reason: 'opted out by key', created_by: 'waihu' }), true, ''],
    [entry({ source: 'sip_607', reason: "callee's carrier says unwanted", created_by: 'waihu' }), true, ''],
    [entry({ source: 'complaint', reason: '邮件投诉' }), false, '邮件投诉'],
    [entry({ source: 'key', reason: 'by hand', created_by: 'demo' }), false, 'by hand'],
  ] as const) {
    expect(automatic(e)).toBe(ours)
    expect(reasonOf(e)).toBe(reason)
  }
})
