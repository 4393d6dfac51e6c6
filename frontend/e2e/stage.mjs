// What the browser tests share: the real program with its simulated switch, and a browser.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflateRawSync } from 'node:zlib'
import { chromium } from 'playwright-core'

const here = fileURLToPath(new URL('.', import.meta.url))
export const program = process.env.E2E_PROGRAM ?? join(here, '..', '..', 'waihu')
export const pictures = process.env.E2E_PICTURES ?? ''
export const password = 'a password for tests'
const limit = 15_000

export function chromiumPath() {
  const names = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  const found = names.find((n) => n && existsSync(n))
  if (!found) throw new Error('no Chromium: run make setup, or name one in CHROMIUM')
  return found
}

/** Starts `waihu demo` on a free port, or on the given one, with a folder of its own or that of a former start. */
export async function start({ folder = mkdtempSync(join(tmpdir(), 'waihu-e2e-')), port = 0, speed = 10, numbers = 400, callers = 0, agents = 0, more = [] } = {}) {
  const report = join(folder, 'switch-report.json')
  const args = ['demo', '--addr', `127.0.0.1:${port}`, '--data', folder, '--report', report, '--speed', String(speed), '--numbers', String(numbers), '--callers', String(callers), '--agents', String(agents), ...more]
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, WAIHU_DEMO_PASSWORD: password, WAIHU_LANG: 'en' } })
  let printed = ''
  const ended = new Promise((done) => child.once('exit', done))
  const url = await new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error(`not ready in time:\n${printed}`)), 60_000)
    child.once('error', fail)
    child.stderr.on('data', (d) => { printed += d })
    child.stdout.on('data', (d) => {
      printed += d
      const m = /ready: (http:\S+)/.exec(printed)
      if (m) { clearTimeout(late); done(m[1]) }
    })
    ended.then((code) => { clearTimeout(late); fail(new Error(`ended with ${code}:\n${printed}`)) })
  })
  return {
    url, folder, port: Number(new URL(url).port), child,
    printed: () => printed,
    /** What the simulated switch sees now, once it fits; it writes its report anew when the file is gone. */
    async seen(fits, what, limit = 10_000) {
      for (const until = Date.now() + limit; ;) {
        rmSync(report, { force: true })
        while (!existsSync(report)) await new Promise((done) => { setTimeout(done, 20) })
        const seen = JSON.parse(readFileSync(report, 'utf8'))
        if (fits(seen)) return seen
        if (Date.now() > until) throw new Error(`the switch never saw ${what}: ${JSON.stringify({ channels: seen.channels, muted: seen.muted, watched: seen.watched }, null, 1)}`)
      }
    },
    /** Ends the program orderly and reads what the simulated switch saw. */
    async stop() {
      child.kill('SIGINT')
      await ended
      return JSON.parse(readFileSync(report, 'utf8'))
    },
    /** Ends it as a power cut does. */
    async kill() { child.kill('SIGKILL'); await ended },
    clean() { rmSync(folder, { recursive: true, force: true }) },
  }
}

export const launch = () => chromium.launch({
  executablePath: chromiumPath(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-quic', '--no-first-run', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
})

/** A page of a fresh browser profile; faults collects what went wrong in the page's own code. */
export async function open(browser, url, { language = 'en', dark = false, width = 1366, height = 768 } = {}) {
  const context = await browser.newContext({ locale: language, timezoneId: 'Asia/Shanghai', colorScheme: dark ? 'dark' : 'light', viewport: { width, height }, acceptDownloads: true, baseURL: url })
  context.setDefaultTimeout(limit)
  const page = await context.newPage()
  page.faults = []
  page.on('pageerror', (e) => page.faults.push(String(e)))
  return page
}

export async function logIn(page, login = 'admin', word = password) {
  await page.goto('/login')
  await page.fill('#login', login)
  await page.fill('#password', word)
  await page.click('button[type=submit]')
  await page.waitForURL((u) => !u.pathname.startsWith('/login'))
}

export const by = (page, name) => page.locator(`[data-test="${name}"]`)

/** Chooses the option of an Element Plus select that holds the text. */
export async function choose(page, name, text) {
  const box = by(page, name)
  const clickable = box.locator('.el-select__wrapper')
  await ((await clickable.count()) ? clickable : box).first().click()
  const option = page.locator('.el-select-dropdown__item:visible', { hasText: text }).first()
  await option.click()
  await page.keyboard.press('Escape')
}

/** Chooses it unless the form has done so already. */
export async function ensure(page, name, text) {
  await by(page, name).waitFor()
  if (!((await by(page, name).textContent()) ?? '').includes(text)) await choose(page, name, text)
}

/** Goes on in the wizard to the step of that number, from 1. */
export async function step(page, number) {
  await by(page, 'next').click()
  await page.locator('.el-step__head.is-process .el-step__icon-inner', { hasText: String(number) }).waitFor()
}

/** Waits until the locator's text fits; the error tells what it was. */
export async function reads(locator, want, timeout = limit) {
  const until = Date.now() + timeout
  let text = ''
  for (;;) {
    text = (await locator.first().textContent({ timeout }).catch(() => '')) ?? ''
    if (want.test(text)) return text
    if (Date.now() > until) throw new Error(`reads ${JSON.stringify(text)}, want ${want}`)
    await locator.page().waitForTimeout(100)
  }
}

/** Serious faults of accessibility that axe finds in the page. What fades in or out is looked at again when it stands still:
 *  a fault that stays is one. rules names those that are looked for, else all are. */
export async function axe(page, rules) {
  let faults = []
  for (let round = 0; round < 4; round++) {
    await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined))))
    faults = await axeNow(page, rules)
    if (faults.length === 0) break
    await page.waitForTimeout(500)
  }
  return faults
}

async function axeNow(page, rules) {
  // The page's own policy forbids inline scripts; the debugger's evaluation is not bound by it.
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
  const { violations } = await page.evaluate((only) => globalThis.axe.run(document, { resultTypes: ['violations'], ...(only && { runOnly: only }) }), rules)
  return violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`)
}

export async function picture(page, name) {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) })
}

/** Rows of a CSV file with quotes and a byte-order mark. */
export function rowsOf(text) {
  const rows = [[]]
  let cell = '', quoted = false
  for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length; i++) {
    const c = text[i]
    if (quoted) {
      if (c !== '"') cell += c
      else if (text[i + 1] === '"') { cell += '"'; i++ } else quoted = false
    } else if (c === '"') quoted = true
    else if (c === ',') { rows.at(-1).push(cell); cell = '' }
    else if (c === '\n') { rows.at(-1).push(cell); cell = ''; rows.push([]) }
    else if (c !== '\r') cell += c
  }
  if (cell || rows.at(-1).length) rows.at(-1).push(cell)
  else rows.pop()
  const [head, ...body] = rows
  return body.map((r) => Object.fromEntries(head.map((h, i) => [h, r[i]])))
}

/** Rows of the first sheet of an XLSX file, which is a ZIP of XML; only what an export writes is understood. */
export function sheetRows(bytes) {
  const part = (name) => {
    const end = bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1')
    for (let at = bytes.readUInt32LE(end + 16), i = bytes.readUInt16LE(end + 10); i > 0; i--) {
      const [size, length, extra, note, local] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32), bytes.readUInt32LE(at + 42)]
      if (bytes.toString('utf8', at + 46, at + 46 + length) === name) {
        const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
        const data = bytes.subarray(from, from + size)
        return (bytes.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data)).toString('utf8')
      }
      at += 46 + length + extra + note
    }
    return ''
  }
  const plain = (xml) => xml.replace(/<[^>]*>/g, '').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;|&apos;/g, "'").replace(/&amp;/g, '&')
  const shared = [...part('xl/sharedStrings.xml').matchAll(/<si>([\s\S]*?)<\/si>/g)].map((m) => plain(m[1]))
  const cell = (kind, xml) => (/\bt="s"/.test(kind) ? shared[Number(plain(xml))] : plain(xml))
  const [head, ...body] = [...part('xl/worksheets/sheet1.xml').matchAll(/<row\b[^>]*>([\s\S]*?)<\/row>/g)]
    .map((r) => Object.fromEntries([...r[1].matchAll(/<c r="([A-Z]+)\d+"([^>]*?)(?:\/>|>([\s\S]*?)<\/c>)/g)].map((c) => [c[1], cell(c[2], c[3] ?? '')])))
  return body.map((r) => Object.fromEntries(Object.entries(head).map(([column, name]) => [name, r[column] ?? ''])))
}

/** The texts of the interface in a language: words('en')('results.csv'). */
export function words(language) {
  return (key) => {
    const [file, ...path] = key.split('.')
    const all = JSON.parse(readFileSync(join(here, '..', 'src', 'i18n', language, `${file}.json`), 'utf8'))
    const text = path.reduce((o, k) => o?.[k], all)
    if (typeof text !== 'string') throw new Error(`${language} has no text ${key}`)
    return text
  }
}
