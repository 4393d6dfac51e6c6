import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, watch } from 'vue'
import { useLive } from '@/pages/campaigns/useLive'

// The browser's stream, spoken to by the test.
class Stream {
  static CLOSED = 2
  static all: Stream[] = []
  readyState = 1
  onopen?: () => void
  onerror?: () => void
  closed = false
  private listeners = new Map<string, (e: { data: string }) => void>()
  constructor(readonly url: string) { Stream.all.push(this) }
  addEventListener(name: string, f: (e: { data: string }) => void) { this.listeners.set(name, f) }
  close() { this.closed = true }
  say(name: string, data: unknown) { this.listeners.get(name)?.({ data: JSON.stringify(data) }) }
}

describe('following a campaign', () => {
  beforeEach(() => { vi.useFakeTimers(); Stream.all = []; vi.stubGlobal('EventSource', Stream) })
  afterEach(() => { vi.useRealTimers(); vi.unstubAllGlobals() })

  it('shows the snapshot at once and of a burst of 200 changes only a few, the last one always', () => {
    const scope = effectScope()
    let paints = 0
    const { picture } = scope.run(() => {
      const l = useLive(7)
      watch(l.picture, () => { paints++ }, { flush: 'sync' })
      return l
    })!
    const stream = Stream.all[0]
    expect(stream.url).toBe('/api/v1/campaigns/7/live')
    stream.say('snapshot', { rate_per_s: 1 })
    expect(picture.value.rate).toBe(1)
    for (let i = 0; i < 200; i++) { vi.advanceTimersByTime(5); stream.say('change', { rate_per_s: i }) }
    vi.advanceTimersByTime(1000)
    expect(paints).toBeLessThanOrEqual(5)
    expect(picture.value.rate).toBe(199)
    scope.stop()
  })

  it('ends with the page: the stream is closed and nothing is painted any more', () => {
    const scope = effectScope()
    const { picture } = scope.run(() => useLive(7))!
    const stream = Stream.all[0]
    stream.say('snapshot', { rate_per_s: 1 })
    stream.say('change', { rate_per_s: 2 })
    scope.stop()
    vi.advanceTimersByTime(5000)
    expect(stream.closed).toBe(true)
    expect(picture.value.rate).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('says that the connection is lost and keeps the last picture', () => {
    const scope = effectScope()
    const { picture, state } = scope.run(() => useLive(7))!
    const stream = Stream.all[0]
    stream.onopen?.()
    stream.say('snapshot', { rate_per_s: 3 })
    expect(state.value).toBe('open')
    stream.onerror?.()
    expect(state.value).toBe('lost')
    expect(picture.value.rate).toBe(3)
    scope.stop()
  })
})
