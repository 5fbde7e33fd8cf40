import { expect } from 'chai'
import { db } from '../../../core/db/index.ts'
import { useApp } from '../../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../../testing/browser.ts'
import {
  makeCohort,
  makeEmployment,
  makeGroup,
  makeModule,
  makeOrganisation,
  makePerson,
  makeProgramme,
  makeUser,
} from '../../../testing/builders.ts'

describe('the people picker in the browser', function () {
  this.timeout(120_000)
  const app = useApp()
  const browser = useBrowser(app)
  let person: number
  let manager: number
  let group: string

  before(async () => {
    await makeUser('admin', 'administrator')
    const school = await makeOrganisation({ name: 'Школа № 1' })
    person = await makePerson({ last_name: 'Подчинённая' })
    const whole = { last_name: 'Королёва', first_name: 'Анна', middle_name: 'Ивановна' }
    manager = await makePerson(whole)
    await makeEmployment(manager, school)
    await makePerson(whole)
    const programme = await makeProgramme()
    const cohort = await makeCohort({ programme_id: programme })
    group = `/cohorts/${cohort}/groups/${await makeGroup(cohort, await makeModule({ programme_id: programme }))}`
  })

  it('chooses one person by keyboard, telling namesakes apart', async () => {
    const page = await browser.open('admin', `/people/${person}/employments/new`)
    await page.locator('[name=organisation]').fill('Школа № 1')
    await page.getByLabel('Должность').fill('учитель')
    const input = page.getByRole('combobox', { name: 'Непосредственный руководитель' })
    await input.focus()
    await page.keyboard.insertText('королева')
    await page.getByRole('option').nth(1).waitFor()
    expect(await input.getAttribute('aria-expanded')).to.equal('true')
    await expectAccessible(page)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/picker-one-1280.png`, fullPage: true })
    const option = page.getByRole('option', { name: 'Школа № 1' })
    for (let press = 0; press < 3 && (await option.getAttribute('aria-selected')) !== 'true'; press++)
      await page.keyboard.press('ArrowDown')
    expect(await input.getAttribute('aria-activedescendant')).to.equal(await option.getAttribute('id'))
    await page.keyboard.press('Enter')
    expect(await input.inputValue()).to.equal('Королёва Анна Ивановна')
    await page.getByText('учитель математики, Школа № 1', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Добавить место работы' }).click()
    await page.getByText('Место работы добавлено').waitFor()
    expect((await db()('employments').where({ person_id: person }).first()).manager_id).to.equal(manager)
  })

  it('takes several and a pasted list, asks who is meant, and names those not found', async () => {
    const page = await browser.open('admin', group, { width: 390 })
    const input = page.getByRole('combobox', { name: 'Кого назначить' })
    await input.focus()
    await page.keyboard.insertText('подчин')
    await page.getByRole('option', { name: 'Подчинённая' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Убрать: Подчинённая' }).waitFor()
    await page.evaluate(`(() => {
      const data = new DataTransfer()
      data.setData('text', 'Королёва Анна Ивановна\\nНеведомая Яна')
      const pasted = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
      document.activeElement.dispatchEvent(pasted)
    })()`)
    const who = page.getByRole('group', { name: 'Кто это: Королёва Анна Ивановна?' })
    await who.getByRole('button').nth(1).waitFor()
    await page.getByText('не найден', { exact: true }).waitFor()
    await expectAccessible(page)
    await expectNothingClipped(page)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/picker-many-390.png`, fullPage: true })
    await page.getByRole('button', { name: 'Назначить', exact: true }).click()
    await page.getByText('Не найден: Неведомая Яна').first().waitFor()
    // What is unclear stays to be chosen, nothing typed is lost.
    await page.getByRole('button', { name: 'Убрать: Неведомая Яна' }).click()
    await page.getByRole('button', { name: 'Убрать: Королёва Анна Ивановна' }).click()
    await page.getByRole('button', { name: 'Назначить', exact: true }).click()
    await page.getByText('Преподаватель назначен').waitFor()
    expect(await db()('grants').where({ source: 'teaching' })).to.have.length(1)
  })

  it('works without a script as an ordinary list', async () => {
    const page = await browser.open('admin', group, { javaScript: false })
    await page.getByLabel('Кого назначить').fill(`Королёва Анна #${manager}`)
    await page.getByRole('button', { name: 'Назначить', exact: true }).click()
    await page.getByText('Преподаватель назначен').waitFor()
  })
})
