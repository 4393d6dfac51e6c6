/** Words for kinds of numbers as the pacing learns them (controller/floor/odds.go). */
import type { PacingKind } from '@/data/pacing'

type Words = (key: string, values?: Record<string, unknown>) => string

/** kindText says which numbers are meant: "2 no_answer" are those tried twice, the last time without an answer; "workday 09" those called from 9 to 10. */
export function kindText(k: PacingKind, t: Words, te: (key: string) => boolean): string {
  const [first, second] = [k.class.slice(0, k.class.indexOf(' ')), k.class.slice(k.class.indexOf(' ') + 1)]
  switch (k.kind) {
    case 'history':
      if (k.class === 'new') return t('pacing.class_new')
      return t(Number(first) >= 3 ? 'pacing.class_often' : 'pacing.class_tried', { n: first, outcome: te(`words.outcome.${second}`) ? t(`words.outcome.${second}`) : second })
    case 'hour':
      return t('pacing.class_hour', { day: t(`pacing.day.${first}`), from: `${second}:00`, to: `${String(Number(second) + 1).padStart(2, '0')}:00` })
    default:
      return k.class
  }
}
