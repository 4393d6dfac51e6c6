import { onMounted, onScopeDispose, shallowRef } from 'vue'
import { explain } from '@/data/errors'

/** What get answers, asked for again and again while the component is there; fault is why the last answer did not come, '' if it did. */
export function usePolled<T>(get: (signal: AbortSignal) => Promise<T>, everyMs: number) {
  const value = shallowRef<T>()
  const fault = shallowRef('')
  const gone = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load() {
    try {
      value.value = await get(gone.signal)
      fault.value = ''
    } catch (e) {
      if (gone.signal.aborted) return
      fault.value = explain(e)
    }
    timer = setTimeout(load, everyMs)
  }
  onMounted(load)
  onScopeDispose(() => { gone.abort(); clearTimeout(timer) })
  return { value, fault }
}
