// How a campaign straight to agents is dialled: the wizard's fields with their faults and doubts, the time line and the sentence
// why not more is dialled, in both languages.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, by, choose, launch, logIn, open, password, picture, reads, start, step, words } from './stage.mjs'

let waihu, browser, admin, campaign, queue
before(async () => { waihu = await start({ speed: 10, numbers: 3000 }); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })

/** Asks the API in the administrator's session. */
async function api(method, path, data, headers = {}) {
  const answer = await admin.request.fetch(`/api/v1${path}`, { method, data, headers })
  const text = await answer.text()
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${text}`)
  return text ? JSON.parse(text) : undefined
}

test('a draft straight to agents whose phones ring', async () => {
  admin = await open(browser, waihu.url)
  await logIn(admin)
  const extension = await api('POST', '/extensions', { number: '8010', name: 'desk ten', auto_answer: false })
  const agent = await api('POST', '/agents', { staff_number: '8010', name: 'Tina', role: 'agent', login: 'tina', password, extension_id: extension.id, external_number: '', reach: 'ring', recording: false, disabled: false })
  queue = await api('POST', '/queues', { name: 'Hotline' })
  await api('PUT', `/queues/${queue.id}/members`, [{ agent_id: agent.id, active: true, priority: 1 }])
  const running = (await api('GET', '/campaigns?state=running')).items[0]
  await api('POST', `/campaigns/${running.id}/stop`, { cut: true }, { 'If-Match': `"${running.version}"` })
  const copy = await api('POST', `/campaigns/${running.id}/copy`, { name: 'Straight to agents' })
  campaign = await api('PUT', `/campaigns/${copy.id}`, { mode: 'direct_agent', queue_id: queue.id, ring_seconds: 30 }, { 'If-Match': `"${copy.version}"` })
})

for (const [language, limit] of [['en', '3'], ['zh-CN', '2.5']]) {
  const t = words(language)

  test(`${language}: a limit of 20 % is a fault on its field, phones that ring are a doubt`, async () => {
    const page = await open(browser, waihu.url, { language })
    await logIn(page)
    await page.goto(`/campaigns/${campaign.id}/edit`)
    await by(page, 'name').waitFor()
    for (const n of [2, 3, 4]) await step(page, n)
    await choose(page, 'pacing-mode', t('pacing.mode.preview')) // has a time to look, and no limit
    await by(page, 'preview-seconds').locator('input').fill('30')
    await page.keyboard.press('Tab')
    await by(page, 'preview-then').waitFor()
    assert.equal(await by(page, 'pacing-limit').count(), 0)
    await choose(page, 'pacing-mode', t('pacing.mode.predictive'))
    await by(page, 'pacing-warning').waitFor()
    const field = by(page, 'pacing-limit').locator('input')
    await field.fill('20')
    await field.press('Tab')
    await picture(page, `wizard-pacing-${language}`)
    assert.deepEqual(await axe(page), [])
    await step(page, 5)
    await by(page, 'save').click()
    await by(page, 'wizard-fault').waitFor()
    const fault = page.locator('.el-form-item', { has: by(page, 'pacing-limit') }).locator('.el-form-item__error')
    await reads(fault, /20/)
    await field.fill(limit)
    await field.press('Tab')
    await step(page, 5)
    await by(page, 'save').click()
    await page.waitForURL(/\/campaigns\/\d+$/)
    assert.deepEqual(page.faults, [])
    await page.context().close()
    const saved = await api('GET', `/campaigns/${campaign.id}`)
    assert.equal(saved.rules.pacing.mode, 'predictive')
    assert.equal(saved.rules.pacing.abandon_limit, Number(limit) / 100)
    campaign = saved
  })
}

test('it is started: nobody is signed in, and the page says so', async () => {
  await api('POST', `/campaigns/${campaign.id}/start`, undefined, { 'If-Match': `"${campaign.version}"` })
  for (const language of ['en', 'zh-CN']) {
    const t = words(language)
    const page = await open(browser, waihu.url, { language })
    await logIn(page)
    await page.goto(`/campaigns/${campaign.id}`)
    await reads(by(page, 'pacing-why'), language === 'en' ? /no agent is idle/ : /没有空闲/, 30_000)
    await reads(by(page, 'pacing-window'), new RegExp(t('pacing.mode.predictive')))
    await by(page, 'pacing').locator('summary').click()
    await reads(by(page, 'pacing-candidates'), new RegExp(t('pacing.why.no_agent')))
    await reads(by(page, 'gain-empty'), new RegExp(t('pacing.gain.off')))
    await by(page, 'pacing-chart').waitFor()
    await by(page, 'pacing-table').locator('tbody tr').first().waitFor()
    assert.deepEqual(await axe(page), [])
    assert.deepEqual(page.faults, [])
    await page.context().close()
  }
})

test('with agents signed in the time line fills', async () => {
  const four = (await api('GET', '/queues')).items.find((q) => q.id !== queue.id)
  const copy = await api('POST', `/campaigns/${campaign.id}/copy`, { name: 'Predictive' })
  const rules = { ...copy.rules, pacing: { ...copy.rules.pacing, abandon_limit: 0.1, gain_slices: true } }
  const changed = await api('PUT', `/campaigns/${copy.id}`, { queue_id: four.id, max_concurrency: 0, rules }, { 'If-Match': `"${copy.version}"` })
  for (const login of ['8001', '8002', '8003', '8004']) {
    const page = await open(browser, waihu.url)
    await logIn(page, login)
    const answer = await page.request.post('/api/v1/desk/sign-in', { data: { queue_ids: [four.id] } })
    assert.ok(answer.ok(), await answer.text())
    await page.context().close()
  }
  await api('POST', `/campaigns/${copy.id}/start`, undefined, { 'If-Match': `"${changed.version}"` })
  const until = Date.now() + 90_000
  for (;;) {
    const now = await api('GET', `/campaigns/${copy.id}/pacing`)
    if (now.answered >= 12 && now.history.some((s) => s.busy > 0) && now.history.length > 15) {
      assert.ok(now.abandoned <= 0.1 * now.answered, `${now.abandoned} of ${now.answered} abandoned`)
      break
    }
    assert.ok(Date.now() < until, JSON.stringify({ ...now, history: now.history.slice(-3), decisions: now.decisions.slice(-1) }))
    // Some of the simulated town never hang up.
    const talks = (await api('GET', `/calls?campaign_id=${copy.id}`)).items.filter((c) => c.campaign_id === copy.id && c.state === 'answered')
    if (talks.length > 3) await admin.request.delete(`/api/v1/calls/${talks[0].attempt_id}`)
    await new Promise((done) => setTimeout(done, 1000))
  }
  for (const language of ['en', 'zh-CN']) {
    const page = await open(browser, waihu.url, { language, height: 900 })
    await logIn(page)
    await page.goto(`/campaigns/${copy.id}`)
    await by(page, 'pacing-chart').waitFor()
    await by(page, 'pacing').scrollIntoViewIfNeeded()
    await by(page, 'pacing-table').locator('tbody tr').nth(11).waitFor()
    // Nothing to compare yet; on a slow machine a cycle of slices may be over by now.
    if ((await api('GET', `/campaigns/${copy.id}/pacing/gain`)).cycles === 0) await reads(by(page, 'gain-empty'), new RegExp(words(language)('pacing.gain.waiting')))
    else await by(page, 'gain-sentence').waitFor()
    await by(page, 'pacing-table').scrollIntoViewIfNeeded()
    await picture(page, `pacing-${language}`)
    // What it has learned of kinds of numbers, under the details.
    const t = words(language)
    await by(page, 'pacing').locator('summary').click()
    const kinds = by(page, 'pacing-kinds').locator('tbody tr')
    await reads(kinds.filter({ hasText: t('pacing.class_new') }), /× \d[.]\d\d/)
    await reads(kinds.filter({ hasText: t('pacing.kindOf.region') }).first(), /\+86\d{3}/)
    await by(page, 'pacing-kinds').scrollIntoViewIfNeeded()
    await picture(page, `pacing-kinds-${language}`)
    assert.deepEqual(await axe(page), [])
    assert.deepEqual(page.faults, [])
    await page.context().close()
  }
})
