// How long the first page takes and what it weighs. Nothing runs beside this test.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { launch, logIn, open, start } from './stage.mjs'

let waihu, browser
before(async () => { waihu = await start(); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })

/** Seconds to load next to nothing from the same server: what a loaded machine and a fresh profile cost by themselves. */
async function bareLoad() {
  const page = await open(browser, waihu.url)
  const began = performance.now()
  await page.goto('/favicon.svg')
  const took = (performance.now() - began) / 1000
  await page.context().close()
  return took
}

test('first load: time and weight; charts and waveforms come when they are needed', async () => {
  const seconds = [], bare = []
  let weight = 0, scripts = []
  for (let i = 0; i < 3; i++) {
    bare.push(await bareLoad())
    const page = await open(browser, waihu.url)
    const bodies = []
    page.on('response', (r) => { if (/\.(js|css)$|\/login$/.test(new URL(r.url()).pathname)) bodies.push(r.body().then((b) => [new URL(r.url()).pathname, b])) })
    const began = performance.now()
    await page.goto('/login')
    await page.locator('#login').waitFor()
    seconds.push((performance.now() - began) / 1000)
    const got = await Promise.all(bodies)
    weight = got.reduce((sum, [, b]) => sum + gzipSync(b).length, 0)
    scripts = got.map(([path]) => path)
    await page.context().close()
  }
  const best = Math.min(...seconds), least = Math.min(...bare)
  console.log(`first load: ${seconds.map((s) => s.toFixed(2)).join(', ')} s (goal 1; a picture alone ${bare.map((s) => s.toFixed(2)).join(', ')} s); entry ${(weight / 1000).toFixed(0)} kB gzipped in ${scripts.length} files (goal 150)`)
  assert.ok(scripts.length > 0 && weight <= 150_000, `the entry weighs ${weight} bytes`)
  assert.ok(best <= Math.max(1, 10 * least), `the first load takes ${best} s, a picture ${least} s`) // a busy machine is slow with both

  const page = await open(browser, waihu.url)
  const loaded = new Set()
  page.on('response', async (r) => { if (r.url().endsWith('.js')) loaded.add(await r.text().catch(() => '')) })
  const has = (mark) => [...loaded].some((text) => text.includes(mark))
  await logIn(page, 'admin')
  await page.goto('/lists')
  await page.locator('main table').first().waitFor()
  assert.ok(!has('zrender') && !has('wavesurfer'), 'charts or waveforms were loaded for a list of files')
  await page.goto('/campaigns/2')
  await page.locator('canvas').first().waitFor()
  assert.ok(has('zrender') || has('__ec_'), 'no chart was loaded for a campaign')
  await page.context().close()
})
