// How the pages look: faults of accessibility, width, light and dark, phone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, launch, logIn, open, picture, start } from './stage.mjs'

/** A program and a browser for the tests of a file. */
export function world() {
  const w = {}
  before(async () => { w.waihu = await start(); w.browser = await launch() })
  after(async () => { await w.browser?.close(); await w.waihu?.stop(); w.waihu?.clean() })
  return w
}

const pages = [
  '/', '/campaigns', '/campaigns/new', '/campaigns/2', '/lists', '/lists/import', '/results', '/attempts', '/monitor', '/voice-files', '/caller-numbers',
  '/blacklist', '/why', '/approvals', '/trunks', '/dialplan', '/users', '/tokens', '/system', '/supervision', '/wallboard', '/recordings', '/messages', '/agent-times', '/audit',
  '/queues', '/agents', '/extensions', '/flows', '/flows/new', '/inbound-routes',
]
const nameOf = (path) => path.slice(1).replace(/\//g, '-') || 'dashboard'

/** Waits until the page shows what it has: no skeleton, no spinner. */
async function shown(page) {
  await page.locator('main h1, main h2, main table').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('main .el-skeleton, main .el-loading-mask:not([style*="display: none"])'))
}

/**
 * What sticks out of the window at the right once the page has come to rest, beside what scrolls in a box of its own: by how many pixels, and the first
 * things that do. Tables take their new width a few frames after the window, or a second after it on a busy machine.
 */
export async function tooWide(page) {
  const wide = () => page.evaluate(() => {
    const main = document.querySelector('main')
    const found = { window: document.documentElement.scrollWidth - innerWidth, main: main.scrollWidth - main.clientWidth }
    if (found.window <= 1 && found.main <= 1) return null
    const out = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5)
    return { ...found, what: out.map((e) => `${e.tagName.toLowerCase()}.${e.className} to ${Math.round(e.getBoundingClientRect().right)}`) }
  })
  let found
  for (const until = Date.now() + 5000; (found = await wide()) && Date.now() < until;) await page.waitForTimeout(50)
  return found
}

/** Looks at every page in a language; each language is a file of its own, so that both run at a time. */
export function everyPage(w, language, deep) {
  // Each page is loaded once and then looked at in another light and width, as when somebody turns his screen. What axe looks
  // for does not depend on the language; how wide words are does.
  test(`every page, ${language}: ${deep ? 'no serious fault in light and dark, ' : ''}nothing sticks out from 1920 to 390`, async () => {
    const page = await open(w.browser, w.waihu.url, { language })
    await logIn(page, 'admin')
    const faults = []
    for (const path of pages) {
      await page.goto(path)
      await shown(page)
      if (deep) for (const f of await axe(page)) faults.push(`${path}: ${f}`)
      await picture(page, `look-${language}-${nameOf(path)}-1366`)
      await page.emulateMedia({ colorScheme: 'dark' })
      if (deep) for (const f of await axe(page, ['color-contrast'])) faults.push(`${path}, dark: ${f}`)
      for (const [width, height] of [[1920, 1080], [390, 844]]) {
        await page.setViewportSize({ width, height })
        await page.waitForTimeout(100)
        const wide = await tooWide(page)
        if (wide) faults.push(`${path} at ${width}: too wide by ${JSON.stringify(wide)}`)
        await picture(page, `look-${language}-${nameOf(path)}-${width}-dark`)
      }
      await page.emulateMedia({ colorScheme: 'light' })
      await page.setViewportSize({ width: 1366, height: 768 })
    }
    assert.deepEqual(faults, [])
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
}
