// Who uploaded stands beside what waits. Where two people are wanted, an administrator approves what another sent, not his own.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { axe, by, launch, logIn, open, picture, reads, start, words } from './stage.mjs'

let waihu, browser
before(async () => { waihu = await start({ numbers: 20, more: ['--set', 'approvals.four_eyes=true'] }); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })

for (const [language, dark] of [['en', false], ['zh-CN', true]]) {
  const t = words(language)
  test(`his own and another's, ${language}`, async () => {
    const page = await open(browser, waihu.url, { language, dark })
    const member = await open(browser, waihu.url, { language })
    await logIn(page)
    await logIn(member, 'demo')
    const sound = readFileSync(join(waihu.folder, 'samples', 'notice.wav'))
    for (const [who, name] of [[page, `own-${language}`], [member, `other-${language}`]]) {
      const made = await who.request.post('/api/v1/voice-files', { multipart: { name, file: { name: `${name}.wav`, mimeType: 'audio/wav', buffer: sound } } })
      assert.equal(made.status(), 201, await made.text())
    }
    await page.goto('/approvals')
    const row = (name) => page.locator('.el-table__row', { hasText: name })
    const approve = (where) => where.getByRole('button', { name: t('approvals.approve'), exact: true })
    const own = row(`own-${language}`), other = row(`other-${language}`)
    await reads(own, /admin/)
    await reads(other, /demo/)
    assert.ok(await approve(own).isDisabled(), 'his own is not his to approve')
    assert.equal(await approve(own).getAttribute('title'), t('approvals.own'))
    await picture(page, `four-eyes-${language}`)
    assert.deepEqual(await axe(page), [])

    await own.getByRole('button', { name: t('common.view') }).click()
    await reads(by(page, 'own-upload'), new RegExp(t('approvals.own')))
    await picture(page, `four-eyes-detail-${language}`)
    await page.keyboard.press('Escape')
    await page.locator('.el-drawer:visible').waitFor({ state: 'detached' }).catch(() => undefined)

    // Both are chosen: the other's is approved, of his own he reads why not.
    for (const r of [own, other]) await r.locator('.el-checkbox').click()
    await page.locator('.tools').getByRole('button', { name: t('approvals.approve'), exact: true }).click()
    await page.locator('.el-message-box__btns .el-button--primary').click()
    await reads(page.locator('.el-message--warning'), new RegExp(t('approvals.own')))
    await other.waitFor({ state: 'detached' })
    assert.ok(await own.isVisible())

    // He may still send it back.
    await own.getByRole('button', { name: t('approvals.reject'), exact: true }).click()
    await page.fill('#reason', 'recorded anew')
    await page.locator('.el-dialog:visible button[type=submit]').click()
    await own.waitFor({ state: 'detached' })
    assert.deepEqual(page.faults, [])
    await page.context().close()
    await member.context().close()
  })
}
