/** The dashboard: what goes on now. */
import { get } from './client'
import type { Progress } from './campaigns'
import type { CampaignState } from './words'

export interface Dashboard {
  campaigns: { id: number; name: string; state: CampaignState; progress: Progress; why: string }[] | null
  calls_now: number
  dialled_today: number
  answered_today: number
  switch: { connected: boolean; core: string }
  approvals_pending: number
}

export const getDashboard = () => get<Dashboard>('/dashboard')
