/** The tabs of the queue form, and in which one a field stands. */
export const tabs = ['basics', 'ringing', 'announcements', 'overflow'] as const

const ringing = ['ring_seconds', 'wrap_up_seconds', 'max_missed', 'service_level_seconds', 'connect_ms']
const basics = ['name', 'strategy', 'mobile_agents', 'prefer_last_agent', 'record']

export function tabOf(field: string): (typeof tabs)[number] {
  if (field.startsWith('overflow') || field === 'max_wait_seconds') return 'overflow'
  if (ringing.includes(field)) return 'ringing'
  return basics.includes(field) ? 'basics' : 'announcements'
}

/** Every field of the form, as the server names it. */
export const fields = [
  ...basics, ...ringing, 'announce_staff', 'staff_pattern', 'staff_digits', 'music_voice_id', 'announcement_voice_id', 'comfort_voice_id', 'comfort_seconds',
  'max_wait_seconds', 'overflow.kind', 'overflow.queue_id', 'overflow.number', 'overflow.trunk_id', 'overflow.voice_file_id',
]
