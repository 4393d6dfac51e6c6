import { get, type Page } from './client'

export interface Check {
  name: string
  state: 'ok' | 'warn' | 'fail' | 'skip'
  text: string
  text_zh: string
  mend: string
  mend_zh: string
}

export const readChecks = (signal?: AbortSignal) => get<Page<Check>>('/system', { signal })
