// Somebody calls the hotline, presses keys and leaves a message: his steps stand in the record of the call, and the message is found,
// heard, handled and answered, in both languages; who leads no queue sees nothing of it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, by, launch, logIn, open, picture, reads, start, words } from './stage.mjs'

let waihu, browser
before(async () => { waihu = await start({ speed: 4, numbers: 20, callers: 6 }); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })

const caller = '+8613810000777' // the first: presses 1, 2 and #, and stays on the line for some seconds

test('the steps of a call in a flow stand in its record', async () => {
  const page = await open(browser, waihu.url)
  await logIn(page)
  for (const language of ['en', 'zh-CN']) {
    const t = words(language)
    const look = language === 'en' ? page : await open(browser, waihu.url, { language, dark: true })
    if (look !== page) await logIn(look)
    let call
    for (const until = Date.now() + 30_000; !call && Date.now() < until;) {
      call = (await (await look.request.get('/api/v1/attempts?kind=inbound&number=13810000777')).json()).items.find((a) => a.state === 'ended')
      if (!call) await look.waitForTimeout(200)
    }
    assert.ok(call, 'nobody called the hotline')
    assert.equal(call.number, caller)
    await look.goto(`/attempts?number=${encodeURIComponent(caller)}`)
    await look.locator('.el-table__row', { hasText: caller }).first().getByRole('button', { name: t('common.view') }).click()
    const steps = by(look, 'flow-steps')
    await reads(steps, new RegExp(`Welcome.*${t('attempts.step.key').replace('{value}', '1')}.*How was your trip\\?.*${t('attempts.step.rated').replace('{value}', '2')}.*Leave a message.*${t('flows.kinds.record')}`, 's'))
    assert.ok(await steps.locator('time').count() >= 5, 'steps have their time')
    assert.deepEqual(await axe(look), [])
    await steps.scrollIntoViewIfNeeded()
    await picture(look, `steps-${language}`)
    assert.deepEqual(look.faults, [])
  }
  await page.context().close()
})

for (const [language, dark] of [['en', false], ['zh-CN', true]]) {
  const t = words(language)
  test(`a message is heard and handled, ${language}`, async () => {
    const page = await open(browser, waihu.url, { language, dark })
    await logIn(page, 'demo')
    await page.goto('/messages')
    const row = page.locator('.el-table__row', { hasText: /777/ }).last()
    await row.waitFor({ timeout: 30_000 })
    await reads(row, new RegExp(`Evening hotline.*${t('messages.unheard')}.*${t('messages.states.open')}`, 's'))
    assert.deepEqual(await axe(page), [])
    await picture(page, `messages-${language}`)
    await row.getByRole('button', { name: t('common.view') }).click()
    const detail = by(page, 'msg-detail')
    await reads(detail, new RegExp(t('messages.noListenings')))
    const { items } = await (await page.request.get('/api/v1/messages?state=open&limit=200')).json()
    const number = (await page.locator('.el-drawer__title').textContent()).trim()
    const id = items.find((m) => m.number === number).id
    const part = await page.request.get(`/api/v1/messages/${id}/audio`, { headers: { Range: 'bytes=0-3' } })
    assert.equal(part.status(), 206)
    assert.equal(await part.text(), 'RIFF')
    const seconds = await detail.locator('audio').evaluate(async (a) => {
      a.muted = true
      await a.play()
      await new Promise((done, fail) => { a.addEventListener('timeupdate', done, { once: true }); a.addEventListener('error', () => fail(new Error('not played'))) })
      return a.duration
    })
    assert.ok(seconds > 2, `the message lasts ${seconds} s`)
    await reads(by(page, 'msg-heard'), /demo/)
    assert.equal(await by(page, 'msg-call').getAttribute('href'), `tel:${number}`)
    await picture(page, `message-${language}`)
    assert.deepEqual(await axe(page), [])
    await by(page, 'msg-handled').click()
    await by(page, 'msg-reopen').waitFor()
    await reads(detail, new RegExp(`${t('messages.handledBy')}\\s*demo`))
    await reads(by(page, 'msg-calls'), new RegExp(t('words.kind.inbound')))
    await by(page, 'msg-history').click()
    await page.waitForURL(/\/attempts\?number=/)
    await reads(page.locator('.el-table__row').first(), new RegExp(number.replace('+', '\\+')))
    const one = await (await page.request.get(`/api/v1/messages/${id}`)).json()
    assert.equal(one.message.handled_by, 'demo')
    assert.equal(one.heard.length, 1, 'a listening is written down once, and not at each part')
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
}

test('a leader whose queue has nothing to do with it sees no message', async () => {
  const page = await open(browser, waihu.url)
  await logIn(page, '8005')
  await page.goto('/messages')
  await reads(page.locator('main'), new RegExp(words('en')('messages.empty')))
  await picture(page, 'messages-none-en')
  await page.context().close()
})

test('who leads a queue reads the calls of his queues beside a message, and no others', async () => {
  const admin = await open(browser, waihu.url)
  await logIn(admin)
  const ask = async (method, path, data, headers) => {
    const answer = await admin.request.fetch(`/api/v1${path}`, { method, data, headers })
    assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`)
    return answer.json()
  }
  const flow = (await ask('GET', '/flows')).items.find((f) => f.name === 'Evening hotline')
  const queue = (await ask('GET', '/queues')).items[0]
  const before = (await ask('GET', '/messages?limit=1')).items[0] // its call was in no queue
  const nodes = flow.nodes.map((n) => (n.id === 'bye' ? { id: 'bye', kind: 'queue', queue_id: queue.id } : n))
  await ask('PUT', `/flows/${flow.id}`, { name: flow.name, nodes }, { 'If-Match': `"${flow.version}"` })
  await ask('POST', '/dialplan/publish')
  for (const [language, dark] of [['en', false], ['zh-CN', true]]) {
    const t = words(language)
    const page = await open(browser, waihu.url, { language, dark })
    await logIn(page, '8005')
    await page.goto('/messages')
    const see = async (number) => {
      const row = page.locator('.el-table__row', { hasText: number })
      await row.waitFor({ timeout: 30_000 })
      await row.getByRole('button', { name: t('common.view') }).click()
      await by(page, 'msg-calls').waitFor()
    }
    await see(before.number)
    await reads(by(page, 'msg-calls'), new RegExp(t('messages.noCallsOfYours')))
    assert.equal(await by(page, 'msg-history').count(), 0)
    await page.keyboard.press('Escape')
    await page.locator('.el-drawer:visible').waitFor({ state: 'detached' }).catch(() => undefined)
    let served
    for (const until = Date.now() + 30_000; !served && Date.now() < until;) {
      for (const m of (await (await page.request.get('/api/v1/messages?limit=20')).json()).items) {
        if ((await (await page.request.get(`/api/v1/messages/${m.id}/calls`)).json()).items.length > 0) served = m
      }
      if (!served) await page.waitForTimeout(500)
    }
    assert.ok(served, 'no caller came to the queue after he had left a message')
    await page.reload()
    await see(served.number)
    await reads(by(page, 'msg-calls'), new RegExp(`${t('words.kind.inbound')}.*${queue.name}`, 's'))
    await page.waitForTimeout(400) // the drawer has come to rest, for the picture
    await picture(page, `message-leader-${language}`)
    assert.deepEqual(await axe(page), [])
    assert.deepEqual(page.faults, [])
    await page.context().close()
  }
  await admin.context().close()
})
