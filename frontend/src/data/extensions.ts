import { del, get, post, put, type Page, type Query } from './client'

/** What the switch says about a phone's registration. */
export interface PhoneState { registered: boolean; ping_ms: number; contact: string; user_agent: string; since: string }

export interface ExtensionSettings { number: string; name: string; auto_answer: boolean }

export interface Extension extends ExtensionSettings {
  id: number
  organization_id: number
  version: number
  created_at: string
  phone: PhoneState
  agent_id: number
}

/** What has to be typed into a phone. */
export interface Sheet { user: string; password: string; domain: string; transport: 'udp' | 'tcp' | 'tls'; server: string; port: number }

export interface DirectoryState {
  publish: 'files' | 'xml_curl'
  saved: string
  live: string
  pending: boolean
  drift: boolean
  changes: { extension: string; kind: 'added' | 'removed' | 'changed' }[]
}

export const listExtensions = (query: Query = {}, signal?: AbortSignal) => get<Page<Extension>>('/extensions', { query, signal })
export const createExtension = (e: ExtensionSettings) => post<Extension>('/extensions', e)
export const changeExtension = (id: number, version: number, e: ExtensionSettings) => put<Extension>(`/extensions/${id}`, e, { version })
export const deleteExtension = (id: number) => del(`/extensions/${id}`)
export const renewPassword = (id: number) => post<Extension>(`/extensions/${id}/password`)
export const readSheet = (id: number) => get<Sheet>(`/extensions/${id}/sheet`)
export const readDirectory = () => get<DirectoryState>('/directory')
export const publishDirectory = () => post<DirectoryState>('/directory/publish')

/** The account as a SIP address, for phones that read it from a picture. */
export function sipAddress(s: Sheet): string {
  const host = s.server.includes(':') ? `[${s.server}]` : s.server
  return `${s.transport === 'tls' ? 'sips' : 'sip'}:${encodeURIComponent(s.user)}:${encodeURIComponent(s.password)}@${host}:${s.port};transport=${s.transport}`
}

/** A server name that phones on other machines cannot reach. */
export const onlyHere = (server: string) => /^(localhost|127\.|::1$)/.test(server)

/** Reads every page of a list, for choices. */
export async function everyOne<T>(load: (query: Query) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = []
  for (let after = ''; ;) {
    const page = await load({ limit: 200, after })
    all.push(...page.items)
    if (!page.next) return all
    after = page.next
  }
}
