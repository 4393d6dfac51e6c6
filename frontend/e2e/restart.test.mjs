import assert from 'node:assert/strict'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { axe, by, choose, ensure, launch, logIn, open, picture, reads, start, step, words } from './stage.mjs'

let waihu, browser
before(async () => { waihu = await start({ speed: 1 }); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })

/** A wire between browser and program that can be cut. */
async function wire(port) {
  const open = new Set()
  let whole = true
  const server = createServer((near) => {
    if (!whole) return near.destroy()
    const far = connect(port, '127.0.0.1')
    for (const s of [near, far]) {
      open.add(s)
      s.on('error', () => undefined)
      s.on('close', () => { open.delete(s); near.destroy(); far.destroy() })
    }
    near.pipe(far).pipe(near)
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    cut() { whole = false; for (const s of open) s.destroy() },
    mend() { whole = true },
    close() { for (const s of open) s.destroy(); server.close() },
  }
}

test('a dialplan that was edited by hand is looked at, and then published over', async () => {
  const folder = join(waihu.folder, 'dialplan')
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.xml')))
  const text = readFileSync(file, 'utf8')
  for (const language of ['en', 'zh-CN']) {
    const t = words(language)
    const page = await open(browser, waihu.url, { language })
    await logIn(page)
    const at = text.lastIndexOf('</condition>') // the first one carries the revision
    writeFileSync(file, `${text.slice(0, at)}<action application="log" data="INFO edited by hand"/>${text.slice(at)}`)
    await page.goto('/dialplan')
    await by(page, 'drift-look').click()
    const dialog = page.locator('.el-dialog')
    await reads(dialog, /edited by hand"/)
    await picture(page, `dialplan-edited-${language}`)
    assert.deepEqual(await axe(page), [])
    await by(page, 'drift-overwrite').click()
    await page.locator('.el-message-box .el-button--primary').click()
    await by(page, 'drift').waitFor({ state: 'detached' })
    await reads(page.locator('main'), new RegExp(t('dialplan.inStep')))
    assert.doesNotMatch(readFileSync(file, 'utf8'), /edited by hand"/)
    assert.deepEqual(page.faults, [])
    await page.context().close()
  }
})

test('a live page tells that its connection is lost, and goes on by itself', async () => {
  const line = await wire(waihu.port)
  const page = await open(browser, line.url)
  await logIn(page)
  await page.goto('/campaigns/2')
  await by(page, 'live-open').waitFor()
  line.cut()
  await by(page, 'live-lost').waitFor()
  line.mend()
  await by(page, 'live-open').waitFor({ timeout: 30_000 })
  await by(page, 'live-lost').waitFor({ state: 'detached' })
  assert.deepEqual(page.faults, [])
  await page.context().close()
  line.close()
})

test('a restart of the server does not disturb who is filling in the wizard', async () => {
  const page = await open(browser, waihu.url)
  await logIn(page)
  await page.goto('/campaigns/new')
  await by(page, 'name').fill('survives')
  await choose(page, 'list', 'members')
  await waihu.kill()
  await step(page, 2)
  await choose(page, 'voice', 'notice')
  const { folder, port } = waihu
  waihu = await start({ folder, port, speed: 1 })
  await step(page, 3)
  await ensure(page, 'callers', '075512345678')
  await ensure(page, 'trunks', 'main')
  await step(page, 4)
  await step(page, 5)
  await by(page, 'save').click()
  await page.waitForURL(/\/campaigns\/\d+$/)
  await reads(by(page, 'campaign-name'), /survives/)
  await page.context().close()
})
