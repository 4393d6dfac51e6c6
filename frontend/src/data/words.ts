/** The enumerations of the trade, as in models/*.go: what words exist, and how a tag shows them. */

export type CampaignState =
  | 'draft' | 'waiting_approval' | 'ready' | 'running' | 'paused' | 'stopping' | 'stopped' | 'finished'
export const campaignStates: CampaignState[] = [
  'draft', 'waiting_approval', 'ready', 'running', 'paused', 'stopping', 'stopped', 'finished',
]

export type CampaignMode = 'voice_only' | 'voice_key' | 'direct_agent'
export type Approval = 'pending' | 'approved' | 'rejected'
export type ListState = 'importing' | 'ready' | 'failed'
export type AttemptState = 'reserved' | 'sent' | 'ringing' | 'answered' | 'ended' | 'released'
export type AttemptKind = 'campaign' | 'test' | 'inbound' | 'manual'

/** Every outcome in the order in which reports show them. */
export const outcomes = [
  'answered', 'busy', 'no_answer', 'unreachable', 'powered_off', 'rejected', 'unwanted', 'invalid_number',
  'number_changed', 'bad_format', 'suspended', 'no_route', 'own_barred', 'congestion', 'network_error', 'timeout',
  'media_error', 'gateway_down', 'not_connected', 'other_failure',
] as const
export type Outcome = (typeof outcomes)[number] | ''

/** What became of an answered call. */
export const subs = [
  'ivr_only', 'key', 'agent', 'abandoned', 'machine', 'fax', 'customer_hangup_early', 'overflow', 'opted_out', 'lost',
  'played', 'hung_up_playing',
] as const
export type Sub = (typeof subs)[number] | ''

export const phoneKeys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const

/** The colour of a state. */
export type Tone = 'success' | 'warning' | 'danger' | 'info' | 'primary'

const tones: Record<Exclude<Tone, 'info'>, string[]> = {
  success: ['approved', 'ready', 'running', 'ok', 'on', 'UP', 'REGED', 'answered', 'done', 'live', 'agent', 'key'],
  warning: [
    'pending', 'waiting_approval', 'paused', 'stopping', 'warn', 'warning', 'TRYING', 'busy', 'no_answer', 'unreachable',
    'powered_off', 'skipped', 'opted_out',
  ],
  danger: [
    'rejected', 'failed', 'fail', 'bad', 'DOWN', 'FAIL_WAIT', 'UNREGED', 'invalid_number', 'unwanted', 'network_error',
    'gateway_down', 'congestion', 'lost', 'abandoned',
  ],
  primary: ['ringing', 'sent', 'reserved', 'importing', 'NOREG'],
}

/** toneOf is the colour that a state or an outcome wears everywhere; what is not listed is neutral. */
export function toneOf(word: string): Tone {
  for (const [tone, words] of Object.entries(tones)) if (words.includes(word)) return tone as Tone
  return 'info'
}
