import { inputOf, type CampaignInput } from '@/data/campaigns'

/** What was filled in and not saved, in this browser: a reload or a restart of the server loses nothing. */
const place = (id: number) => `waihu.campaign-draft.${id || 'new'}`

export interface Draft { step: number; campaign: CampaignInput; version: number }

export function keepDraft(id: number, d: Draft, store: Storage = sessionStorage): void {
  store.setItem(place(id), JSON.stringify({ ...d, campaign: inputOf(d.campaign) }))
}

/** findDraft gives what keepDraft kept, or nothing when it is absent or not readable. */
export function findDraft(id: number, store: Storage = sessionStorage): Draft | undefined {
  try {
    const d = JSON.parse(store.getItem(place(id)) ?? 'null') as Draft | null
    return d && typeof d.step === 'number' && d.campaign?.rules ? d : undefined
  } catch {
    return undefined
  }
}

export function dropDraft(id: number, store: Storage = sessionStorage): void {
  store.removeItem(place(id))
}
