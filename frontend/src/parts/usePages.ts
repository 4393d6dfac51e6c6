// Rows page by page from a keyset cursor: forwards by `next`, backwards by the cursors that led here.
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { Query } from '@/data/client'
import type { Load } from './table'

export function usePages<T>(load: () => Load<T>, query: () => Query, initialSize = 50) {
  const rows = shallowRef<T[]>([])
  const next = ref('')
  const cursors = ref<string[]>([''])
  const size = ref(initialSize)
  const busy = ref(false)
  const loaded = ref(false)
  const error = shallowRef<unknown>(null)
  let running: AbortController | undefined

  /** Reads one page. A search answers in parts, so that none takes long: a part may hold fewer rows than asked for. */
  async function gather(signal: AbortSignal, show: (found: T[], after: string) => void): Promise<void> {
    const found: T[] = []
    let after = cursors.value[cursors.value.length - 1] ?? ''
    do {
      const page = await load()({ ...query(), limit: size.value - found.length, after }, signal)
      if (signal.aborted) return
      found.push(...(page.items ?? []))
      after = page.next ?? ''
      if (found.length > 0 || after === '') show([...found], after)
    } while (after !== '' && found.length < size.value)
  }

  /** Reads the page at which we are; a newer request replaces one under way. */
  async function reload(quiet = false): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    if (!quiet) busy.value = true
    try {
      await gather(mine.signal, (found, after) => {
        if (mine !== running) return
        rows.value = found
        next.value = after
        error.value = null
        loaded.value = true
      })
    } catch (e) {
      if (mine === running && !mine.signal.aborted) error.value = e
    } finally {
      if (mine === running) busy.value = false
    }
  }

  const first = () => { cursors.value = ['']; return reload() }
  const forward = () => { if (next.value) cursors.value.push(next.value); return reload() }
  const back = () => { if (cursors.value.length > 1) cursors.value.pop(); return reload() }
  const resize = (n: number) => { size.value = n; return first() }
  onScopeDispose(() => running?.abort())

  return { rows, next, size, busy, loaded, error, reload, first, forward, back, resize, place: computed(() => cursors.value.length) }
}
