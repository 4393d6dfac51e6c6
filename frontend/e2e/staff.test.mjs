// The administrator's way to a queue that can take calls: extension, its settings sheet, accounts applied, agent, queue, members.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, launch, logIn, open, picture, reads, start, words } from './stage.mjs'

let waihu, browser
before(async () => { waihu = await start({ numbers: 20 }); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })

const save = (page) => page.locator('.el-dialog:visible button[type=submit]').click()
const row = (page, text) => page.locator('.el-table__row', { hasText: text }).first()
const add = (page) => page.locator('.page-head .el-button--primary').click()
const close = async (page) => { await page.keyboard.press('Escape'); await page.locator('.el-dialog:visible').waitFor({ state: 'detached' }).catch(() => undefined) }

for (const [language, number] of [['en', '8101'], ['zh-CN', '8102']]) {
  const t = words(language)
  test(`extension, agent, queue, ${language}`, async () => {
    const page = await open(browser, waihu.url, { language })
    await logIn(page)

    await page.goto('/extensions')
    await row(page, '8001').waitFor()
    await add(page)
    await page.fill('#extension-number', '8001')
    await save(page)
    await reads(page.locator('.el-form-item__error'), language === 'en' ? /taken by another extension/ : /已存在/)
    await page.fill('#extension-number', number)
    await page.fill('#extension-name', 'desk')
    await save(page)
    await page.locator('.qr').waitFor() // the sheet opens by itself
    const sheet = await page.locator('.lines').textContent()
    assert.match(sheet, new RegExp(`${number}.*[A-Za-z2-9]{20}.*5070`, 's'))
    await picture(page, `sheet-${language}`)
    await close(page)
    await reads(page.locator('.pending', { hasText: number }), new RegExp(number))
    await picture(page, `extensions-${language}`)
    assert.deepEqual(await axe(page), [])
    await page.locator('.pending .el-button', { hasText: t('extensions.apply') }).click()
    await reads(page.locator('.el-message--success'), new RegExp(t('extensions.applied')))
    await page.locator('main .pending').waitFor({ state: 'detached' })

    await page.goto('/agents')
    await row(page, '8001').waitFor()
    await add(page)
    await page.fill('#agent-staff', '8001')
    await page.fill('#agent-name', 'Zhao')
    await save(page)
    await reads(page.locator('.el-form-item__error'), /8001/)
    await page.fill('#agent-staff', number)
    await page.locator(`.el-select[aria-label], .el-select`).filter({ has: page.locator(`[aria-label="${t('agents.extension')}"]`) }).locator('.el-select__wrapper').click()
    await page.locator('.el-select-dropdown__item:visible', { hasText: number }).click()
    await page.locator('.el-select-dropdown:visible').waitFor({ state: 'detached' })
    await picture(page, `agent-${language}`)
    await save(page)
    const made = page.locator('.el-dialog:visible', { hasText: t('agents.madeTitle') })
    const shown = await made.locator('.facts').textContent()
    assert.match(shown, new RegExp(`${number}.*[A-Z2-7]{26}`, 's'))
    const secret = /[A-Z2-7]{26}/.exec(shown)[0]
    await made.locator('.el-button--primary').click()
    await reads(row(page, number), /desk|Zhao/)

    await page.goto('/queues')
    await row(page, /客服一组|Service one/).waitFor()
    await add(page)
    await page.fill('#queue-name', `组 ${number}`)
    await page.locator('.el-tabs__item', { hasText: t('queues.tabs.announcements') }).click()
    await page.locator('.el-radio-button', { hasText: t('queues.randomNumber') }).click()
    await reads(page.locator('#queue-pattern').locator('xpath=ancestor::div[contains(@class,"el-form-item")][1]'), /800.*899/)
    await page.fill('#queue-pattern', '80x')
    await save(page)
    await reads(page.locator('.el-form-item__error'), /8\?/)
    await page.fill('#queue-pattern', '8?')
    await save(page)
    await page.locator('.el-transfer').waitFor() // the members come next
    await page.locator('.el-transfer-panel').first().locator('.el-checkbox', { hasText: `${number} Zhao` }).click()
    await page.locator('.el-transfer .el-button', { hasText: t('queues.into') }).click()
    await reads(page.locator('.el-dialog:visible .el-table__row'), /Zhao/)
    await picture(page, `members-${language}`)
    assert.deepEqual(await axe(page), [])
    await save(page)
    await reads(page.locator('.el-message--success', { hasText: t('queues.membersSaved') }), new RegExp(t('queues.membersSaved')))
    await reads(row(page, `组 ${number}`), /1/)

    // What is in use is not deleted; who uses it is named.
    await page.goto('/extensions')
    await row(page, number).locator('.el-button--danger').click()
    await page.locator('.el-message-box .el-button--primary').click()
    await reads(page.locator('.el-message--error'), /Zhao/)
    assert.deepEqual(page.faults, [])
    await page.context().close()

    // The new agent can log in.
    const agent = await open(browser, waihu.url, { language })
    await logIn(agent, number, secret)
    const who = await (await agent.request.get('/api/v1/session')).json()
    assert.equal(who.user.role, 'agent')
    assert.equal((await agent.request.get('/api/v1/extensions')).status(), 403)
    await agent.context().close()
  })
}
