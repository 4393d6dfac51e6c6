// The only file that talks to the API: JSON in and out, problem bodies into ApiError, live events with resume.

export interface FieldError {
  field: string
  code: string
  text: string
  text_zh: string
  params?: Record<string, unknown>
}

export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
  request_id: string
  fields: FieldError[]
}

export interface Page<T> {
  items: T[]
  next: string
}

/** What the server refused and why; status 0 means that it could not be reached. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title || problem.code)
    this.name = 'ApiError'
  }
  get status(): number { return this.problem.status }
  get code(): string { return this.problem.code }
  get fields(): FieldError[] { return this.problem.fields ?? [] }
}

export type Query = Record<string, string | number | boolean | null | undefined>

export interface Options {
  query?: Query
  version?: number
  signal?: AbortSignal
  /** The caller deals with a missing log-in himself. */
  anonymous?: boolean
}

const BASE = '/api/v1'

let onLoggedOut: () => void = () => undefined

/** Tells the client what to do when the session has ended (401). */
export function whenLoggedOut(f: () => void): void {
  onLoggedOut = f
}

/** The address of an API path, for links that the browser follows itself (audio, downloads). */
export function address(path: string, query: Query = {}): string {
  const q = new URLSearchParams()
  for (const [k, v] of Object.entries(query)) {
    if (v !== undefined && v !== null && v !== '') q.set(k, String(v))
  }
  const s = q.toString()
  return BASE + path + (s ? `?${s}` : '')
}

export const get = <T>(path: string, options: Options = {}) => request<T>('GET', path, undefined, options)
export const post = <T>(path: string, body?: unknown, options: Options = {}) => request<T>('POST', path, body ?? {}, options)
export const put = <T>(path: string, body: unknown, options: Options = {}) => request<T>('PUT', path, body, options)
export const patch = <T>(path: string, body: unknown, options: Options = {}) => request<T>('PATCH', path, body, options)
export const del = <T = void>(path: string, options: Options = {}) => request<T>('DELETE', path, undefined, options)

async function request<T>(method: string, path: string, body: unknown, o: Options): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (o.version !== undefined) headers['If-Match'] = `"${o.version}"`
  let answer: Response
  try {
    answer = await fetch(address(path, o.query), {
      method, headers, signal: o.signal, credentials: 'same-origin',
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  } catch (e) {
    if (o.signal?.aborted) throw e
    throw new ApiError(unreachable())
  }
  const text = await answer.text()
  if (!answer.ok) throw refused(answer.status, text, answer.statusText, o.anonymous)
  return (text ? JSON.parse(text) : undefined) as T
}

function refused(status: number, text: string, title: string, anonymous = false): ApiError {
  if (status === 401 && !anonymous) onLoggedOut()
  return new ApiError(problemOf(status, text, title))
}

function problemOf(status: number, text: string, title: string): Problem {
  const plain = { type: 'about:blank', title, status, detail: '', code: `http_${status}`, request_id: '', fields: [] }
  try {
    return { ...plain, ...(JSON.parse(text) as Partial<Problem>) }
  } catch {
    return plain
  }
}

function unreachable(): Problem {
  return { type: 'about:blank', title: '', status: 0, detail: '', code: 'unreachable', request_id: '', fields: [] }
}

/** Sends a file as multipart; progress is 0 to 1. */
export function upload<T>(
  method: 'POST' | 'PUT', path: string, file: File, fields: Record<string, string> = {},
  progress: (part: number) => void = () => undefined, signal?: AbortSignal,
): Promise<T> {
  const form = new FormData()
  for (const [k, v] of Object.entries(fields)) form.append(k, v)
  form.append('file', file, file.name)
  return new Promise<T>((resolve, reject) => {
    const x = new XMLHttpRequest()
    x.open(method, address(path))
    x.setRequestHeader('Accept', 'application/json')
    x.upload.onprogress = (e) => { if (e.lengthComputable) progress(e.loaded / e.total) }
    x.onerror = () => reject(new ApiError(unreachable()))
    x.onabort = () => reject(new DOMException('aborted', 'AbortError'))
    x.onload = () => {
      if (x.status >= 200 && x.status < 300) resolve((x.responseText ? JSON.parse(x.responseText) : undefined) as T)
      else reject(refused(x.status, x.responseText, x.statusText))
    }
    signal?.addEventListener('abort', () => x.abort())
    x.send(form)
  })
}

export type LiveState = 'connecting' | 'open' | 'lost'

export interface LiveOptions {
  /** Called with the event's name and its data. */
  on: Record<string, (data: unknown) => void>
  state?: (s: LiveState) => void
  /** Asked every pollMs while the stream is lost, so that the page goes on. */
  poll?: () => Promise<void>
  pollMs?: number
}

/**
 * Follows a stream of events. The browser reconnects and resumes by the last id; when it gives up (an answer that is no
 * stream) a new connection is tried with a growing delay. Returns what ends it.
 */
export function live(path: string, o: LiveOptions): () => void {
  let source: EventSource | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let poller: ReturnType<typeof setInterval> | undefined
  let delay = 1000
  let ended = false
  const stopPolling = () => { clearInterval(poller); poller = undefined }
  const lost = () => {
    o.state?.('lost')
    if (o.poll && poller === undefined) poller = setInterval(() => { o.poll?.().catch(() => undefined) }, o.pollMs ?? 5000)
  }
  const connect = () => {
    if (ended) return
    o.state?.('connecting')
    source = new EventSource(address(path), { withCredentials: true })
    source.onopen = () => { delay = 1000; stopPolling(); o.state?.('open') }
    source.onerror = () => {
      lost()
      if (source?.readyState !== EventSource.CLOSED) return
      clearTimeout(retry)
      retry = setTimeout(connect, delay)
      delay = Math.min(delay * 2, 15000)
    }
    for (const [name, f] of Object.entries(o.on)) {
      source.addEventListener(name, (e) => f(JSON.parse((e as MessageEvent<string>).data)))
    }
  }
  connect()
  return () => { ended = true; clearTimeout(retry); stopPolling(); source?.close() }
}
