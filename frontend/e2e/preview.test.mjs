// Preview and manual dialling at the desk: the agent looks at a customer before he is called, skips one, calls one and talks, and
// fetches a number himself; the record says which rules let the call through.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, by, launch, logIn, open, password, picture, reads, rowsOf, start, words } from './stage.mjs'

let waihu, browser, admin, desk, campaign, queue
const t = words('en')
const number = /\+86\d{11}/

before(async () => { waihu = await start({ speed: 1 }); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })

async function api(method, path, data, headers = {}) {
  const answer = await admin.request.fetch(`/api/v1${path}`, { method, data, headers })
  const text = await answer.text()
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${text}`)
  return text ? JSON.parse(text) : undefined
}

/** A campaign of the demo's list whose agents dial, running; what ran before is stopped. */
async function dialled(name, pacing) {
  const running = (await api('GET', '/campaigns?state=running')).items[0]
  await api('POST', `/campaigns/${running.id}/stop`, { cut: true }, { 'If-Match': `"${running.version}"` })
  const copy = await api('POST', `/campaigns/${running.id}/copy`, { name })
  const rules = { ...copy.rules, ratio: 0, pacing: { abandon_limit: 0, guarantee: '', window: '', connect_seconds: 0, ...pacing } }
  const changed = await api('PUT', `/campaigns/${copy.id}`, { mode: 'direct_agent', agent_key: '', queue_id: queue.id, ring_seconds: 30, rules }, { 'If-Match': `"${copy.version}"` })
  await api('POST', `/campaigns/${copy.id}/start`, undefined, { 'If-Match': `"${changed.version}"` })
  return changed
}

/** Skips the number that is shown: when it is to be called again is the beginning of the menu's line. */
async function skip(when) {
  await by(desk, 'look-skip').click()
  await desk.locator('.el-dropdown-menu__item:visible', { hasText: when }).first().click()
}

/** Calls what is shown until somebody answers, and says whom. */
async function callUntilAnswered() {
  for (;;) {
    const shown = await reads(by(desk, 'look-number'), number, 30_000)
    if (await by(desk, 'look-call').isEnabled().catch(() => false)) await by(desk, 'look-call').click().catch(() => {})
    const talks = await by(desk, 'desk-talk').waitFor({ timeout: 2_000 }).then(() => true, () => false)
    if (talks) return shown
    if (await by(desk, 'fetch').isVisible()) await by(desk, 'fetch').click().catch(() => {})
  }
}

test('an agent is shown a customer, and nobody is called before he says so', async () => {
  admin = await open(browser, waihu.url)
  await logIn(admin)
  const extension = await api('POST', '/extensions', { number: '8020', name: 'desk twenty', auto_answer: true })
  const agent = await api('POST', '/agents', { staff_number: '8020', name: 'Tom', role: 'agent', login: 'tom', password, extension_id: extension.id, external_number: '', reach: 'nailed_up', recording: false, disabled: false })
  queue = await api('POST', '/queues', { name: 'Callers', wrap_up_seconds: 1 })
  await api('PUT', `/queues/${queue.id}/members`, [{ agent_id: agent.id, active: true, priority: 1 }])
  campaign = await dialled('Previewed', { mode: 'preview', preview_seconds: 300 })
  desk = await open(browser, waihu.url)
  await logIn(desk, 'tom')
  await by(desk, 'sign-in').click()
  await desk.locator('.el-dialog .el-button--primary').click()
  await reads(by(desk, 'desk-look'), /Previewed/, 30_000)
  await reads(by(desk, 'look-status'), /goes back in \d/)
  await reads(by(desk, 'look-fields'), /\d{11}/)
  assert.deepEqual(await axe(desk), [])
  await picture(desk, 'preview-en')
  const chinese = await open(browser, waihu.url, { language: 'zh-CN' })
  await logIn(chinese, 'tom')
  await reads(by(chinese, 'look-call'), /呼叫/)
  await picture(chinese, 'preview-zh-CN')
  await chinese.context().close()
  assert.equal((await api('GET', `/attempts?campaign_id=${campaign.id}`)).items.length, 0)
})

test('one is skipped for good, another one is called, and answers', async () => {
  const skipped = await reads(by(desk, 'look-number'), number)
  const other = (n) => new RegExp(`\\+86(?!${n.trim().slice(3)})\\d{11}`)
  await by(desk, 'look-reason').fill('has moved away')
  await desk.keyboard.press('Tab')
  await skip(t('desk.look.never'))
  const again = await reads(by(desk, 'look-number'), other(skipped))
  assert.equal(await by(desk, 'look-reason').inputValue(), '')
  const offered = await desk.locator('#skip-reasons option').evaluateAll((all) => all.map((o) => o.value))
  assert.ok(offered.includes(t('words.skip.bad_data')), offered.join())
  await by(desk, 'look-reason').fill(t('words.skip.bad_data')) // what choosing it writes
  await skip(t('desk.look.again').split('{')[0])
  await reads(by(desk, 'look-number'), other(again))
  const called = (await callUntilAnswered()).trim()
  await reads(by(desk, 'desk-number'), number)
  await by(desk, 'hang-up').click()
  const sent = (await api('GET', `/attempts?campaign_id=${campaign.id}`)).items
  assert.ok(!sent.some((a) => a.number === skipped.trim()), `${skipped} was called`)
  assert.ok(sent.some((a) => a.number === called && a.pack === campaign.rules.pack && a.pack_version))
  await admin.goto('/attempts')
  await admin.getByRole('button', { name: t('common.view') }).first().click()
  await reads(by(admin, 'fact-pack'), new RegExp(campaign.rules.pack))
  await reads(by(admin, 'fact-looker_id'), /[1-9]/)
  for (const [number, reason] of [[skipped, /8020 Tom\s*has moved away/], [again, new RegExp(`8020 Tom\\s*${t('words.skip.bad_data')}`)]]) {
    await admin.goto(`/why?number=${encodeURIComponent(number.trim())}`)
    await reads(by(admin, 'why-skips'), reason)
  }
  assert.deepEqual(await axe(admin), [])
  for (const language of ['en', 'zh-CN']) await resultsSay(language, skipped.trim(), again.trim())
})

/** Why an agent skipped a number stands in its row of the results, in its record, and in the export. */
async function resultsSay(language, skipped, again) {
  const t = words(language)
  const page = await open(browser, waihu.url, { language, dark: language !== 'en' })
  await logIn(page)
  await page.goto(`/results?campaign=${campaign.id}`)
  for (const [number, reason] of [[skipped, 'has moved away'], [again, t('words.skip.bad_data')]]) {
    const row = page.locator('.el-table__row', { hasText: number })
    await reads(row, new RegExp(reason))
    if (number === skipped) await picture(page, `results-skipped-${language}`)
    await row.getByRole('button', { name: t('common.view') }).click()
    await reads(by(page, 'result-skip').last(), new RegExp(`${t('results.skipped')}.*${reason}.*8020 Tom`, 's'))
    if (number === again) await picture(page, `result-skipped-${language}`)
    assert.deepEqual(await axe(page), [])
    await page.keyboard.press('Escape')
    await page.locator('.el-drawer:visible').waitFor({ state: 'detached' }).catch(() => undefined)
  }
  const rows = rowsOf(await (await page.request.get(`/api/v1/campaigns/${campaign.id}/results.csv`)).text())
  const told = Object.fromEntries(rows.filter((r) => r.skip_reason).map((r) => [r.number.replace(/^'/, ''), `${r.skipped_by}: ${r.skip_reason}`]))
  assert.deepEqual(told, { [skipped]: '8020 Tom: has moved away', [again]: '8020 Tom: bad_data' })
  assert.deepEqual(page.faults, [])
  await page.context().close()
}

test('a number is fetched by hand, given back, fetched again and called', async () => {
  campaign = await dialled('By hand', { mode: 'manual' })
  await by(desk, 'fetch').waitFor({ timeout: 30_000 })
  await by(desk, 'fetch').click()
  await reads(by(desk, 'desk-look'), /By hand/)
  await by(desk, 'look-back').click()
  await by(desk, 'fetch').click()
  await callUntilAnswered()
  await picture(desk, 'fetched-en')
  await by(desk, 'sign-out').click()
  assert.deepEqual([...desk.faults, ...admin.faults], [])
})
