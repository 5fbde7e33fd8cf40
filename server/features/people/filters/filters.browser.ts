import { expect } from 'chai'
import { db } from '../../../core/db/index.ts'
import { authorityToday } from '../../../core/settings.ts'
import { addDays } from '../../../core/time.ts'
import { useApp } from '../../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../../testing/browser.ts'
import { makeEmployment, makeOrganisation, makePerson, makeUser } from '../../../testing/builders.ts'

describe('filters over people in the browser', function () {
  this.timeout(120_000)
  const app = useApp()
  const browser = useBrowser(app)

  before(async () => {
    await makeUser('admin', 'administrator')
    const garden = await makeOrganisation({ name: 'Сад № 5', kind: 'kindergarten' })
    await makeEmployment(await makePerson({ last_name: 'Новенькая' }), garden, {
      starts_on: addDays(authorityToday(), -3),
    })
    await makeEmployment(await makePerson({ last_name: 'Давняя' }), garden, { starts_on: '2015-09-01' })
  })

  it('are built by keyboard: conditions appear in place, the number of people follows', async () => {
    const page = await browser.open('admin', '/people/filters/new')
    const count = page.locator('[data-filter-count]')
    const first = page.getByLabel('Условие 1: о чём')
    await first.focus()
    // Arrow by arrow: the page waits until the choice is made.
    for (let press = 0; press < 20 && (await first.inputValue()) !== 'work.organisation'; press++)
      await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Tab')
    const organisation = page
      .getByRole('textbox', { name: 'Значение' })
      .or(page.getByRole('combobox', { name: 'Значение' }))
    await organisation.first().waitFor()
    await organisation.first().fill('Сад № 5')
    await count.filter({ hasText: 'Подходят 2 человека' }).waitFor()
    await page.getByRole('button', { name: 'Добавить условие' }).focus()
    await page.keyboard.press('Enter')
    // The new condition has the cursor.
    await page.waitForFunction("document.activeElement?.getAttribute('name') === 'row[0-1][field]'")
    await page.getByLabel('Условие 2: о чём').selectOption('work.startsOn')
    await page.getByLabel('Условие 2: как сравнить').selectOption('lastDays')
    await count.filter({ hasText: 'Подходит 1 человек' }).waitFor()
    await expectAccessible(page)
    await page.getByLabel('Название').fill('Новые в саду')
    await page.getByRole('button', { name: 'Сохранить' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Фильтр сохранён').waitFor()
    await page.getByRole('link', { name: 'Новенькая' }).waitFor()
    expect(await page.getByText('Давняя').count()).to.equal(0)
    expect(await db()('saved_filters').where({ name: 'Новые в саду' })).to.have.length(1)
    await page.goto('/people/filters')
    await expectAccessible(page)
  })

  it('fit a phone in the dark, and are built there without a script', async () => {
    const options = { width: 390, colorScheme: 'dark', javaScript: false } as const
    const page = await browser.open('admin', '/people/filters/new', options)
    await page.getByLabel('Условие 1: о чём').selectOption('work.organisationKind')
    await page.getByRole('button', { name: 'Обновить' }).click()
    await page.getByLabel('Детский сад').check()
    await page.getByRole('button', { name: 'Добавить группу условий' }).click()
    await page.getByLabel('Условие 1: о чём').last().selectOption('work.startsOn')
    await page.getByRole('button', { name: 'Обновить' }).click()
    await page.getByLabel('Значение').last().fill('2020-01-01')
    await page.getByLabel('Название').fill('Без скрипта')
    await expectNothingClipped(page)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/builder-390.png`, fullPage: true })
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByText('Новенькая').first().waitFor()
    expect(await page.getByText('Давняя').count()).to.equal(0)
    const wide = await browser.open('admin', '/people/filters/1', { width: 390, colorScheme: 'dark' })
    await expectAccessible(wide)
    await expectNothingClipped(wide)
    if (process.env.SHOTS) {
      await wide.screenshot({ path: `${process.env.SHOTS}/builder-js-390.png`, fullPage: true })
      const desk = await browser.open('admin', '/people/filters/1')
      await desk.screenshot({ path: `${process.env.SHOTS}/builder-1280.png`, fullPage: true })
      await desk.goto('/people?filter=1')
      await desk.screenshot({ path: `${process.env.SHOTS}/people-1280.png`, fullPage: true })
      await desk.goto('/people/filters')
      await desk.screenshot({ path: `${process.env.SHOTS}/filters-1280.png`, fullPage: true })
    }
  })
})
