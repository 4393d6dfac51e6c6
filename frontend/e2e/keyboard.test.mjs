// The main job without a mouse, and files that are dragged in.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { by, launch, logIn, open, password, reads, start, words } from './stage.mjs'

let waihu, browser
before(async () => { waihu = await start(); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })
const t = words('en')

/** Presses Tab until the locator, or what is in it, has the focus. */
async function tabTo(page, locator, most = 80) {
  await locator.first().waitFor()
  for (let i = 0; i < most; i++) {
    if (await locator.first().evaluate((e) => e === document.activeElement || e.contains(document.activeElement))) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never came to ${locator}; it is at ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))}`)
}

async function press(page, locator, key = 'Enter') {
  await tabTo(page, locator)
  await page.keyboard.press(key)
}

/** Chooses in a select by typing a part of the option. */
async function pick(page, name, text) {
  await tabTo(page, by(page, name))
  await page.keyboard.press('Enter')
  await page.locator('.el-select-dropdown__item:visible').first().waitFor()
  for (let i = 0; i < 20; i++) {
    const at = page.locator('.el-select-dropdown__item.is-hovering:visible, .el-select-dropdown__item.hover:visible')
    if ((await at.count()) && ((await at.first().textContent()) ?? '').includes(text)) break
    await page.keyboard.press('ArrowDown')
    await page.waitForTimeout(30)
  }
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await reads(by(page, name), new RegExp(text))
}

const next = async (page, number) => {
  await press(page, by(page, 'next'))
  await page.locator('.el-step__head.is-process .el-step__icon-inner', { hasText: String(number) }).waitFor()
}

test('log in, make a campaign, start, pause and resume it by keyboard alone', async () => {
  const page = await open(browser, waihu.url)
  await page.goto('/login')
  await tabTo(page, page.locator('#login'))
  await page.keyboard.type('demo')
  await tabTo(page, page.locator('#password'))
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.waitForURL((u) => !u.pathname.startsWith('/login'))
  await press(page, page.getByRole('link', { name: t('menu.campaigns') }).or(page.getByRole('menuitem', { name: t('menu.campaigns') })))
  await page.waitForURL(/\/campaigns$/)
  await press(page, by(page, 'new-campaign'))
  await page.waitForURL(/\/campaigns\/new$/)
  await tabTo(page, by(page, 'name'))
  await page.keyboard.type('by keyboard')
  await pick(page, 'list', 'members')
  await next(page, 2)
  await pick(page, 'voice', 'notice')
  await next(page, 3)
  if (!((await by(page, 'callers').textContent()) ?? '').includes('0755')) await pick(page, 'callers', '075512345678')
  if (!((await by(page, 'trunks').textContent()) ?? '').includes('main')) await pick(page, 'trunks', 'main')
  await next(page, 4)
  await next(page, 5)
  await press(page, by(page, 'save'))
  await page.waitForURL(/\/campaigns\/\d+$/)
  await press(page, by(page, 'start'))
  await reads(by(page, 'campaign-state'), new RegExp(t('words.campaign.running')))
  await press(page, by(page, 'pause'))
  await page.locator('.el-message-box input').waitFor()
  await page.keyboard.type('tea')
  await press(page, page.locator('.el-message-box__btns .el-button--primary'))
  await reads(by(page, 'campaign-state'), new RegExp(t('words.campaign.paused')))
  await press(page, by(page, 'resume'))
  await reads(by(page, 'campaign-state'), new RegExp(`${t('words.campaign.running')}|${t('words.campaign.finished')}`))
  assert.deepEqual(page.faults, [])
  await page.context().close()
})

/** Drops a file on the box that takes files, as a file manager does. */
async function drop(page, name, type, bytes) {
  const transfer = await page.evaluateHandle(([n, kind, base64]) => {
    const data = new DataTransfer()
    data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], n, { type: kind }))
    return data
  }, [name, type, bytes.toString('base64')])
  const box = page.locator('label.drop').first()
  await box.dispatchEvent('dragover', { dataTransfer: transfer })
  await page.locator('label.drop.over').waitFor()
  await box.dispatchEvent('drop', { dataTransfer: transfer })
}

test('a voice file and a number file are dragged in; a file of a wrong kind is refused in words', async () => {
  const page = await open(browser, waihu.url)
  await logIn(page, 'demo')
  await page.goto('/voice-files')
  await drop(page, 'dragged.wav', 'audio/wav', readFileSync(join(waihu.folder, 'samples', 'notice.wav')))
  await page.locator('tr', { hasText: 'dragged' }).first().waitFor()
  await drop(page, 'not-a-voice.wav', 'audio/wav', Buffer.from('this is text'))
  await page.locator('.fault[role=alert]').first().waitFor()
  await page.goto('/lists/import')
  await drop(page, 'dragged.csv', 'text/csv', Buffer.from('phone\r\n13812345678\r\n13812345679\r\n'))
  await by(page, 'preview').waitFor()
  await by(page, 'start-import').click()
  await by(page, 'import-over').waitFor()
  await reads(by(page, 'count-valid'), /^2$/)
  assert.deepEqual(page.faults, [])
  await page.context().close()
})
