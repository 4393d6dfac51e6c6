// Before the start: what is wrong with a campaign, and what it would come to.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, by, launch, logIn, open, picture, reads, start, words } from './stage.mjs'

let waihu, browser, id
before(async () => { waihu = await start({ speed: 1, numbers: 3000 }); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })

async function api(page, method, path, data, headers = {}) {
  const answer = await page.request.fetch(`/api/v1${path}`, { method, data, headers })
  const text = await answer.text()
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${text}`)
  return text ? JSON.parse(text) : undefined
}

/** A copy of the running campaign that goes straight to the agents of its queue. */
async function straight(page) {
  const running = (await api(page, 'GET', '/campaigns?state=running')).items[0]
  const queue = (await api(page, 'GET', '/queues')).items[0]
  const copy = await api(page, 'POST', `/campaigns/${running.id}/copy`, { name: 'Straight to agents' })
  const rules = { ...copy.rules, ratio: 0, pacing: { mode: 'predictive', guarantee: 'hard', abandon_limit: 0.03, connect_seconds: 2, window: 'day' } }
  await api(page, 'PUT', `/campaigns/${copy.id}`, { mode: 'direct_agent', queue_id: queue.id, rules }, { 'If-Match': `"${copy.version}"` })
  return copy.id
}

for (const language of ['en', 'zh-CN']) {
  const t = words(language)
  test(`${language}: a campaign is checked and rehearsed before its start`, async () => {
    const page = await open(browser, waihu.url, { language })
    await logIn(page)
    id ??= await straight(page)
    await page.goto(`/campaigns/${id}`)
    await by(page, 'to-rehearsal').click()
    await by(page, 'finding-elsewhere').waitFor() // its numbers are due in the campaign that it was copied from
    await by(page, 'rehearsal-hours').locator('input').fill('1')
    await by(page, 'rehearsal-days').locator('input').fill('5')
    await by(page, 'rehearsal-agents').locator('input').fill('10')
    await by(page, 'rehearse').click()
    for (const way of ['own', 'progressive', 'ratio2', 'hard', 'risk']) await by(page, `rehearsed-${way}`).waitFor({ timeout: 90_000 })
    await reads(by(page, 'rehearsal-basis'), /10/)
    await by(page, 'rehearsal-result').locator('canvas').waitFor()
    const busy = async (way) => Number.parseFloat((await by(page, `rehearsed-${way}`).locator('td').nth(3).textContent()).replace(',', '.'))
    const lost = async (way) => Number.parseFloat((await by(page, `rehearsed-${way}`).locator('td').nth(4).textContent()).replace(',', '.'))
    assert.ok(await busy('progressive') > 20 && await busy('progressive') < 100, `agents are busy for ${await busy('progressive')} %`)
    assert.ok(await lost('hard') <= 3, `${await lost('hard')} % abandoned inside the hard guarantee`)
    assert.deepEqual(await axe(page), [])
    await by(page, 'rehearsal-result').scrollIntoViewIfNeeded()
    await picture(page, `rehearsal-${language}`)
    await by(page, 'rehearsal-hours').locator('input').fill('24')
    await by(page, 'rehearsal-days').locator('input').fill('40')
    await by(page, 'rehearsal-agents').locator('input').fill('500')
    await by(page, 'rehearse').click()
    await reads(by(page, 'rehearsal-fault'), language === 'en' ? /too long/ : /耗时过长/)
    assert.ok(t('rehearsal.title'))
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
}

test('a day that has been is replayed with other guarantees, with what was seen on it alone', async () => {
  const page = await open(browser, waihu.url)
  await logIn(page)
  const days = (back) => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date(Date.now() - back * 86_400_000))
  const ask = { hours: 1, days: 2, agents: 5, variants: [{ mode: 'predictive', guarantee: 'risk' }, { mode: 'predictive', guarantee: 'off' }] }
  const replay = async (day) => {
    let play = await api(page, 'POST', `/campaigns/${id}/rehearsals`, { ...ask, day })
    for (const until = Date.now() + 60_000; play.state === 'running' && Date.now() < until;) {
      await page.waitForTimeout(200)
      play = await api(page, 'GET', `/campaigns/${id}/rehearsals/${play.id}`)
    }
    assert.equal(play.state, 'done')
    assert.deepEqual(play.rows.map((r) => r.variant.guarantee), ['risk', 'off'])
    for (const r of play.rows) assert.ok(r.forecast.dialled.middle > 0, JSON.stringify(r))
    return play
  }
  const [before, today] = [await replay(days(3)), await replay(days(0))]
  assert.equal(before.basis.calls, 0, 'nobody was called three days ago')
  assert.ok(today.basis.calls > 0, 'the demo calls since it was started')
  const bad = await page.request.post(`/api/v1/campaigns/${id}/rehearsals`, { data: { ...ask, day: days(-2) } })
  assert.equal(bad.status(), 422)
  assert.match(await bad.text(), /"day"/)
  await page.context().close()
})
