// A working day in small: extension, agent and queue are made, the agent signs in, a customer presses 1 and is bridged, the
// leader listens, whispers, barges in, sets busy, hangs up, and hears the recording.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, by, launch, logIn, open, password, picture, reads, start, words } from './stage.mjs'

let waihu, browser, admin, desk, board, queue, agent
const t = words('en')
const row = () => board.locator('tr[data-agent="8010"]')
const state = (word) => reads(by(desk, 'desk-state'), new RegExp(t(`desk.states.${word}`)), 60_000)
const boardState = (word) => reads(row().locator('[data-test="board-state"]'), new RegExp(word), 30_000)

before(async () => { waihu = await start({ speed: 1 }); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })

/** Asks the API in the administrator's session. */
async function api(method, path, data, headers = {}) {
  const answer = await admin.request.fetch(`/api/v1${path}`, { method, data, headers })
  const text = await answer.text()
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${text}`)
  return text ? JSON.parse(text) : undefined
}

/** Confirms what asks before it cuts somebody off. */
const confirm = (page) => page.locator('.el-message-box__btns .el-button--primary').click()

/** The page of a login in another language, for its picture. */
async function pictureIn(language, login, path, name, ready, o = {}) {
  const page = await open(browser, waihu.url, { language, ...o })
  await logIn(page, login)
  await page.goto(path)
  await by(page, ready).first().waitFor()
  await picture(page, `${name}-${language}`)
  assert.deepEqual(page.faults, [])
  await page.context().close()
}

test('the administrator makes extension, agent and queue, and points a campaign at it', async () => {
  admin = await open(browser, waihu.url)
  await logIn(admin)
  const extension = await api('POST', '/extensions', { number: '8010', name: 'desk ten', auto_answer: true })
  agent = await api('POST', '/agents', { staff_number: '8010', name: 'Tina', role: 'agent', login: 'tina', password, extension_id: extension.id, external_number: '', reach: 'nailed_up', recording: true, disabled: false })
  queue = await api('POST', '/queues', { name: 'Hotline', wrap_up_seconds: 5, record: true })
  await api('PUT', `/queues/${queue.id}/members`, [{ agent_id: agent.id, active: true, priority: 1 }])
  const leader = (await api('GET', '/leaders')).items.find((u) => u.login === '8005')
  await api('PUT', `/queues/${queue.id}/leaders`, [leader.id])
  const running = (await api('GET', '/campaigns?state=running')).items[0]
  await api('POST', `/campaigns/${running.id}/stop`, { cut: true }, { 'If-Match': `"${running.version}"` })
  const copy = await api('POST', `/campaigns/${running.id}/copy`, { name: 'Hotline campaign' })
  assert.equal(copy.mode, 'voice_key')
  const changed = await api('PUT', `/campaigns/${copy.id}`, { queue_id: queue.id }, { 'If-Match': `"${copy.version}"` })
  await api('POST', `/campaigns/${copy.id}/start`, undefined, { 'If-Match': `"${changed.version}"` })
})

test('the agent signs in by ticks and sees the phone\'s latency', async () => {
  desk = await open(browser, waihu.url)
  await logIn(desk, 'tina')
  await desk.waitForURL(/\/desk$/) // where agents land
  await reads(by(desk, 'desk-phone'), /\d ms/)
  await by(desk, 'sign-in').click()
  await by(desk, 'tick').waitFor()
  await picture(desk, 'sign-in-en')
  assert.deepEqual(await axe(desk), [])
  await desk.locator('.el-dialog .el-button--primary').click()
  await reads(by(desk, 'desk-state'), new RegExp(`${t('desk.states.idle')}|${t('desk.states.talking')}|${t('desk.states.ringing')}`))
})

test('a customer presses 1 and is bridged; the desk shows who it is', async () => {
  await state('talking')
  await reads(by(desk, 'desk-number'), /\+86\d{11}/)
  await reads(by(desk, 'desk-call'), /Hotline campaign/)
  await reads(by(desk, 'desk-talk'), /\d:\d\d/)
  await picture(desk, 'desk-en')
  assert.deepEqual(await axe(desk), [])
  await pictureIn('zh-CN', 'tina', '/desk', 'desk', 'desk-call', { dark: true })
})

test('the leader listens, whispers and barges in', async () => {
  board = await open(browser, waihu.url)
  await logIn(board, '8005')
  await board.waitForURL(/\/supervision$/) // where leaders land
  await boardState(t('desk.states.talking'))
  for (const [mode, says] of [['listen', 'listens'], ['whisper', 'whispers'], ['barge', 'is in the call']]) {
    await row().locator(`[data-test="do-${mode}"]`).click()
    await reads(row().locator('[data-test="board-supervised"]'), new RegExp(says))
    if (mode === 'listen') {
      await picture(board, 'supervision-en')
      await reads(desk.locator('.watched'), new RegExp(t('desk.watched')))
    }
  }
  assert.deepEqual(await axe(board), [])
  await pictureIn('zh-CN', '8005', '/supervision', 'supervision', 'do-listen')
})

test('the leader forces busy, which comes after call and wrap-up, and hangs the call up', async () => {
  await row().locator('[data-test="do-busy"]').click()
  await row().locator('[data-test="do-drop"]').click()
  const number = await by(desk, 'desk-number').innerText()
  await confirm(board)
  await by(desk, 'desk-over').waitFor() // he still sees who it was
  assert.equal(await by(desk, 'desk-number').innerText(), number)
  assert.equal(await by(desk, 'hang-up').count(), 0)
  await boardState(`${t('desk.states.busy')}.*${t('desk.reasons.forced')}`)
  await state('busy')
  await by(desk, 'desk-call').waitFor({ state: 'detached' })
  await row().locator('[data-test="do-idle"]').click()
  await reads(by(desk, 'desk-state'), new RegExp(`${t('desk.states.idle')}|${t('desk.states.talking')}|${t('desk.states.ringing')}`))
})

test('the recording plays, with its waveform and by parts', async () => {
  await board.goto('/recordings')
  const found = board.locator('.el-table__row')
  await found.first().waitFor()
  const id = (await (await board.request.get('/api/v1/recordings')).json()).items.at(-1).id
  const part = await board.request.get(`/api/v1/recordings/${id}/audio`, { headers: { Range: 'bytes=0-3' } })
  assert.equal(part.status(), 206)
  assert.equal(await part.text(), 'RIFF')
  assert.equal((await board.request.get(`/api/v1/recordings/${id}/audio?download=1`)).status(), 403)
  await found.last().getByRole('button', { name: t('common.view') }).click()
  const played = await board.locator('audio').evaluate(async (a) => {
    a.muted = true
    await a.play()
    await new Promise((done, fail) => { a.addEventListener('timeupdate', done); a.addEventListener('error', () => fail(new Error('not played'))) })
    return a.duration > 0 && !a.error
  })
  assert.ok(played)
  await picture(board, 'recordings-en')
  await pictureIn('zh-CN', '8005', '/recordings', 'recordings', 'rec-number')
  assert.deepEqual(board.faults, [])
})

test('the wallboard shows the queue, and what was done stands in the audit log', async () => {
  const wall = await open(browser, waihu.url, { width: 1920, height: 1080 })
  await logIn(wall, '8005')
  await wall.goto('/wallboard')
  await reads(by(wall, 'wall-queues'), /Hotline/)
  await picture(wall, 'wallboard-en')
  assert.deepEqual(await axe(wall), [])
  await wall.context().close()
  await pictureIn('zh-CN', '8005', '/wallboard', 'wallboard', 'wall-queues', { width: 1920, height: 1080 })
  await admin.goto('/audit')
  await admin.locator('tbody tr').first().waitFor()
  const done = new Set((await api('GET', '/audit?login=8005&limit=100')).items.map((e) => e.action))
  for (const action of ['listen', 'whisper', 'barge', 'force_busy', 'force_drop', 'force_idle', 'play_recording']) assert.ok(done.has(action), `${action} is not in the audit log`)
  await picture(admin, 'audit-en')
})

test('the agent signs out; the day is in the report', async () => {
  await by(desk, 'sign-out').click()
  const line = (await api('GET', `/agent-times?agent_id=${agent.id}`)).items[0]
  assert.ok(line.calls >= 1 && line.talk_ms > 0 && line.busy_ms > 0)
  assert.deepEqual(desk.faults, [])
})
