import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { by, choose, ensure, launch, logIn, open, picture, reads, rowsOf, sheetRows, start, step, words } from './stage.mjs'

let waihu, browser
const exports = {} // language → rows of the exported file
before(async () => { waihu = await start(); browser = await launch() })
after(async () => { await browser?.close(); waihu?.clean() })

/** A file such as a customer sends: semicolons, and two columns that look like numbers. */
function customers(prefix, n) {
  const rows = ['客户号;姓名;联系电话']
  for (let i = 0; i < n; i++) rows.push(`${13000000000 + i};客户${i};${prefix}${String(1000 + i * 7).padStart(8, '0')}`)
  return Buffer.from(rows.join('\r\n') + '\r\n')
}

for (const [language, prefix] of [['en', '138'], ['zh-CN', '139']]) {
  const t = words(language)
  const n = 40
  const list = `list ${language}`, voice = `voice-${language}`, campaign = `campaign ${language}`
  let page, address

  test(`${language}: a number file is imported by its mapping`, async () => {
    page = await open(browser, waihu.url, { language })
    await logIn(page, 'demo')
    await page.goto('/lists/import')
    await page.locator('input[type=file]').setInputFiles({ name: `customers-${language}.csv`, mimeType: 'text/csv', buffer: customers(prefix, n) })
    await by(page, 'preview').waitFor()
    await by(page, 'list-name').fill(list)
    await choose(page, 'column', '联系电话')
    await picture(page, `import-${language}`)
    await by(page, 'start-import').click()
    await by(page, 'import-over').waitFor()
    await reads(by(page, 'count-valid'), new RegExp(`^${n}$`))
  })

  test(`${language}: a voice file is uploaded, the campaign waits for approval`, async () => {
    await page.goto('/voice-files')
    const sound = readFileSync(join(waihu.folder, 'samples', 'notice.wav'))
    await page.locator('input[type=file]').first().setInputFiles({ name: `${voice}.wav`, mimeType: 'audio/wav', buffer: sound })
    await page.locator('tr', { hasText: voice }).first().waitFor()
    await picture(page, `voice-${language}`)
    await page.goto('/campaigns/new')
    await by(page, 'name').fill(campaign)
    await choose(page, 'list', list)
    await step(page, 2)
    await choose(page, 'mode', t('words.mode.voice_key'))
    await choose(page, 'voice', voice)
    await step(page, 3)
    await ensure(page, 'callers', '075512345678')
    await ensure(page, 'trunks', 'main')
    await step(page, 4)
    await picture(page, `wizard-${language}`)
    await step(page, 5)
    await by(page, 'save').click()
    await page.waitForURL(/\/campaigns\/\d+$/)
    address = new URL(page.url()).pathname
    await by(page, 'start').click()
    await reads(by(page, 'campaign-state'), new RegExp(t('words.campaign.waiting_approval')))
  })

  test(`${language}: the administrator approves`, async () => {
    const admin = await open(browser, waihu.url, { language })
    await logIn(admin)
    for (const name of [list, voice]) {
      await admin.goto('/approvals')
      const row = admin.locator('tr', { hasText: name })
      await row.waitFor()
      if (name === list) await picture(admin, `approvals-${language}`)
      await row.getByRole('button', { name: t('approvals.approve'), exact: true }).click()
      await row.waitFor({ state: 'detached' })
    }
    assert.deepEqual(admin.faults, [])
    await admin.context().close()
  })

  test(`${language}: single test`, async () => {
    await page.goto(address)
    await by(page, 'test').click()
    await by(page, 'test-number').fill(`${prefix}99990486`) // always busy in the simulated town
    await by(page, 'test-call').click()
    await reads(by(page, 'test-state'), new RegExp(t('words.outcome.busy')), 30_000)
    await page.keyboard.press('Escape')
  })

  test(`${language}: start, watch, pause, resume, to its end`, async () => {
    await page.goto(address)
    await by(page, 'start').click()
    await reads(by(page, 'campaign-state'), new RegExp(t('words.campaign.running')))
    await by(page, 'live-calls').waitFor()
    await picture(page, `live-${language}`)
    await by(page, 'pause').click()
    await page.locator('.el-message-box input').fill('lunch')
    await page.locator('.el-message-box__btns .el-button--primary').click()
    await reads(by(page, 'campaign-state'), new RegExp(t('words.campaign.paused')))
    await reads(page.locator('header.page-head').first(), /lunch/)
    await by(page, 'resume').click()
    await reads(by(page, 'campaign-state'), new RegExp(`${t('words.campaign.running')}|${t('words.campaign.finished')}`))
    await reads(by(page, 'campaign-state'), new RegExp(t('words.campaign.finished')), 60_000)
    await reads(by(page, 'progress'), /100/)
  })

  test(`${language}: results are filtered by key and exported`, async () => {
    await by(page, 'to-results').click()
    await page.waitForURL(/\/results/)
    await page.locator('tbody tr').first().waitFor()
    const id = /\d+/.exec(address)[0]
    const keyed = (await (await page.request.get(`/api/v1/campaigns/${id}/results?key=any&limit=200`)).json()).items
    await choose(page, 'results-key', t('results.keyAny'))
    await page.getByRole('button', { name: t('common.search'), exact: true }).click()
    if (keyed.length > 0) await page.waitForFunction((want) => document.querySelectorAll('tbody tr').length === want, keyed.length)
    else await page.locator('tbody tr').first().waitFor({ state: 'detached' })
    for (const r of keyed) assert.ok(r.attempt.keys.length > 0)
    await picture(page, `results-${language}`)
    await page.getByRole('button', { name: t('common.reset'), exact: true }).click()
    await page.waitForFunction((want) => document.querySelectorAll('tbody tr').length === want, n)
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: t('results.csv') }).or(page.getByRole('button', { name: t('results.csv') })).first().click()])
    exports[language] = rowsOf(readFileSync(await file.path(), 'utf8'))
    assert.equal(exports[language].length, n)
    const [book] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: t('results.xlsx') }).click()])
    const sheet = sheetRows(readFileSync(await book.path()))
    assert.deepEqual(sheet.map((r) => [r.number, r.outcome, r.keys]), exports[language].map((r) => [r.number.replace(/^'/, ''), r.outcome, r.keys.replace(/^'/, '')]))
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
}

test('a running campaign is stopped, its calls are hung up', async () => {
  const page = await open(browser, waihu.url)
  await logIn(page, 'demo')
  await page.goto('/campaigns/2')
  await reads(by(page, 'campaign-state'), /Running/)
  await by(page, 'stop').click()
  await by(page, 'cut').click()
  await by(page, 'stop-confirm').click()
  await reads(by(page, 'campaign-state'), /Stopped/, 30_000)
  await page.context().close()
})

test('the exported rows are what the simulated switch saw', async () => {
  const { numbers } = await waihu.stop()
  for (const [language, rows] of Object.entries(exports)) {
    for (const r of rows) {
      const saw = numbers[r.number.replace(/^'?\+86/, '')]
      assert.ok(saw, `${language}: ${r.number} was never dialled, says the switch`)
      assert.equal(Number(r.attempts), saw.dialled, `${r.number}: dials`)
      assert.equal(r.outcome === 'answered' ? 1 : 0, saw.answered, `${r.number}: answered`)
    }
  }
  assert.deepEqual(Object.keys(exports), ['en', 'zh-CN'])
})
