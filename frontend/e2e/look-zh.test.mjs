import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyPage, tooWide, world } from './look.mjs'
import { axe, by, logIn, open, picture } from './stage.mjs'

const w = world()
everyPage(w, 'zh-CN', true)

test('on a phone the menu is a drawer', async () => {
  const page = await open(w.browser, w.waihu.url, { width: 390, height: 844 })
  await logIn(page, 'admin')
  await page.locator('header button').first().click()
  await page.locator('.menu-drawer a[href="/campaigns"], .menu-drawer .el-menu-item').first().waitFor()
  for (const f of await axe(page)) assert.fail(f)
  await page.context().close()
})

test('the desk on a phone and in the dark', async () => {
  const page = await open(w.browser, w.waihu.url, { language: 'zh-CN', dark: true, width: 390, height: 844 })
  await logIn(page, '8001')
  await page.waitForURL(/\/desk$/)
  await by(page, 'desk-state').waitFor()
  assert.deepEqual(await axe(page), [])
  assert.equal(await tooWide(page), null)
  await picture(page, 'look-desk-390-dark')
  await page.context().close()
})
