import { ref } from 'vue'
import { get, type Page, type Query } from '@/data/client'
import type { TrunkChoice, VoiceChoice } from '@/data/choices'
import { everyOne } from '@/data/extensions'
import { listQueues, type Queue } from '@/data/queues'

/** What a queue can name: approved voice files, trunks, other queues. */
export function useQueueChoices() {
  const voices = ref<VoiceChoice[]>([])
  const trunks = ref<TrunkChoice[]>([])
  const queues = ref<Queue[]>([])

  async function read(): Promise<void> {
    const [v, t, q] = await Promise.all([
      everyOne((query: Query) => get<Page<VoiceChoice>>('/voice-files', { query })),
      everyOne((query: Query) => get<Page<TrunkChoice>>('/trunks', { query })),
      everyOne((query: Query) => listQueues(query)),
    ])
    voices.value = v.filter((x) => x.approval === 'approved')
    trunks.value = t
    queues.value = q
  }
  return { voices, trunks, queues, read }
}
