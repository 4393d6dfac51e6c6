import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, address, get, live, post, put, whenLoggedOut } from '@/data/client'
import { byField, explain } from '@/data/errors'
import { safeNext } from '@/router/next'
import { speak } from '@/i18n'

const answer = (status: number, body: unknown) => new Response(body === undefined ? null : JSON.stringify(body), { status })
const problem = (status: number, code: string, fields: unknown[] = []) => ({ type: 'about:blank', title: '', status, detail: 'plain', code, request_id: 'r-7', fields })

describe('requests', () => {
  const fetched = vi.fn()
  beforeEach(() => { fetched.mockReset(); vi.stubGlobal('fetch', fetched) })
  afterEach(() => { vi.unstubAllGlobals(); whenLoggedOut(() => undefined) })

  it('leave empty filters out of the address', () => {
    expect(address('/attempts', { q: '', after: undefined, limit: 50, key: '#' })).toBe('/api/v1/attempts?limit=50&key=%23')
  })

  it('send the version as If-Match and JSON', async () => {
    fetched.mockResolvedValue(answer(200, { id: 1 }))
    await put('/campaigns/1', { name: 'a' }, { version: 4 })
    const [url, init] = fetched.mock.calls[0] as [string, RequestInit]
    expect([url, init.method, init.body]).toEqual(['/api/v1/campaigns/1', 'PUT', '{"name":"a"}'])
    expect(init.headers).toMatchObject({ 'If-Match': '"4"', 'Content-Type': 'application/json' })
  })

  it('take an empty answer', async () => {
    fetched.mockResolvedValue(answer(204, undefined))
    expect(await post('/campaigns/1/start')).toBeUndefined()
  })

  it('tell field faults in the language in use', async () => {
    const fields = [{ field: 'number', code: 'bad', text: 'use digits', text_zh: '请只填数字' }]
    fetched.mockImplementation(async () => answer(422, problem(422, 'bad', fields)))
    const e = await post('/caller-numbers', {}).catch((x: unknown) => x)
    expect(e).toBeInstanceOf(ApiError)
    await speak('en')
    expect([explain(e), byField(e)]).toEqual(['use digits', { number: 'use digits' }])
    await speak('zh-CN')
    expect(explain(e)).toBe('请只填数字')
  })

  it('give the request id of an internal error, and a sentence for a lost server', async () => {
    await speak('en')
    fetched.mockResolvedValueOnce(answer(500, problem(500, 'internal_x')))
    expect(explain(await get('/users').catch((x: unknown) => x))).toContain('r-7')
    fetched.mockRejectedValueOnce(new TypeError('failed'))
    expect(explain(await get('/users').catch((x: unknown) => x))).toContain('cannot be reached')
    fetched.mockResolvedValueOnce(new Response('<html>', { status: 502 }))
    expect(((await get('/users').catch((x: unknown) => x)) as ApiError).code).toBe('http_502')
  })

  it('report the end of the session, but not for the question who is logged in', async () => {
    const out = vi.fn()
    whenLoggedOut(out)
    fetched.mockImplementation(async () => answer(401, problem(401, 'unauthorized')))
    await get('/session', { anonymous: true }).catch(() => undefined)
    expect(out).not.toHaveBeenCalled()
    await get('/users').catch(() => undefined)
    expect(out).toHaveBeenCalledOnce()
  })
})

class FakeSource extends EventTarget {
  static CLOSED = 2
  static all: FakeSource[] = []
  readyState = 0
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  constructor(readonly url: string) { super(); FakeSource.all.push(this) }
  close(): void { this.readyState = 2 }
  say(name: string, data: unknown): void { this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) })) }
  fail(closed: boolean): void { this.readyState = closed ? 2 : 0; this.onerror?.() }
}

describe('live', () => {
  beforeEach(() => { FakeSource.all = []; vi.useFakeTimers(); vi.stubGlobal('EventSource', FakeSource) })
  afterEach(() => { vi.useRealTimers(); vi.unstubAllGlobals() })

  it('gives events by name, polls while lost, connects anew with a growing delay, and ends', async () => {
    const seen: unknown[] = []
    const states: string[] = []
    const poll = vi.fn(async () => undefined)
    const end = live('/stream', { on: { snapshot: (d) => seen.push(d) }, state: (s) => states.push(s), poll, pollMs: 100 })
    FakeSource.all[0].onopen?.()
    FakeSource.all[0].say('snapshot', { n: 1 })
    expect([seen, FakeSource.all[0].url]).toEqual([[{ n: 1 }], '/api/v1/stream'])

    FakeSource.all[0].fail(true)
    await vi.advanceTimersByTimeAsync(950)
    expect([poll.mock.calls.length, FakeSource.all.length]).toEqual([9, 1])
    await vi.advanceTimersByTimeAsync(60)
    expect(FakeSource.all.length).toBe(2)
    FakeSource.all[1].fail(true)
    await vi.advanceTimersByTimeAsync(1500)
    expect(FakeSource.all.length).toBe(2)
    await vi.advanceTimersByTimeAsync(600)
    expect(FakeSource.all.length).toBe(3)

    FakeSource.all[2].onopen?.()
    const polled = poll.mock.calls.length
    await vi.advanceTimersByTimeAsync(1000)
    expect(poll.mock.calls.length).toBe(polled)
    expect(states.at(-1)).toBe('open')
    end()
    FakeSource.all[2].fail(true)
    await vi.advanceTimersByTimeAsync(60000)
    expect(FakeSource.all.length).toBe(3)
  })

  it('leaves a broken connection to the browser, which resumes by the last id', async () => {
    const end = live('/stream', { on: {} })
    FakeSource.all[0].fail(false)
    await vi.advanceTimersByTimeAsync(20000)
    expect(FakeSource.all.length).toBe(1)
    end()
  })
})

describe('the page after the log-in', () => {
  it.each([['/lists?q=1', '/lists?q=1'], ['//evil.example', '/'], ['https://evil.example', '/'], ['/\\evil.example', '/'], ['/login', '/'], [undefined, '/']])('%s → %s', (next, want) => {
    expect(safeNext(next)).toBe(want)
  })
})
