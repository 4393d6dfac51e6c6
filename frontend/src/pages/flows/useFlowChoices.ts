import { ref, type Ref } from 'vue'
import type { TrunkChoice, VoiceChoice } from '@/data/choices'
import type { Query } from '@/data/client'
import { everyOne } from '@/data/extensions'
import { listFlows, type Flow } from '@/data/flows'
import type { Queue } from '@/data/queues'
import { useQueueChoices } from '@/pages/queues/useQueueChoices'

export interface FlowChoices {
  voices: Ref<VoiceChoice[]>
  trunks: Ref<TrunkChoice[]>
  queues: Ref<Queue[]>
  flows: Ref<Flow[]>
  read: () => Promise<void>
}

/** What flows and inbound routes can name: approved voice files, trunks, queues, flows. */
export function useFlowChoices(): FlowChoices {
  const { voices, trunks, queues, read: readQueues } = useQueueChoices()
  const flows = ref<Flow[]>([])
  async function read(): Promise<void> {
    const [, all] = await Promise.all([readQueues(), everyOne((query: Query) => listFlows(query))])
    flows.value = all
  }
  return { voices, trunks, queues, flows, read }
}
