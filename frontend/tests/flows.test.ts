import { describe, expect, it } from 'vitest'
import { nodeKinds, type FlowNode } from '@/data/flows'
import { newRoute, routeSettings } from '@/data/inbound'
import { boxHeight, boxWidth, byNode, draw, freeKey, newNode, ways, without } from '@/pages/flows/graph'

const node = (id: string, part: Partial<FlowNode>): FlowNode => ({ ...newNode(part.kind ?? 'play', []), id, ...part })
const flow = () => [
  node('a', { kind: 'menu', keys: [{ key: '1', next: 'b' }, { key: '2', next: 'c' }, { key: '*', next: 'a' }], on_fail: 'd' }),
  node('b', { kind: 'collect', next: 'c', on_fail: 'a' }),
  node('c', { kind: 'queue', next: 'a' }),
  node('d', { kind: 'hang_up' }),
  node('e', { kind: 'play', next: 'd' }),
]

describe('the graph of a flow', () => {
  it('knows the ways out of each kind', () => {
    const [a, b, c] = flow()
    expect(ways(a).map((w) => `${w.kind}${w.key}>${w.to}`)).toEqual(['key1>b', 'key2>c', 'key*>a', 'fail>d'])
    expect(ways(b).map((w) => `${w.kind}>${w.to}`)).toEqual(['next>c', 'fail>a'])
    expect(ways(c)).toEqual([])
  })
  it('draws every node once, in layers, none upon another', () => {
    const { boxes, lines, width, height } = draw(flow())
    expect(boxes.map((b) => b.id).sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
    const y = Object.fromEntries(boxes.map((b) => [b.id, b.y]))
    expect(y.a).toBeLessThan(y.b)
    expect(y.b).toBe(y.c)
    expect(y.e).toBeGreaterThan(y.d) // nothing leads there
    for (const p of boxes) {
      expect(p.x >= 0 && p.x + boxWidth <= width && p.y + boxHeight <= height).toBe(true)
      for (const q of boxes) if (p !== q && p.y === q.y) expect(Math.abs(p.x - q.x)).toBeGreaterThanOrEqual(boxWidth)
    }
    expect(lines).toHaveLength(7)
    expect(draw([]).boxes).toEqual([])
  })
  it('leaves no way to a node that was taken away', () => {
    const left = without(flow(), 'c')
    expect(left.map((n) => n.id)).toEqual(['a', 'b', 'd', 'e'])
    expect(left.flatMap(ways).some((w) => w.to === 'c')).toBe(false)
  })
  it('makes new nodes with ids of their own and keys that are free', () => {
    const nodes: FlowNode[] = []
    for (const kind of [...nodeKinds, ...nodeKinds]) nodes.push(newNode(kind, nodes))
    expect(new Set(nodes.map((n) => n.id)).size).toBe(nodes.length)
    expect(nodes.every((n) => /^[a-z0-9]{1,16}$/.test(n.id))).toBe(true)
    expect(freeKey(flow()[0])).toBe('3')
    expect(freeKey(node('x', { kind: 'menu', keys: [...'0123456789*#'].map((key) => ({ key, next: '' })) }))).toBe('')
  })
  it('sorts findings by node', () => {
    const f = (field: string) => ({ field, code: 'x', text: 'x', text_zh: '错' })
    const found = byNode([f('name'), f('nodes.a.keys.1'), f('nodes.a.next'), f('nodes')])
    expect([...found.keys()]).toEqual(['', 'a'])
    expect([...found.get('a')!.keys()]).toEqual(['keys.1', 'next'])
  })
})

describe('an inbound route', () => {
  it('is sent as its settings alone, a copy', () => {
    const r = { ...newRoute(), id: 1, organization_id: 1, version: 2, created_at: '' }
    const out = routeSettings(r)
    expect(Object.keys(out).sort()).toEqual(Object.keys(newRoute()).sort())
    expect(out.target).not.toBe(r.target)
  })
})
