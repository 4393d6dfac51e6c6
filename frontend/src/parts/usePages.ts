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

  /** Reads the page at which we are; a newer request replaces one under way. */
  async function reload(quiet = false): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    if (!quiet) busy.value = true
    try {
      const page = await load()({ ...query(), limit: size.value, after: cursors.value[cursors.value.length - 1] }, mine.signal)
      if (mine !== running) return
      rows.value = page.items ?? []
      next.value = page.next ?? ''
      error.value = null
      loaded.value = true
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
