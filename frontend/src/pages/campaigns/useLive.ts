import { onScopeDispose, ref, shallowRef } from 'vue'
import { live, type LiveState } from '@/data/client'
import { getCampaign } from '@/data/campaigns'
import { emptyPicture, take, type LiveMessage, type LivePicture } from '@/data/live'

// People read no faster; the stream says at most two things a second, but a burst after a reconnect may say more.
const paintEveryMs = 400

/** Follows a campaign. The picture changes at most two or three times a second however much is heard. */
export function useLive(id: number) {
  const picture = shallowRef<LivePicture>(emptyPicture())
  const state = ref<LiveState>('connecting')
  let next = picture.value
  let painted = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const paint = () => { timer = undefined; painted = Date.now(); picture.value = next }
  // What comes at its usual pace is shown at once; of a burst the last is shown when it is time again.
  const heard = (data: unknown) => {
    const now = Date.now()
    next = take(next, data as LiveMessage, now)
    if (timer !== undefined) return
    if (now - painted >= paintEveryMs) paint()
    else timer = setTimeout(paint, paintEveryMs - (now - painted))
  }
  const stop = live(`/campaigns/${id}/live`, {
    on: { snapshot: heard, change: heard },
    state: (s) => { state.value = s },
    poll: async () => heard({ campaign: await getCampaign(id) }),
  })
  onScopeDispose(() => { stop(); clearTimeout(timer) })

  /** Puts in what an action answered without waiting for the stream. */
  const refresh = async () => heard({ campaign: await getCampaign(id) })
  return { picture, state, refresh }
}
