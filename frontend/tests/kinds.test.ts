import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import en from '@/i18n/en/pacing.json'
import zh from '@/i18n/zh-CN/pacing.json'
import enWords from '@/i18n/en/words.json'
import zhWords from '@/i18n/zh-CN/words.json'
import type { PacingKind } from '@/data/pacing'
import { kindText } from '@/pages/campaigns/kinds'

const words = (locale: string) => {
  const messages: Record<string, any> = { en: { pacing: en, words: enWords }, 'zh-CN': { pacing: zh, words: zhWords } }
  const i18n = createI18n<false>({ legacy: false, locale, messages }).global
  return (kind: PacingKind['kind'], text: string) => kindText({ kind, class: text, times: 1, answers: 0 }, (key, values) => i18n.t(key, values ?? {}), (key) => i18n.te(key))
}

describe('kinds of numbers', () => {
  it('are told in English', () => {
    const say = words('en')
    expect(say('history', 'new')).toBe('not tried yet')
    expect(say('history', '2 no_answer')).toBe('tried 2 ×, last: No answer')
    expect(say('history', '3 busy')).toBe('tried 3 times or more, last: Busy')
    expect(say('region', '+86139')).toBe('+86139')
    expect(say('hour', 'workday 09')).toBe('Monday to Friday, 09:00 to 10:00')
  })
  it('are told in Chinese', () => {
    const say = words('zh-CN')
    expect(say('history', '1 busy')).toMatch(/^已拨 1 次，上次：\S+$/)
    expect(say('hour', 'Sunday 23')).toBe('周日 23:00–24:00')
  })
})
