import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeRouteLearner, makeRouteWorld, placesOf, type RouteWorld } from './route-world.ts'

/** What the keyboard is on, as a screen reader would name it. */
const ACTIVE_NAME = `document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim()`

describe('learning-routes: the constructor in a browser', function () {
  this.timeout(60_000)
  const app = useApp()
  const browser = useBrowser(app)
  let world: RouteWorld
  let count = 0

  before(async () => {
    world = await makeRouteWorld({ minHours: 12 })
  })

  async function open(options: Parameters<typeof browser.open>[2] = {}, query = '') {
    const login = `hand${++count}`
    const enrolment = await makeRouteLearner(world, login)
    const page = await browser.open(login, `/learning-routes/${enrolment}${query}`, options)
    return { page, enrolment, login }
  }

  const tile = (page: Page, topic: keyof RouteWorld['topics']) => page.locator(`#topic-${world.topics[topic]}`)
  const choose = (page: Page, topic: keyof RouteWorld['topics']) =>
    tile(page, topic)
      .getByRole('button', { name: /Выбрать/ })
      .click()
  const chosen = (page: Page, topic: keyof RouteWorld['topics']) =>
    page.waitForSelector(`#topic-${world.topics[topic]}.is-chosen`)

  it('lets a route be made by mouse without leaving the page, and undone at once', async () => {
    const { page } = await open()
    await page.evaluate('window.stayed = true')
    await choose(page, 'first')
    await chosen(page, 'first')
    expect(await page.locator('.lr-hours strong').innerText()).to.equal('8')
    await page.locator('#route-live', { hasText: 'место за вами' }).waitFor({ state: 'attached' })
    await page.locator('.lr-toast').getByRole('button', { name: 'Отменить' }).click()
    await page.waitForSelector(`#topic-${world.topics.first}.is-open`)
    // The whole tile is the button, and Ctrl+Z takes the step back.
    await tile(page, 'first').locator('.lr-tile-title').click()
    await chosen(page, 'first')
    await page.keyboard.press('Control+z')
    await page.waitForSelector(`#topic-${world.topics.first}.is-open`)
    expect(await page.evaluate('window.stayed')).to.equal(true)
  })

  it('says how many hours are needed, and that the draft saves itself only where it does', async () => {
    const { page } = await open()
    expect(await page.locator('.lr-hours').innerText()).to.match(/^\d+\s*ч, нужно не меньше 12$/)
    expect(await page.locator('[data-save-state]').isVisible()).to.equal(true)
    const { page: bare } = await open({ javaScript: false })
    expect(await bare.locator('[data-save-state]').isVisible()).to.equal(false)
  })

  it('takes a topic that is dragged into the route, and only there', async () => {
    const { page } = await open()
    await tile(page, 'first').dragTo(page.locator('#own-items'))
    await page.waitForTimeout(300)
    expect(await page.locator(`#topic-${world.topics.first}.is-chosen`).count()).to.equal(0)
    await tile(page, 'first').dragTo(page.locator('#route-summary'))
    await chosen(page, 'first')
  })

  it('can be used with the keyboard alone, from the first topic to sending', async () => {
    const { page, enrolment } = await open()
    const press = async (name: RegExp) => {
      for (let presses = 0; presses < 80; presses++) {
        await page.keyboard.press('Tab')
        const label = await page.evaluate(ACTIVE_NAME)
        if (name.test(String(label))) return page.keyboard.press('Enter')
      }
      throw new Error(`${name} cannot be reached by keyboard`)
    }
    await press(/Выбрать тему «Тема first»/)
    await chosen(page, 'first')
    // "Choose" has become "remove" under the keyboard: one can go on, or take it back.
    expect(await page.evaluate(ACTIVE_NAME)).to.equal('Убрать тему «Тема first»')
    await press(/Выбрать тему «Тема other»/)
    await chosen(page, 'other')
    await press(/^Отправить на согласование$/)
    await page.waitForURL(/learning-routes\/\d+(#.*)?$/)
    await page.waitForSelector('text=На согласовании')
    expect(await db()('learning_routes').where({ enrolment_id: enrolment }).first()).to.include({ state: 'submitted' })
  })

  it('leads from what is missing to its place, and shows the other faces without leaving', async () => {
    const { page } = await open()
    await choose(page, 'first')
    await chosen(page, 'first')
    await page.locator('.lr-steps a').nth(1).click()
    expect(await page.evaluate('document.activeElement?.id')).to.equal(`module-${world.modules[1]}`)
    await page.getByRole('link', { name: 'Лента времени' }).click()
    await page.waitForSelector('.lr-timeline')
    expect(page.url()).to.include('face=timeline')
    const headings = await page.locator('main :is(h1, h2, h3)').allInnerTexts()
    expect(headings, 'no heading twice').to.have.length(new Set(headings).size)
    const cut = `[...document.querySelectorAll('.lr-step-title')].filter((title) => title.scrollWidth > title.clientWidth).length`
    expect(await page.evaluate(cut), 'titles of modules that are cut').to.equal(0)
    await page.getByRole('link', { name: 'Список' }).click()
    await page.waitForSelector('.lr-table')
    await page.goBack()
    await page.waitForSelector('.lr-timeline')
    await page.locator('.lr-steps a').nth(0).click()
    await page.waitForSelector('.lr-map')
  })

  it('says kindly that the last place has just gone, and shows the map as it is now', async () => {
    const { page } = await open()
    await db()('offerings').where({ id: world.offerings.scarce }).update({ capacity: 1, taken: 1 })
    await choose(page, 'scarce')
    await page.waitForSelector('.lr-toast')
    expect(await page.locator('.lr-toast p').innerText())
      .to.include('только что заняли')
      .and.include('Тема other')
    await page.waitForSelector(`#topic-${world.topics.scarce}.is-shut`)
    await db()('offerings').where({ id: world.offerings.scarce }).update({ capacity: 10, taken: 0 })
  })

  it('says that nothing was saved when the connection is lost, and saves when it is back', async () => {
    const { page } = await open()
    await page.route('**/choose', (route) => route.fulfill({ status: 408, contentType: 'text/plain', body: '' }))
    await choose(page, 'first')
    await page.waitForSelector('[data-save-state].is-failed')
    expect(await page.locator('[data-save-state]').innerText()).to.include('Не сохранено')
    await page.unroute('**/choose')
    await page.locator('.lr-toast').getByRole('button', { name: 'Повторить' }).click()
    await chosen(page, 'first')
    expect(await page.locator('[data-save-state]').innerText()).to.include('Всё сохранено')
  }).timeout(60_000)

  it('shows one module at a time on a phone, with the summary at the foot', async () => {
    const { page } = await open({ width: 390 })
    expect(await page.locator('.lr-module:visible').count()).to.equal(1)
    await choose(page, 'first')
    await chosen(page, 'first')
    expect(await page.locator('.lr-bar').innerText()).to.include('8 ч, нужно не меньше 12')
    await page.locator('.lr-module:visible').getByRole('link', { name: 'Дальше' }).click()
    await page.waitForSelector(`#module-${world.modules[1]}:visible`)
    expect(await page.locator('.lr-module:visible').count()).to.equal(1)
    await choose(page, 'other')
    await chosen(page, 'other')
    expect(await page.locator(`#module-${world.modules[1]}`).isVisible()).to.equal(true)
    await page.locator('.lr-bar').getByRole('button', { name: 'Отправить на согласование' }).click()
    await page.waitForSelector('text=На согласовании')
  })

  for (const width of [320, 390, 768, 1280])
    it(`fits a window of ${width} pixels in every face`, async () => {
      const { page, enrolment } = await open({ width })
      for (const face of ['map', 'timeline', 'list']) {
        await page.goto(`/learning-routes/${enrolment}?face=${face}`)
        await expectNothingClipped(page)
      }
    })

  it('is worth the same without JavaScript: a plain form, on the desk and on the phone', async () => {
    for (const width of [1280, 390]) {
      const { page, enrolment } = await open({ javaScript: false, width })
      const before = await placesOf(world.offerings.first)
      await choose(page, 'first')
      await page.waitForURL(/#topic-/)
      expect(await tile(page, 'first').isVisible()).to.equal(true)
      expect((await placesOf(world.offerings.first)).taken).to.equal(before.taken + 1)
      await page.goto(`/learning-routes/${enrolment}#module-${world.modules[1]}`)
      await choose(page, 'other')
      await page.locator('#route-summary').getByRole('button', { name: 'Отправить на согласование' }).click()
      expect(await page.locator('main').innerText()).to.include('На согласовании')
    }
  })

  it('has nothing that axe complains about, in every face and on the phone', async () => {
    const { page, enrolment, login } = await open()
    await choose(page, 'first')
    await chosen(page, 'first')
    await expectAccessible(page)
    for (const path of ['?face=timeline', '?face=list', '/own-items/new', '/print', '/versions']) {
      await page.goto(`/learning-routes/${enrolment}${path}`)
      await expectAccessible(page)
    }
    await expectAccessible(await browser.open(login, `/learning-routes/${enrolment}`, { width: 390 }))
    await expectAccessible(await browser.open(login, `/learning-routes/${enrolment}`, { colorScheme: 'dark' }))
  })

  it('breaks no word letter by letter on the printed sheet in the low-vision version', async () => {
    const { page, enrolment } = await open()
    await page.getByRole('button', { name: 'Версия для слабовидящих' }).click()
    await page.goto(`/learning-routes/${enrolment}/print`)
    const broken = await page.evaluate<string[]>(`[...document.querySelectorAll('.lr-table thead th')]
      .filter((head) => head.scrollWidth > head.clientWidth || head.clientHeight > 60)
      .map((head) => head.textContent)`)
    expect(broken).to.deep.equal([])
  })
})
