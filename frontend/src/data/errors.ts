import { ApiError, type FieldError } from './client'
import { i18n, language } from '@/i18n'

/** The sentence of a field's fault in the language in use. */
export function fieldText(f: FieldError): string {
  return (language() === 'zh-CN' ? f.text_zh || f.text : f.text || f.text_zh) || f.code
}

/** What went wrong and what to do next, in the language in use. */
export function explain(e: unknown): string {
  const { t, te } = i18n.global
  if (!(e instanceof ApiError)) return t('error.internal')
  if (e.fields.length > 0) return e.fields.map(fieldText).join(' ')
  for (const key of [`error.${e.code}`, `error.http_${e.status}`]) {
    if (te(key) || te(key, 'en')) return t(key)
  }
  return e.status >= 500 ? t('error.server', { id: e.problem.request_id || '–' }) : e.problem.detail || t('error.internal')
}

/** The faults by field, for the forms. */
export function byField(e: unknown): Record<string, string> {
  if (!(e instanceof ApiError)) return {}
  return Object.fromEntries(e.fields.filter((f) => f.field).map((f) => [f.field, fieldText(f)]))
}
