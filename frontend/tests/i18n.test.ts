import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse, NodeTypes } from '@vue/compiler-dom'
import { describe, expect, it } from 'vitest'

const src = join(import.meta.dirname, '..', 'src')

function flat(value: unknown, prefix: string, out: Map<string, string>): void {
  for (const [k, v] of Object.entries(value as Record<string, unknown>)) {
    if (typeof v === 'string') out.set(`${prefix}.${k}`, v)
    else flat(v, `${prefix}.${k}`, out)
  }
}

function messages(language: string): Map<string, string> {
  const out = new Map<string, string>()
  const folder = join(src, 'i18n', language)
  for (const file of readdirSync(folder)) flat(JSON.parse(readFileSync(join(folder, file), 'utf8')), file.replace('.json', ''), out)
  return out
}

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? sources(path) : [path]
  })
}

/** The words of a template that do not come from a message file. */
export function literals(sfc: string): string[] {
  const template = /<template>([\s\S]*)<\/template>/.exec(sfc)?.[1] ?? ''
  const found: string[] = []
  const spoken = new Set(['title', 'label', 'placeholder', 'alt', 'aria-label', 'hint', 'content'])
  const walk = (node: { type: number; content?: unknown; children?: unknown[]; props?: unknown[] }): void => {
    if (node.type === NodeTypes.TEXT && /\p{L}{2,}/u.test(String(node.content))) found.push(String(node.content).trim())
    for (const p of (node.props ?? []) as { type: number; name: string; value?: { content: string } }[]) {
      if (p.type === NodeTypes.ATTRIBUTE && spoken.has(p.name) && /\p{L}{2,}/u.test(p.value?.content ?? '')) found.push(`${p.name}=${p.value?.content}`)
    }
    for (const child of (node.children ?? []) as typeof node[]) walk(child)
  }
  walk(parse(template) as unknown as Parameters<typeof walk>[0])
  return found
}

const zh = messages('zh-CN')
const en = messages('en')

describe('languages', () => {
  it('have the same keys', () => {
    expect([...zh.keys()].filter((k) => !en.has(k))).toEqual([])
    expect([...en.keys()].filter((k) => !zh.has(k))).toEqual([])
    expect(zh.size).toBeGreaterThan(200)
  })

  it('name the same parameters', () => {
    const params = (s: string) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join()
    expect([...zh].filter(([k, v]) => params(v) !== params(en.get(k) ?? '')).map(([k]) => k)).toEqual([])
  })

  it('are what they say: Chinese has Chinese, English has none', () => {
    const han = /\p{Script=Han}/u
    expect([...en].filter(([, v]) => han.test(v)).map(([k]) => k)).toEqual([])
    const words = [...zh].filter(([, v]) => /[a-z]{4,} [a-z]{3,}/.test(v)).map(([k]) => k)
    expect(words).toEqual([])
  })

  it('have every key that the sources ask for', () => {
    const missing: string[] = []
    for (const path of sources(src).filter((p) => /\.(vue|ts)$/.test(p))) {
      for (const m of readFileSync(path, 'utf8').matchAll(/\bt\('([a-zA-Z0-9_.]+)'/g)) if (!zh.has(m[1])) missing.push(`${path}: ${m[1]}`)
    }
    expect(missing).toEqual([])
  })
})

describe('templates', () => {
  it('are seen through: a literal is found', () => {
    expect(literals('<template><p>Hello</p><i :title="x" label="号码">{{ t("a.b") }} – 1</i></template>')).toEqual(['Hello', 'label=号码'])
  })

  it.each(sources(src).filter((p) => p.endsWith('.vue')))('%s has no literal text', (path) => {
    expect(literals(readFileSync(path, 'utf8'))).toEqual([])
  })
})
