/** What callers said after the tone (留言): in the voicemail of a queue, or in a flow. */
import { address, del, get, put, type Page, type Query } from './client'
import type { Peaks } from './recordings'
import type { AttemptKind, AttemptState, Outcome, Sub } from './words'

export interface Message {
  id: string
  call_id: string
  queue_id: number
  flow_id: number
  node: string
  place: string
  number: string
  left_at: string
  duration_ms: number
  heard_at: string | null
  heard_by: string
  handled_at: string | null
  handled_by: string
  deleted_at: string | null
}
export interface Hearing { login: string; at: string }
/** A call with the number that left a message. */
export interface MessageCall { id: string; at: string; kind: AttemptKind; state: AttemptState; outcome: Outcome; sub: Sub; queue: string; agent: string; talk_ms: number }

export const listMessages = (query: Query = {}, signal?: AbortSignal) => get<Page<Message>>('/messages', { query, signal })
export const getMessage = (id: string) => get<{ message: Message; heard: Hearing[] }>(`/messages/${id}`)
/** The last calls with its number, as far as the log-in may see them. */
export const messageCalls = (id: string) => get<Page<MessageCall>>(`/messages/${id}/calls`)
export const messagePeaks = (id: string) => get<Peaks>(`/messages/${id}/peaks`)
export const messageAudio = (id: string) => address(`/messages/${id}/audio`)
export const messageDownload = (id: string) => address(`/messages/${id}/audio`, { download: 1 })
export const handleMessage = (id: string, handled: boolean) => put<Message>(`/messages/${id}/handled`, { handled })
export const deleteMessage = (id: string) => del(`/messages/${id}`)
