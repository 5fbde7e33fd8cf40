import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect } from 'chai'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { TestApp } from './app.ts'
import { chromiumProgram } from './needs.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

type PageOptions = {
  /** Width of the window in CSS pixels; below 700 it is a phone with touch. Default 1280. */
  width?: number
  /** Default true; false shows what a page is worth by itself. */
  javaScript?: boolean
  colorScheme?: 'light' | 'dark'
}

export type TestBrowser = {
  /** A new window of its own, signed in as this login (null: a visitor), at this path. */
  open: (login: string | null, path: string, options?: PageOptions) => Promise<Page>
}

/** A refused page, and a connection or a server that a test cut, are expected; all else on the console is a fault. */
const isExpected = (text: string) =>
  /Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_INTERNET_DISCONNECTED)/.test(text) ||
  /WebSocket connection to .* failed: .*ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED)/.test(text)

/**
 * A real browser for the tests of one file: call it inside `describe`, after `useApp()`. A test fails when one of its pages
 * throws, complains on the console, or breaks the content security policy.
 */
export function useBrowser(app: TestApp): TestBrowser {
  let browser: Browser
  let contexts: BrowserContext[] = []
  let faults: string[] = []

  before(async () => {
    const executablePath = process.env.INTEGRAL_TEST_CHROMIUM ?? chromiumProgram()
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  })

  afterEach(async () => {
    const found = faults
    await Promise.all(contexts.map((context) => context.close()))
    contexts = []
    faults = []
    expect(found, 'faults in the browser').to.deep.equal([])
  })

  after(() => browser?.close())

  async function open(login: string | null, path: string, options: PageOptions = {}): Promise<Page> {
    const width = options.width ?? 1280
    const phone = width < 700
    const context = await browser.newContext({
      baseURL: app.url,
      viewport: { width, height: phone ? 780 : 860 },
      isMobile: phone,
      hasTouch: phone,
      javaScriptEnabled: options.javaScript ?? true,
      colorScheme: options.colorScheme ?? 'light',
      locale: 'ru-RU',
    })
    contexts.push(context)
    if (login !== null) await context.addCookies(cookiesOf((await app.signedIn(login)).cookie, app.url))
    const page = await context.newPage()
    page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`))
    page.on('console', (message) => {
      const text = message.text()
      if (['error', 'warning'].includes(message.type()) && !isExpected(text)) faults.push(`${page.url()}: ${text}`)
    })
    await page.goto(path)
    return page
  }
  return { open }
}

const cookiesOf = (header: string, url: string) =>
  header.split('; ').map((pair) => {
    const at = pair.indexOf('=')
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url }
  })

type AxeResult = { violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[] }

/** Fails with the places and reasons when axe finds anything on the page (WCAG 2.2 A and AA, good practice). */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axeSource)
  const result = (await page.evaluate(
    `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
  )) as AxeResult
  const found = result.violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  )
  expect(found, `axe on ${page.url()}`).to.deep.equal([])
}

/** Fails when the page is wider than the window: something is clipped or pushes the page aside. */
export async function expectNothingClipped(page: Page): Promise<void> {
  const excess = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  expect(excess, `${page.url()} is wider than its window, by pixels`).to.equal(0)
}
