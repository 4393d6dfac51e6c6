import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, launch, logIn, open, picture, reads, start, words } from './stage.mjs'

let waihu, browser
before(async () => { waihu = await start(); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })

for (const language of ['en', 'zh-CN']) {
  const t = words(language)
  test(`log-in, ${language}`, async () => {
    const page = await open(browser, waihu.url, { language })
    await page.goto('/campaigns')
    await page.waitForURL(/\/login/)
    assert.deepEqual(await axe(page), [])
    await picture(page, `login-${language}`)
    await page.fill('#login', 'admin')
    await page.fill('#password', 'not the password')
    await page.click('button[type=submit]')
    await reads(page.locator('[role=alert]'), new RegExp(t('login.wrong').slice(0, 8)))
    await page.fill('#password', 'a password for tests')
    await page.click('button[type=submit]')
    await page.waitForURL((u) => u.pathname === '/campaigns') // back to where one wanted to go
    await page.goto('/')
    await reads(page.locator('h1'), new RegExp(t('dashboard.title')))
    await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined) // a page with a stream is never idle
    assert.deepEqual(await axe(page), [])
    await picture(page, `dashboard-${language}`)
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
}

test('an enterprise user has no pages of the platform', async () => {
  const page = await open(browser, waihu.url)
  await logIn(page, 'demo')
  await page.goto('/users')
  await page.waitForURL(/\/forbidden/)
  await reads(page.locator('main'), /No permission/)
  const refused = await page.request.get('/api/v1/users')
  assert.equal(refused.status(), 403)
  await page.context().close()
})
