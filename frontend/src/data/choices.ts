/** What a campaign can be made of: lists, voices, caller numbers, trunks and queues, the first two hundred of each. */
import { address, get, type Page } from './client'
import { listLists, type ContactList } from './lists'
import { listQueues, type Queue } from './queues'
import type { Approval } from './words'

export interface VoiceChoice { id: number; name: string; duration_ms: number; approval: Approval }
export interface CallerChoice { id: number; number: string; kind: string; approval: Approval }
export interface TrunkChoice { id: number; name: string; gateway: string; paused: boolean }
export interface Choices { lists: ContactList[]; voices: VoiceChoice[]; callers: CallerChoice[]; trunks: TrunkChoice[]; queues: Queue[] }

const query = { limit: 200 }

export async function getChoices(): Promise<Choices> {
  const [lists, voices, callers, trunks, queues] = await Promise.all([
    listLists(query),
    get<Page<VoiceChoice>>('/voice-files', { query }),
    get<Page<CallerChoice>>('/caller-numbers', { query }),
    get<Page<TrunkChoice>>('/trunks', { query }),
    listQueues(query),
  ])
  return { lists: lists.items, voices: voices.items, callers: callers.items, trunks: trunks.items, queues: queues.items }
}

export const voiceUrl = (id: number) => address(`/voice-files/${id}/audio`)
