import { onScopeDispose, ref, shallowRef } from 'vue'
import { live, type LiveState } from '@/data/client'
import { getCampaign } from '@/data/campaigns'
import { emptyPicture, take, type LiveMessage, type LivePicture } from '@/data/live'

// People read no faster; the stream says at most two things a second, but a burst after a reconnect may say more.
const paintEveryMs = 500

/** Follows a campaign. The picture changes at most twice a second however much is heard. */
export function useLive(id: number) {
  const picture = shallowRef<LivePicture>(emptyPicture())
  const state = ref<LiveState>('connecting')
  let next = picture.value
  let timer: ReturnType<typeof setTimeout> | undefined

  const heard = (data: unknown) => {
    next = take(next, data as LiveMessage, Date.now())
    timer ??= setTimeout(() => { timer = undefined; picture.value = next }, picture.value.heardAt === 0 ? 0 : paintEveryMs)
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
