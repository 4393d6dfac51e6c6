import { flushPromises, mount } from '@vue/test-utils'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { ApiError, type Page } from '@/data/client'
import { i18n, speak } from '@/i18n'
import { usePages } from '@/parts/usePages'
import TablePage from '@/parts/TablePage.vue'
import { count, dateTime, duration } from '@/parts/format'

type Row = { id: number; name: string }
const pages: Record<string, Page<Row>> = {
  '': { items: [{ id: 1, name: 'one' }], next: 'a' },
  a: { items: [{ id: 2, name: 'two' }], next: 'b' },
  b: { items: [{ id: 3, name: 'three' }], next: '' },
}

const scope = effectScope()
afterAll(() => scope.stop())

describe('paging', () => {
  it('walks forward by the cursor, back by the cursors that led here, and from the start when resized', async () => {
    const load = vi.fn(async (q: { after: string; limit: number }) => pages[q.after])
    const p = scope.run(() => usePages<Row>(() => load, () => ({ q: 'x' }), 1))!
    await p.reload()
    await p.forward()
    await p.forward()
    expect([p.rows.value[0].id, p.place.value, p.next.value]).toEqual([3, 3, ''])
    await p.back()
    expect(p.rows.value[0].id).toBe(2)
    await p.resize(20)
    expect(load).toHaveBeenCalledWith({ q: 'x', limit: 20, after: '' }, expect.anything())
  })

  it('gathers a page that comes in parts, some of them empty', async () => {
    const parts: Record<string, Page<Row>> = { '': { items: [], next: 'a' }, a: pages.a, b: pages.b }
    const load = vi.fn(async (q: { after: string; limit: number }) => parts[q.after])
    const p = scope.run(() => usePages<Row>(() => load, () => ({}), 2))!
    await p.reload()
    expect([p.rows.value.map((r) => r.id), p.next.value, load.mock.calls.map((c) => c[0].limit)]).toEqual([[2, 3], '', [2, 2, 1]])
  })

  it('forgets an answer that a newer request has overtaken', async () => {
    const late: ((p: Page<Row>) => void)[] = []
    const p = scope.run(() => usePages<Row>(() => () => new Promise((r) => late.push(r)), () => ({})))!
    const first = p.reload()
    const second = p.reload()
    late[1](pages.b)
    late[0](pages[''])
    await Promise.all([first, second])
    expect(p.rows.value[0].id).toBe(3)
  })
})

describe('table page', () => {
  beforeEach(async () => { localStorage.clear(); await speak('en') })
  const columns = [{ key: 'name', label: 'Name' }, { key: 'id', label: 'Id', hidden: true }]
  const show = (load: () => Promise<Page<Row>>) => mount(TablePage, { props: { title: 'Things', name: 'things', columns, load } as never, global: { plugins: [i18n] }, attachTo: document.body })

  it('says that there is nothing', async () => {
    const w = show(async () => ({ items: [], next: '' }))
    await flushPromises()
    expect(w.text()).toContain('Nothing here yet')
    w.unmount()
  })

  it('says what went wrong and tries again', async () => {
    const load = vi.fn<() => Promise<Page<Row>>>().mockRejectedValueOnce(new ApiError({ type: '', title: '', status: 0, detail: '', code: 'unreachable', request_id: '', fields: [] })).mockResolvedValue(pages.b)
    const w = show(load)
    await flushPromises()
    expect(w.get('[role=alert]').text()).toContain('cannot be reached')
    await w.get('[role=alert] button').trigger('click')
    await flushPromises()
    expect(w.find('[role=alert]').exists()).toBe(false)
    expect(w.text()).toContain('three')
    w.unmount()
  })

  it('stands still while rows are chosen, and reads anew when none is', async () => {
    const load = vi.fn<() => Promise<Page<Row>>>(async () => ({ ...pages.b, items: [...pages.b.items] }))
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const w = mount(TablePage, { props: { title: 'Things', name: 'things', columns, load, selectable: true, refreshMs: 1000 } as never, global: { plugins: [i18n] }, attachTo: document.body })
    await flushPromises()
    const box = w.findAll('input[type=checkbox]').at(-1)!
    await box.setValue(true)
    await flushPromises()
    expect(w.text()).toContain('1 selected')
    vi.advanceTimersByTime(3500)
    expect(load).toHaveBeenCalledTimes(1)
    await box.setValue(false)
    await flushPromises()
    vi.advanceTimersByTime(1000)
    expect(load).toHaveBeenCalledTimes(2)
    w.unmount()
    vi.advanceTimersByTime(5000)
    expect(load).toHaveBeenCalledTimes(2)
    vi.useRealTimers()
  })

  it('has other words when the permission is missing', async () => {
    const w = show(async () => { throw new ApiError({ type: '', title: '', status: 403, detail: '', code: 'forbidden', request_id: '', fields: [] }) })
    await flushPromises()
    expect(w.get('[role=alert]').text()).toContain('may not see this page')
    w.unmount()
  })
})

describe('format', () => {
  it('writes times, counts and lengths', () => {
    expect(dateTime('2026-11-20T13:05:09Z', 'zh-CN', { zone: 'Asia/Shanghai' })).toBe('2026/11/20 21:05:09')
    expect(dateTime('2026-11-20T13:05:09Z', 'en', { zone: 'Asia/Shanghai' })).toBe('20/11/2026, 21:05:09')
    expect(dateTime('0001-01-01T00:00:00Z', 'en')).toBe('–')
    expect([count(1234567, 'en'), count(0.125, 'en', 1, true), count(null, 'en')]).toEqual(['1,234,567', '12.5%', '–'])
    expect([duration(75000), duration(3723000), duration(null)]).toEqual(['1:15', '1:02:03', '–'])
  })
})
