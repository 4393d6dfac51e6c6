// The graph of a flow: which node leads where, and where it stands in the drawing.
import type { FieldError } from '@/data/client'
import type { FlowNode, NodeKind } from '@/data/flows'

export interface Way { from: string; to: string; kind: 'next' | 'key' | 'fail'; key: string }

export const asks = (kind: NodeKind) => kind === 'menu' || kind === 'collect' || kind === 'rate'
export const endsCall = (kind: NodeKind) => kind === 'queue' || kind === 'transfer' || kind === 'hang_up'

/** The ways out of a node, those that end the call (to '') too. */
export function ways(n: FlowNode): Way[] {
  const out: Way[] = []
  if (n.kind === 'menu') out.push(...n.keys.map((k) => ({ from: n.id, to: k.next, kind: 'key' as const, key: k.key })))
  else if (!endsCall(n.kind)) out.push({ from: n.id, to: n.next, kind: 'next', key: '' })
  if (asks(n.kind)) out.push({ from: n.id, to: n.on_fail, kind: 'fail', key: '' })
  return out
}

/** A node of a kind with usual settings and an id that no other has. */
export function newNode(kind: NodeKind, nodes: FlowNode[]): FlowNode {
  const taken = new Set(nodes.map((n) => n.id))
  let i = nodes.length + 1
  while (taken.has(`n${i}`)) i++
  const ask = asks(kind)
  return {
    id: `n${i}`, kind, name: '', voice_file_id: 0, next: '', keys: kind === 'menu' ? [{ key: '1', next: '' }] : [],
    invalid_voice_file_id: 0, on_fail: '', tries: ask ? 3 : 0, seconds: ask ? 5 : kind === 'record' ? 120 : 0,
    min_digits: kind === 'collect' ? 1 : 0, max_digits: kind === 'collect' ? 11 : 0, variable: kind === 'collect' ? 'digits' : '',
    result: '', queue_id: 0, to: kind === 'transfer' ? 'number' : '', target_id: 0, number: '', trunk_id: 0,
  }
}

/** The nodes without one of them; whatever led there hangs up. */
export function without(nodes: FlowNode[], id: string): FlowNode[] {
  const cut = (to: string) => (to === id ? '' : to)
  return nodes.filter((n) => n.id !== id).map((n) => ({
    ...n, next: cut(n.next), on_fail: cut(n.on_fail), keys: n.keys.map((k) => ({ ...k, next: cut(k.next) })),
  }))
}

/** The first key that a menu does not use. */
export const freeKey = (n: FlowNode) => [...'1234567890*#'].find((k) => !n.keys.some((x) => x.key === k)) ?? ''

export interface Box { id: string; x: number; y: number }
export interface Line { way: Way; path: string; x: number; y: number }
export interface Drawing { boxes: Box[]; lines: Line[]; width: number; height: number }

export const boxWidth = 148
export const boxHeight = 46
const gapX = 36
const gapY = 54

/** Nodes by their distance from the first one; those that nothing leads to stand below. */
function layers(nodes: FlowNode[]): string[][] {
  const byId = new Map(nodes.map((n) => [n.id, n]))
  const seen = new Set<string>()
  const out: string[][] = []
  let layer = nodes.slice(0, 1).map((n) => n.id)
  while (layer.length > 0) {
    out.push(layer)
    layer.forEach((id) => seen.add(id))
    const next: string[] = []
    for (const id of layer) {
      for (const w of ways(byId.get(id)!)) {
        if (byId.has(w.to) && !seen.has(w.to) && !next.includes(w.to)) next.push(w.to)
      }
    }
    layer = next
  }
  const lost = nodes.filter((n) => !seen.has(n.id)).map((n) => n.id)
  return lost.length > 0 ? [...out, lost] : out
}

/** draw places the nodes in layers, from the top, and the arrows between them. */
export function draw(nodes: FlowNode[]): Drawing {
  const rows = layers(nodes)
  const widest = Math.max(1, ...rows.map((r) => r.length))
  const width = widest * (boxWidth + gapX) + gapX
  const boxes = rows.flatMap((row, y) => row.map((id, x) => ({
    id, x: (width - row.length * (boxWidth + gapX) + gapX) / 2 + x * (boxWidth + gapX), y: 12 + y * (boxHeight + gapY),
  })))
  const at = new Map(boxes.map((b) => [b.id, b]))
  const lines = nodes.flatMap((n) => {
    const out = ways(n).filter((w) => at.has(w.to))
    return out.map((way, i) => line(way, at.get(n.id)!, at.get(way.to)!, (i + 1) / (out.length + 1)))
  })
  return { boxes, lines, width, height: rows.length * (boxHeight + gapY) - gapY + 24 }
}

function line(way: Way, from: Box, to: Box, part: number): Line {
  const x1 = from.x + boxWidth * part
  const y1 = from.y + boxHeight
  const x2 = to.x + boxWidth / 2
  if (to.y > from.y) {
    const bend = (to.y - y1) / 2
    return { way, path: `M${x1},${y1} C${x1},${y1 + bend} ${x2},${to.y - bend} ${x2},${to.y - 4}`, x: x1 + (x2 - x1) * 0.08, y: y1 + 16 }
  }
  // Back to an earlier one: around the right side.
  const side = Math.max(from.x, to.x) + boxWidth + 24
  const y2 = to.y + boxHeight / 2
  return { way, path: `M${x1},${y1} C${x1},${y1 + 36} ${side},${y1 + 36} ${side},${(y1 + y2) / 2} S${side},${y2} ${to.x + boxWidth + 4},${y2}`, x: x1, y: y1 + 16 }
}

/** Findings by node and field, '' is the flow itself: nodes.menu.keys.1 → menu, keys.1. */
export function byNode(findings: FieldError[]): Map<string, Map<string, FieldError>> {
  const out = new Map<string, Map<string, FieldError>>()
  for (const f of findings) {
    const m = /^nodes\.([a-z0-9]+)\.(.+)$/.exec(f.field)
    const [id, field] = m ? [m[1], m[2]] : ['', f.field]
    out.set(id, (out.get(id) ?? new Map<string, FieldError>()).set(field, f))
  }
  return out
}
