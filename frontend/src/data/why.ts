import { get } from './client'
import type { Attempt } from './attempts'
import type { BlacklistEntry } from './blacklist'

export interface WhyFinding { campaign_id: number; campaign_name: string; why: string; until: string | null; lead: { state: string; attempts: number; next_at: string } }
export interface Skip { at: string; campaign_id: number; agent_id: number; staff_number: string; agent_name: string; reason: string }
export interface Findings {
  number: string
  findings: WhyFinding[] | null
  blacklist: BlacklistEntry[] | null
  last: Attempt[] | null
  skips: Skip[] | null
  rejected: string[] | null
}

/** All that is known about a number: why it is not called now. */
export const askWhy = (number: string) => get<Findings>('/why', { query: { number } })
