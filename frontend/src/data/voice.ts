import { address, del, get, patch, upload, type Page, type Query } from './client'
import type { Approval } from './words'

export interface VoiceFile {
  id: number
  organization_id: number
  name: string
  original_name: string
  sha256: string
  format: string
  duration_ms: number
  approval: Approval
  reason: string
  created_at: string
}

export interface Peaks { duration_ms: number; peaks: number[] }
export type Progress = (part: number) => void

export const listVoice = (query: Query = {}, signal?: AbortSignal) => get<Page<VoiceFile>>('/voice-files', { query, signal })
export const voicePeaks = (id: number) => get<Peaks>(`/voice-files/${id}/peaks`)
export const renameVoice = (id: number, name: string) => patch<VoiceFile>(`/voice-files/${id}`, { name })
export const deleteVoice = (id: number) => del(`/voice-files/${id}`)
/** sha256 makes the address new when the sound was replaced. */
export const voiceAudio = (id: number, sha256 = '') => address(`/voice-files/${id}/audio`, { v: sha256.slice(0, 12) })
export const sendVoice = (file: File, name: string, progress?: Progress, signal?: AbortSignal) =>
  upload<VoiceFile>('POST', '/voice-files', file, { name }, progress, signal)
export const replaceVoice = (id: number, file: File, progress?: Progress, signal?: AbortSignal) =>
  upload<VoiceFile>('PUT', `/voice-files/${id}/content`, file, {}, progress, signal)
