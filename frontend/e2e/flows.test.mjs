// What a caller hears: a flow drawn and mended in the browser.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, launch, logIn, open, picture, reads, start, words } from './stage.mjs'

let waihu, browser
before(async () => { waihu = await start({ numbers: 20 }); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })

const option = async (page, box, text) => {
  await box.locator('.el-select__wrapper').click()
  await page.locator('.el-select-dropdown__item:visible', { hasText: text }).first().click()
  await page.locator('.el-select-dropdown:visible').waitFor({ state: 'detached' })
}
const select = (page, label) => page.locator('.el-select').filter({ has: page.locator(`[aria-label="${label}"]`) }).last()
const item = (page, label) => page.locator('.card .el-form-item', { hasText: label })
const add = async (page, t, kind) => {
  await page.locator('.head .el-button', { hasText: t('flows.addNode') }).click()
  await page.locator('.el-dropdown-menu__item:visible', { hasText: t(`flows.kinds.${kind}`) }).first().click()
  await page.locator('.card h2', { hasText: t(`flows.kinds.${kind}`) }).waitFor()
}

for (const [language, dark] of [['zh-CN', false], ['en', true]]) {
  const t = words(language)
  test(`flow, ${language}`, async () => {
    const page = await open(browser, waihu.url, { language, dark })
    await logIn(page)
    const voice = (await (await page.request.get('/api/v1/voice-files')).json()).items.find((v) => v.approval === 'approved')
    assert.ok(voice, 'the demo has an approved voice file')

    await page.goto('/flows')
    await page.locator('.page-head .el-button--primary').click()
    await page.waitForURL(/\/flows\/new/)
    const name = `hotline ${language}`
    await page.fill('#flow-name', name)
    await page.locator('.head button[type=submit]').click()
    await reads(item(page, t('flows.voice')).locator('.el-form-item__error'), /./) // the fault stands on its node
    await picture(page, `flow-fault-${language}`)
    await option(page, item(page, t('flows.voice')).locator('.el-select'), voice.name)

    // From the first node to a new menu, and from its keys to two more.
    await option(page, select(page, t('flows.afterwards')), `+ ${t('flows.kinds.menu')}`)
    await option(page, item(page, t('flows.voice')).first().locator('.el-select'), voice.name)
    await page.locator('.card .ways .el-button', { hasText: t('flows.addKey') }).click()
    await option(page, select(page, t('flows.onKey').replace('{key}', '1')), `+ ${t('flows.kinds.collect')}`)
    await option(page, item(page, t('flows.voice')).first().locator('.el-select'), voice.name)
    await page.locator('svg .node', { hasText: t('flows.kinds.menu') }).click()
    await option(page, select(page, t('flows.onKey').replace('{key}', '2')), `+ ${t('flows.kinds.hang_up')}`)
    await add(page, t, 'rate') // nothing leads to it
    await page.locator('.card .odd').waitFor()
    await page.locator('.card .el-button--danger').first().click()
    await page.locator('.el-message-box .el-button--primary').click()

    // A loop without a key is told at once.
    await page.locator('svg .node', { hasText: t('flows.kinds.menu') }).click()
    await option(page, select(page, t('flows.onNothing')), t('flows.kinds.play'))
    await reads(page.locator('.faults'), language === 'en' ? /without a key/ : /无按键/)
    await picture(page, `flow-loop-${language}`)
    await option(page, select(page, t('flows.onNothing')), t('flows.kinds.hang_up'))
    await page.locator('.head .el-tag--danger').waitFor({ state: 'detached' })
    assert.deepEqual(await axe(page), [])
    await picture(page, `flow-${language}`)
    await page.locator('.head button[type=submit]').click()
    await page.waitForURL(/\/flows\/\d+/)

    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
}
