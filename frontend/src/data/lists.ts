/** Contact lists (被叫文件): number files, their import and what is in them. */
import { address, del, get, post, upload, type Page, type Query } from './client'
import type { Approval, ListState } from './words'

export interface ContactList {
  id: number
  organization_id: number
  name: string
  file_name: string
  file_sha256: string
  columns: string[] | null
  number_column: number
  state: ListState
  approval: Approval
  rows: number
  valid: number
  duplicates: number
  blacklisted: number
  rejected: number
  resume_row: number
  created_at: string
  /** Only while it is being imported. */
  progress?: { bytes: number; size: number }
}

export interface Contact { id: number; list_id: number; row: number; number: string; zone: string; fields: string[] | null }

export interface Reject { row: number; code: string; text: string; text_zh: string; fields: string[] | null }
export interface Note { code: string; text: string; text_zh: string }

/** What the server sees in a file before anything is stored. */
export interface Look {
  format: string
  encoding: string
  delimiter: string
  header: boolean
  columns: string[] | null
  column: number
  rows: string[][] | null
  rejects: Reject[] | null
  warnings: Note[] | null
}

export interface Upload { id: string; name: string; size: number; look: Look }

/** How a file is to be read; empty encoding and delimiter let the server guess, column -1 as well. */
export interface Reading { encoding: string; delimiter: string; column: number }

export const encodings = ['utf-8', 'gb18030', 'big5', 'shift-jis', 'latin-1', 'utf-16le', 'utf-16be'] as const
export const delimiters = [',', ';', '\t', '|'] as const

/** Query: q (part of the name), limit, after. */
export const listLists = (query: Query, signal?: AbortSignal) => get<Page<ContactList>>('/lists', { query, signal })
export const getList = (id: number) => get<ContactList>(`/lists/${id}`)
export const deleteList = (id: number) => del(`/lists/${id}`)
export const listContacts = (id: number, query: Query, signal?: AbortSignal) =>
  get<Page<Contact>>(`/lists/${id}/contacts`, { query, signal })
export const rejectsUrl = (id: number) => address(`/lists/${id}/rejects`)
export const uploadFile = (file: File, progress: (part: number) => void, signal?: AbortSignal) =>
  upload<Upload>('POST', '/uploads', file, {}, progress, signal)
export const previewUpload = (id: string, r: Reading) => post<Look>(`/uploads/${id}/preview`, r)
export const createList = (upload: string, name: string, r: Reading) =>
  post<ContactList>('/lists', { upload_id: upload, name, ...r })

/** Readings that people chose, by the headings of the file, in this browser; the newest twenty. */
const memory = 'waihu.readings'
const remembered = 20

/** rememberReading keeps how files with these headings are to be read. */
export function rememberReading(look: Look, r: Reading, store: Storage = localStorage): void {
  const all = readAll(store).filter(([shape]) => shape !== shapeOf(look))
  store.setItem(memory, JSON.stringify([[shapeOf(look), r], ...all].slice(0, remembered)))
}

/** recallReading is what was chosen for files with these headings, if anything. */
export function recallReading(look: Look, store: Storage = localStorage): Reading | undefined {
  return readAll(store).find(([shape]) => shape === shapeOf(look))?.[1]
}

// A file without headings is known by its number of columns only: that is too little to recall a choice by.
function shapeOf(look: Look): string {
  return look.header ? `${look.format}|${(look.columns ?? []).join('\u001f')}` : ''
}

function readAll(store: Storage): [string, Reading][] {
  try {
    const all: unknown = JSON.parse(store.getItem(memory) ?? '[]')
    return Array.isArray(all) ? (all as [string, Reading][]).filter(([shape]) => shape !== '') : []
  } catch {
    return []
  }
}
