// Time that runs by the server's clock: how long ago something was, told anew each second.
import { ref } from 'vue'
import { useNow } from '@vueuse/core'
import { duration } from './format'

export function useSeconds() {
  const now = useNow({ interval: 500 })
  const ahead = ref(0)
  /** ms since a time, never below 0. */
  const since = (at: string | null | undefined): number => (!at || at.startsWith('0001-') ? 0 : Math.max(0, now.value.getTime() + ahead.value - new Date(at).getTime()))
  /** ms until a time, never below 0. */
  const until = (at: string | null | undefined): number => (at ? Math.max(0, new Date(at).getTime() - now.value.getTime() - ahead.value) : 0)
  const text = (at: string | null | undefined): string => (!at || at.startsWith('0001-') ? '–' : duration(since(at)))
  return { clock: (ms: number) => { ahead.value = ms }, since, until, text }
}
