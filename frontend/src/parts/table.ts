// What a table page needs to know about its columns and rows.
import type { Page, Query } from '@/data/client'

export interface Column<T = Record<string, unknown>> {
  /** The field of the row, and the name of the cell's slot: #cell-name. */
  key: string
  label: string
  width?: number
  minWidth?: number
  align?: 'left' | 'right' | 'center'
  /** Not shown until chosen in the column picker. */
  hidden?: boolean
  format?: (row: T) => string
}

export type Load<T> = (query: Query & { limit: number; after: string }, signal: AbortSignal) => Promise<Page<T>>

/** The text of a cell without a slot. */
export function cellText<T extends object>(row: T, column: Column<T>): string {
  if (column.format) return column.format(row)
  const v = (row as Record<string, unknown>)[column.key]
  return v === null || v === undefined || v === '' ? '–' : String(v)
}
