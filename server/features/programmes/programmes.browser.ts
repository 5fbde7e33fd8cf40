import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { readyProgrammeFile } from '../../../seeds/ready-programme/index.ts'
import { db, fromJson } from '../../core/db/index.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeCohort, makeEnrolment, makeUser } from '../../testing/builders.ts'
import { type CreatedProgramme, createProgrammeFromFile } from './transfer/create-from-file.ts'

describe('programme builder in the browser', () => {
  const app = useApp()
  const browser = useBrowser(app)
  let made: CreatedProgramme
  let programme: number

  before(async () => {
    made = await createProgrammeFromFile(SYSTEM, readyProgrammeFile(), { state: 'active' })
    programme = made.programmeId
    await makeUser('admin', 'administrator')
    await makeEnrolment(await makeUser('learner'), await makeCohort({ programme_id: programme }))
  })

  const module = (key: string) => made.modules.get(key) as number
  const topic = (key: string) => made.topics.get(key) as number
  const topicsOf = (key: string): Promise<number[]> =>
    db()('topics')
      .where({ module_id: module(key) })
      .orderBy('position')
      .pluck('id')
  const handle = (page: Page, id: number) => page.locator(`.programme-topic[data-id="${id}"] .sortable-handle`)

  async function drag(page: Page, from: number, to: number) {
    // The library is fetched after the list says that it is sortable.
    await page.waitForFunction('globalThis.Sortable')
    await handle(page, to).scrollIntoViewIfNeeded()
    await handle(page, from).scrollIntoViewIfNeeded()
    const [start, end] = [await handle(page, from).boundingBox(), await handle(page, to).boundingBox()]
    await page.mouse.move(start!.x + 8, start!.y + 8)
    await page.mouse.down()
    await page.mouse.move(start!.x + 8, start!.y + 16, { steps: 3 })
    await page.mouse.move(end!.x + 8, end!.y + end!.height - 4, { steps: 12 })
    // The entries close up while one is lifted: wait for that, then go on past the last one's middle.
    await page.waitForTimeout(300)
    await page.mouse.move(end!.x + 8, end!.y + end!.height + 12, { steps: 8 })
    await page.waitForTimeout(300)
    const saved = page.waitForResponse((response) => response.url().endsWith('/order'))
    await page.mouse.up()
    expect((await saved).status()).to.equal(200)
  }

  it('reorders topics by dragging and remembers it', async function () {
    this.retries(2)
    const page = await browser.open('admin', `/programmes/${programme}?open=${module('m2')}`)
    const [first, second, third] = await topicsOf('m2')
    await page.waitForSelector(`#module-${module('m2')} .is-sortable`)
    await drag(page, first!, third!)
    expect((await topicsOf('m2')).slice(0, 3)).to.deep.equal([second, third, first])
    await page.reload()
    const entries = await page.locator(`#module-${module('m2')} .programme-topic`).all()
    const shown = await Promise.all(entries.map(async (entry) => Number(await entry.getAttribute('data-id'))))
    expect(shown).to.deep.equal(await topicsOf('m2'))
  })

  it('reorders by keyboard without moving what lies around', async () => {
    const page = await browser.open('admin', `/programmes/${programme}?open=${module('m3')}`)
    const [first, second] = await topicsOf('m3')
    await page.waitForSelector(`#module-${module('m3')} .is-sortable`)
    const down = page.locator(`.programme-topic[data-id="${first}"] button[value="down"]`)
    await down.focus()
    const saved = page.waitForResponse((response) => response.url().endsWith(`/modules/${module('m3')}/order`))
    await page.keyboard.press('Enter')
    await saved
    expect((await topicsOf('m3')).slice(0, 2)).to.deep.equal([second, first])
    expect(await page.evaluate('document.activeElement.value')).to.equal('down')
    const modules = await db()('modules').where({ programme_id: programme }).orderBy('position').pluck('id')
    expect(modules).to.deep.equal([...made.modules.values()])
    expect(new URL(page.url()).pathname, 'no page was loaded').to.equal(`/programmes/${programme}`)
  })

  it('does all of it without a script', async () => {
    const page = await browser.open('admin', `/programmes/${programme}?open=${module('m4')}`, { javaScript: false })
    const [first, second] = await topicsOf('m4')
    await page.locator(`.programme-topic[data-id="${first}"] button[value="down"]`).click()
    expect(await page.locator(`#module-${module('m4')} details[open]`).count()).to.equal(1)
    expect((await topicsOf('m4')).slice(0, 2)).to.deep.equal([second, first])

    await page.goto(`/modules/${module('m4')}/topics/new`)
    await page.fill('[name="title[ru]"]', 'Тема без сценария')
    await page.fill('[name="description[ru]"]', 'Первый абзац\n\nВторой абзац')
    await page.locator('form.panel button[type="submit"]').click()
    expect(await page.locator('h1').textContent()).to.equal('Тема без сценария')
    expect(await page.locator('.prose p').allTextContents()).to.deep.equal(['Первый абзац', 'Второй абзац'])

    await page.locator('a', { hasText: 'Убрать тему' }).click()
    await page.locator('main button', { hasText: 'Удалить' }).click()
    expect(await page.locator('.notice').first().textContent()).to.include('Тема удалена')
  })

  it('edits a text without markup: words, a heading, a list, a link, a table', async function () {
    // Typing by a machine sometimes overtakes the editor's own redraw.
    this.retries(4)
    const page = await browser.open('admin', `/topics/${topic('m1t1')}/materials/new`)
    await page.fill('[name="title[ru]"]', 'Памятка')
    const text = page.locator('.ProseMirror').first()
    await text.click()
    await page.keyboard.type('Заголовок', { delay: 20 })
    await page.getByRole('button', { name: 'Заголовок', exact: true }).first().click()
    await page.waitForTimeout(120)
    await page.keyboard.press('Enter')
    await page.keyboard.type('Слово ', { delay: 20 })
    await page.keyboard.press('Control+b')
    await page.keyboard.type('важное', { delay: 20 })
    await page.keyboard.press('Control+b')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Список', exact: true }).first().click()
    await page.waitForTimeout(120)
    await page.keyboard.type('раз', { delay: 20 })
    await page.keyboard.press('Enter')
    await page.keyboard.type('два', { delay: 20 })
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Ссылка', exact: true }).first().click()
    await page.waitForTimeout(120)
    await page.getByLabel('Адрес ссылки').fill('school.example')
    await page.getByRole('button', { name: 'Поставить ссылку' }).click()
    await page.waitForTimeout(120)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Таблица', exact: true }).first().click()
    await page.waitForTimeout(120)
    for (const head of ['Слово', 'Значение', 'Пример']) {
      await page.keyboard.type(head, { delay: 20 })
      await page.keyboard.press('Tab')
    }
    await page.getByRole('button', { name: 'Добавить строку' }).first().click()
    await page.waitForTimeout(120)
    await expectAccessible(page)
    await page.locator('form.panel > .button-row button[type="submit"]').click()
    await page.waitForSelector('.material-body')
    const { body } = await db()('materials').orderBy('id', 'desc').first('body')
    const html = fromJson<Record<string, string>>(body, {}).ru as string
    expect(html).to.match(
      /^<h3>Заголовок<\/h3><p>Слово <strong>важное<\/strong><\/p><ul><li>раз<\/li><li>два<\/li><\/ul>/,
    )
    expect(html).to.include('<a href="https://school.example" rel="noopener noreferrer">')
    expect(html.match(/<tr>/g)?.length).to.equal(4)
    await expectAccessible(page)
  })

  it('keeps a text as it was when only something beside it is changed', async () => {
    const before = await db()('materials').orderBy('id').first()
    const page = await browser.open('admin', `/materials/${before.id}/edit`)
    await page.waitForSelector('.ProseMirror table')
    await page.fill('[name="minutes"]', '9')
    await page.locator('form.panel > .button-row button[type="submit"]').click()
    await page.waitForSelector('.material-body')
    const after = await db()('materials').where({ id: before.id }).first()
    expect(after.minutes).to.equal(9)
    expect(after.body).to.equal(before.body)
  })

  it('says whom a change strikes and saves it when that is confirmed', async () => {
    const page = await browser.open('admin', `/milestones/${made.milestones.get('ms1')}/edit`)
    expect(await page.locator('.programme-effects').textContent()).to.include('Изменение увидит 1 слушатель')
    await page.uncheck('[name="required"]')
    await page.locator('form.panel > .button-row button').click()
    await page.goto(`/milestones/${made.milestones.get('ms1')}/edit`)
    await page.check('[name="required"]')
    await page.locator('form.panel > .button-row button').click()
    expect(await page.locator('.error-summary').count(), 'a consequence is no error').to.equal(0)
    expect(await page.locator('[role=alert]').textContent()).to.include('От 1 слушателя потребуется больше')
    await expectAccessible(page)
    await page.check('[name="confirmed"]')
    await page.locator('form.panel > .button-row button').click()
    await page.waitForURL(`**/programmes/${programme}/milestones`)
  })

  it('is read well on a phone and with any pointer: nothing clipped, nothing that axe minds', async () => {
    const paths: [string, string][] = [
      ['admin', '/programmes'],
      ['admin', `/programmes/${programme}?open=all`],
      ['admin', `/topics/${topic('m1t2')}/edit`],
      ['admin', `/programmes/${programme}/route-templates`],
      ['admin', `/modules/${module('m5')}/remove`],
      ['learner', `/modules/${module('m1')}`],
      ['learner', '/materials/1'],
    ]
    for (const [login, path] of paths) {
      for (const width of [390, 1280]) {
        const page = await browser.open(login, path, { width })
        await page.waitForLoadState('networkidle')
        await expectAccessible(page)
        await expectNothingClipped(page)
        await page.context().close()
      }
    }
  })
})
