// What an agent and his leader do during a call: mute, hold, consult, three-way, transfer, take over. Each is clicked, and then
// looked for on the agents' pages in both languages and on the simulated switch, which tells who is joined with whom.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, by, launch, logIn, open, password, picture, reads, start, words } from './stage.mjs'

const t = words('en')
const zh = words('zh-CN')
const asker = '8031 Ida'
const colleague = '8032 Kai'
const customer = '13800138200' // answers after half a second and stays on the line
let waihu, browser, admin, ida, chinese, kai, board, campaign, attempt
const agents = {}

before(async () => { waihu = await start({ speed: 1, numbers: 20 }); browser = await launch() })
after(async () => { await browser?.close(); await waihu?.stop(); waihu?.clean() })

async function api(method, path, data, headers = {}) {
  const answer = await admin.request.fetch(`/api/v1${path}`, { method, data, headers })
  const text = await answer.text()
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${text}`)
  return text ? JSON.parse(text) : undefined
}

const says = (page, name, text) => reads(by(page, name), new RegExp(text))
const state = (page, word, language = t) => says(page, 'desk-state', language(`desk.states.${word}`))
/** Both pages of the agent who has the customer say so. */
const idaIs = (word) => Promise.all([state(ida, word), state(chinese, word, zh)])
const asked = (word, who) => Promise.all([[ida, t], [chinese, zh]].map(([page, language]) => says(page, 'desk-consult', language(`desk.consults.${word}`).replace('{who}', who))))

/** The channels of the customer, of Ida, of Kai and of the leader as the switch sees them. */
function line(seen) {
  const of = (number) => seen.channels.find((c) => c.number === number)
  return { customer: seen.channels.find((c) => c.uuid === attempt), ida: of('8031'), kai: of('8032'), leader: of('8005') }
}
const sees = (what, fits) => waihu.seen((seen) => fits(line(seen), seen), what)
const joined = (a, b) => a !== undefined && b !== undefined && a.with === b.uuid && b.with === a.uuid
const alone = (a) => a !== undefined && !a.with

/** Calls the customer, whom Ida gets. */
async function call() {
  attempt = (await api('POST', `/campaigns/${campaign}/test`, { number: customer })).attempt_id
  await idaIs('talking')
  await sees('customer and agent joined', (l) => joined(l.customer, l.ida))
}

/** Asks Kai while the customer waits. */
async function consult() {
  await by(ida, 'consult').click()
  const choice = ida.locator('[data-test="target"]', { hasText: '8032' })
  await choice.click()
  await ida.locator('.el-dialog:visible button[type=submit]').click()
  await asked('talking', colleague)
  await state(kai, 'talking')
  await says(kai, 'desk-consult', t('desk.consults.asked').replace('{who}', asker))
  assert.equal(await by(kai, 'consult-complete').count() + await by(kai, 'mute').count(), 0, 'the colleague has buttons that are not his')
  await sees('agent and colleague joined, the customer with music', (l) => joined(l.ida, l.kai) && alone(l.customer) && l.customer.application === 'playback')
}

test('two agents sign in, and the one whose turn it is gets the customer', async () => {
  admin = await open(browser, waihu.url)
  await logIn(admin)
  for (const [number, name] of [['8031', 'Ida'], ['8032', 'Kai']]) {
    const extension = await api('POST', '/extensions', { number, name, auto_answer: true })
    agents[name] = await api('POST', '/agents', { staff_number: number, name, role: 'agent', login: name.toLowerCase(), password, extension_id: extension.id, external_number: '', reach: 'nailed_up', recording: false, disabled: false })
  }
  const queue = await api('POST', '/queues', { name: 'Orders', wrap_up_seconds: 0, strategy: 'priority_first', announce_staff: false })
  await api('PUT', `/queues/${queue.id}/members`, [{ agent_id: agents.Ida.id, active: true, priority: 1 }, { agent_id: agents.Kai.id, active: true, priority: 2 }])
  await api('PUT', `/queues/${queue.id}/leaders`, [(await api('GET', '/leaders')).items.find((u) => u.login === '8005').id])
  const running = (await api('GET', '/campaigns?state=running')).items[0]
  await api('POST', `/campaigns/${running.id}/stop`, { cut: true }, { 'If-Match': `"${running.version}"` })
  const copy = await api('POST', `/campaigns/${running.id}/copy`, { name: 'Order calls' })
  campaign = copy.id
  await api('PUT', `/campaigns/${copy.id}`, { mode: 'direct_agent', agent_key: '', queue_id: queue.id }, { 'If-Match': `"${copy.version}"` })
  const pageOf = async (login, language) => { const page = await open(browser, waihu.url, { language }); await logIn(page, login); return page }
  ;[ida, chinese, kai, board] = await Promise.all([pageOf('ida', 'en'), pageOf('ida', 'zh-CN'), pageOf('kai', 'en'), pageOf('8005', 'zh-CN')])
  for (const page of [ida, kai]) {
    await by(page, 'sign-in').click()
    await page.locator('.el-dialog:visible .el-button--primary').click()
    await state(page, 'idle')
  }
  await sees('the legs of both agents', (l) => alone(l.ida) && alone(l.kai))
  await call()
})

test('mute: the agent is not heard, and then is', async () => {
  await by(ida, 'mute').click()
  await Promise.all([says(ida, 'mute', t('desk.unmute')), says(chinese, 'mute', zh('desk.unmute'))])
  assert.equal(await by(ida, 'mute').getAttribute('aria-pressed'), 'true')
  await sees('the agent muted', (l, seen) => seen.muted?.length === 1 && seen.muted[0] === l.ida.uuid && joined(l.customer, l.ida))
  await by(chinese, 'mute').click()
  await Promise.all([says(ida, 'mute', `^${t('desk.mute')}`), says(chinese, 'mute', `^${zh('desk.mute')}`)])
  await sees('nobody muted', (_, seen) => !seen.muted)
})

test('hold: the customer hears music, and is fetched back', async () => {
  await by(ida, 'hold').click()
  await idaIs('hold')
  await Promise.all([says(ida, 'hold', t('desk.unhold')), says(chinese, 'hold', zh('desk.unhold'))])
  await sees('the customer with music', (l) => alone(l.customer) && l.customer.application === 'playback' && alone(l.ida))
  await picture(chinese, 'incall-hold-zh-CN')
  await ida.keyboard.press('h')
  await idaIs('talking')
  await sees('customer and agent joined again', (l) => joined(l.customer, l.ida))
})

test('consult and back: the colleague is asked, the customer does not hear it', async () => {
  await consult()
  assert.deepEqual(await axe(ida), [])
  await picture(ida, 'incall-consult-en')
  await picture(chinese, 'incall-consult-zh-CN')
  await picture(kai, 'incall-asked-en')
  await chinese.emulateMedia({ colorScheme: 'dark' })
  await picture(chinese, 'incall-consult-zh-CN-dark')
  await says(chinese, 'consult-cancel', zh('desk.cancelConsult'))
  await by(chinese, 'consult-cancel').click()
  await by(ida, 'desk-consult').waitFor({ state: 'detached' })
  await idaIs('talking')
  await state(kai, 'idle')
  await sees('customer and agent joined, the colleague free', (l) => joined(l.customer, l.ida) && alone(l.kai))
})

test('three-way: all hear each other; the agent leaves and the others go on', async () => {
  await consult()
  await by(ida, 'three-way').click()
  await asked('three_way', colleague)
  await says(kai, 'desk-consult', t('desk.consults.joined').replace('{who}', asker))
  await Promise.all([says(ida, 'hang-up', t('desk.leave')), says(chinese, 'hang-up', zh('desk.leave')), says(chinese, 'consult-cancel', zh('desk.endThree'))])
  await sees('three in one conference', (l) => [l.customer, l.ida, l.kai].every((c) => c?.application === 'conference' && c.data === l.customer.data))
  await picture(chinese, 'incall-three-zh-CN-dark')
  await by(ida, 'hang-up').click()
  await idaIs('idle')
  await state(kai, 'talking')
  await says(kai, 'desk-number', customer)
  await sees('customer and colleague joined', (l) => joined(l.customer, l.kai) && alone(l.ida))
  await by(kai, 'hang-up').click()
  await state(kai, 'idle')
  await sees('the call ended', (l) => !l.customer && alone(l.kai))
})

test('a transfer after asking: the colleague gets the customer', async () => {
  await call()
  await consult()
  await says(chinese, 'consult-complete', zh('desk.complete'))
  await by(ida, 'consult-complete').click()
  await idaIs('idle')
  await state(kai, 'talking')
  await says(kai, 'desk-number', customer)
  await sees('customer and colleague joined', (l) => joined(l.customer, l.kai) && alone(l.ida))
  await by(kai, 'hang-up').click()
  await state(kai, 'idle')
})

test('the leader takes the call over, and leaves the agent without it', async () => {
  await call()
  const row = board.locator('tr[data-agent="8031"]')
  await row.locator('[data-test="do-listen"]').click()
  await reads(row.locator('[data-test="board-supervised"]'), new RegExp(zh('supervision.listenBy').replace('{name}', '')))
  await sees('the leader listens to the agent', (l, seen) => l.leader?.application === 'eavesdrop' && l.leader.data === l.ida.uuid && seen.watched.at(-1).who === '8031' && joined(l.customer, l.ida))
  await row.locator('[data-test="do-more"]').click()
  await board.locator('.el-dropdown-menu__item:visible', { hasText: zh('supervision.takeOver') }).click()
  await reads(board.locator('.el-message-box__message'), new RegExp(zh('supervision.takeOverAsk').replaceAll('{name}', 'Ida')))
  await picture(board, 'incall-takeover-ask-zh-CN')
  await board.locator('.el-message-box__btns .el-button--primary').click()
  await idaIs('idle')
  await sees('customer and leader joined', (l) => joined(l.customer, l.leader) && alone(l.ida))
  await reads(board.locator('tr[data-agent="8005"] [data-test="board-state"]'), new RegExp(zh('desk.states.talking')))
  assert.deepEqual(await axe(board), [])
  await picture(board, 'incall-takeover-zh-CN')
  const done = (await api('GET', '/audit?login=8005&limit=20')).items.map((e) => e.action)
  assert.ok(done.includes('take_over') && done.includes('listen'), `the audit log has ${done}`)
  await board.goto('/desk')
  await says(board, 'desk-number', customer)
  await by(board, 'hang-up').click()
  await sees('the call ended', (l) => !l.customer)
  for (const page of [ida, chinese, kai, board]) assert.deepEqual(page.faults, [])
})
