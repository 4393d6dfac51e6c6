import { createI18n } from 'vue-i18n'
import dayjs from 'dayjs'
import 'dayjs/locale/zh-cn'

export const LANGUAGES = ['zh-CN', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

type Messages = Record<string, Record<string, unknown>>
// One file per page: its name is the first word of the key, "voice.title" stands in voice.json. Each language is a chunk.
const loaders: Record<Language, () => Promise<Messages>> = {
  'zh-CN': () => import('./zh').then((m) => m.default),
  en: () => import('./english').then((m) => m.default),
}

const STORED = 'waihu.language'

export const i18n = createI18n({ legacy: false, locale: 'zh-CN' as string, fallbackLocale: 'en', messages: {} as Record<string, Messages>, missingWarn: false, fallbackWarn: false })

/** The language chosen before, else that of the browser. */
export function preferred(): Language {
  const stored = localStorage.getItem(STORED)
  if (stored === 'zh-CN' || stored === 'en') return stored
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}

export async function speak(language: Language): Promise<void> {
  i18n.global.setLocaleMessage(language, await loaders[language]())
  i18n.global.locale.value = language
  dayjs.locale(language === 'zh-CN' ? 'zh-cn' : 'en')
  document.documentElement.lang = language
  localStorage.setItem(STORED, language)
}

/** The language now in use. */
export function language(): Language {
  return i18n.global.locale.value as Language
}
