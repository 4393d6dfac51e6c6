/** Recorded calls (录音): left the customer, right what he heard. */
import { address, del, get, type Page, type Query } from './client'

export interface Recording {
  id: string
  campaign_id: number
  queue_id: number
  agent_id: number
  number: string
  started_at: string
  duration_ms: number
  talk_ms: number
  bytes: number
  problem: '' | 'missing' | 'short'
  deleted_at: string | null
}

/** The loudest samples of each channel. */
export interface Peaks { duration_ms: number; channels: number[][] }

export const listRecordings = (query: Query = {}, signal?: AbortSignal) => get<Page<Recording>>('/recordings', { query, signal })
export const recordingPeaks = (id: string) => get<Peaks>(`/recordings/${id}/peaks`)
export const recordingAudio = (id: string) => address(`/recordings/${id}/audio`)
export const recordingDownload = (id: string) => address(`/recordings/${id}/audio`, { download: 1 })
export const deleteRecording = (id: string) => del(`/recordings/${id}`)
