import type { Window } from '@/data/campaigns'

/** Hours that several weekdays share: how people think of calling hours. Times are "09:00"; "24:00" is midnight. */
export interface Span { days: number[]; from: string; to: string }

const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
const minutes = (text: string) => {
  const [h = 0, m = 0] = text.split(':').map(Number)
  return h * 60 + m
}

/** joinWindows puts windows with the same hours together, the earliest first; days from Monday. */
export function joinWindows(windows: Window[]): Span[] {
  const spans = new Map<string, { from: number; to: number; days: number[] }>()
  for (const w of windows) {
    const key = `${w.from}-${w.to}`
    const span = spans.get(key) ?? { from: w.from, to: w.to, days: [] }
    if (!span.days.includes(w.weekday)) span.days.push(w.weekday)
    spans.set(key, span)
  }
  return [...spans.values()].map((s) => ({
    days: s.days.sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7)), from: clock(s.from), to: clock(s.to),
  }))
}

/** splitWindows is the way back: one window a day. */
export function splitWindows(spans: Span[]): Window[] {
  return spans.flatMap((s) => s.days.map((weekday) => ({ weekday, from: minutes(s.from), to: minutes(s.to) })))
}
