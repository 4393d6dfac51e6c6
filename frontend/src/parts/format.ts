// Numbers, times and sizes as the language writes them.

export interface TimeStyle { zone?: string; dateOnly?: boolean; ms?: boolean }

/** A time such as 2026-11-20 21:38:05; "–" for none. Go's zero time is none. */
export function dateTime(value: string | null | undefined, locale: string, style: TimeStyle = {}): string {
  if (!value || value.startsWith('0001-')) return '–'
  const options: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: style.zone }
  if (!style.dateOnly) Object.assign(options, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
  if (style.ms) options.fractionalSecondDigits = 3
  return new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, options).format(new Date(value))
}

/** 12,345 or 12.3 %; "–" for none. */
export function count(value: number | null | undefined, locale: string, digits = 0, percent = false): string {
  if (value == null || Number.isNaN(value)) return '–'
  return new Intl.NumberFormat(locale, { style: percent ? 'percent' : 'decimal', minimumFractionDigits: 0, maximumFractionDigits: digits }).format(value)
}

/** 75 s as 1:15, longer than an hour as 1:02:03. */
export function duration(ms: number | null | undefined): string {
  if (ms == null) return '–'
  const s = Math.round(ms / 1000)
  const pad = (n: number) => String(n).padStart(2, '0')
  const h = Math.floor(s / 3600)
  return h > 0 ? `${h}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}` : `${Math.floor(s / 60)}:${pad(s % 60)}`
}
