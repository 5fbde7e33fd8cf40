import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGrant,
  makeGroup,
  makeLesson,
  makeMember,
  makeModule,
  makeOrganisation,
  makePerson,
  makeProgramme,
  makeTopic,
  makeUser,
} from '../../testing/builders.ts'

async function expectGood(page: Page) {
  await expectAccessible(page)
  await expectNothingClipped(page)
}
const says = (page: Page, text: string) => page.getByText(text).first().waitFor()

describe('cohorts, in a browser', function () {
  this.timeout(120_000)
  const app = useApp()
  const browser = useBrowser(app)
  let programme: number

  before(async () => {
    programme = await makeProgramme({ title: JSON.stringify({ ru: 'Первые шаги', en: 'First steps' }) })
    for (const title of ['Вход в профессию', 'Занятие']) {
      const module = await makeModule({ programme_id: programme, title: JSON.stringify({ ru: title, en: title }) })
      for (const day_offset of [7, 14]) await makeTopic({ module_id: module, day_offset, capacity: 25 })
    }
    await makeUser('methodist', 'methodist')
    const school = await makeOrganisation({ name: 'Школа № 12' })
    for (let count = 0; count < 6; count++) {
      const id = await makePerson({ login: null, last_name: 'Молодцова', first_name: `Вера${count}` })
      await makeEmployment(id, school, { starts_on: '2026-09-01' })
    }
    await makePerson({ login: null, last_name: 'Наставникова', first_name: 'Нина' })
  })

  it('lead a methodist from an empty list to a cohort that learns', async () => {
    const page = await browser.open('methodist', '/cohorts')
    await expectGood(page)
    await page.getByRole('link', { name: 'Открыть поток' }).first().click()
    await page.getByLabel('Программа').selectOption({ index: 1 })
    await page.getByLabel('Название потока').fill('Осень')
    await page.getByLabel('Начало').fill('2030-09-01')
    await page.getByLabel('Окончание').fill('2030-08-01')
    await page.getByLabel('Групп в каждом модуле').fill('2')
    await page.getByRole('button', { name: 'Открыть поток' }).click()
    await page.locator('#f-endsOn-error').waitFor()
    await expectGood(page)
    await page.getByLabel('Окончание').fill('2031-05-31')
    await page.getByRole('button', { name: 'Открыть поток' }).click()
    await says(page, 'В потоке пока никого нет')
    await expectGood(page)

    await page.getByRole('link', { name: 'Зачислить', exact: true }).click()
    await page.getByLabel('Фамилия, имя или почта').fill('молодц')
    await page.waitForURL('**q=**')
    await expectGood(page)
    const ticked = page.getByRole('button', { name: 'Зачислить отмеченных' })
    await page.locator('#enrol button:disabled').waitFor()
    await page.getByLabel('Выбрать: Молодцова Вера0 Ивановна').check()
    await page.getByLabel('Выбрать: Молодцова Вера1 Ивановна').check()
    await ticked.click()
    await says(page, 'Зачислено 2 человека')
    await page.getByRole('link', { name: 'Зачислить', exact: true }).click()
    await page.getByLabel('Фамилия, имя или почта').fill('молодц')
    await page.waitForURL('**q=**')
    await page.getByRole('button', { name: 'Зачислить всех найденных: 4 человека' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Зачислить всех найденных' }).click()
    await says(page, 'Зачислено 4 человека')
    await expectGood(page)
  })

  it('are worked with by keyboard: a group changed, people withdrawn after a question', async () => {
    const { id } = await db()('cohorts').where({ title: 'Осень' }).first('id')
    const page = await browser.open('methodist', `/cohorts/${id}/people`)
    const withdraw = page.getByRole('button', { name: 'Отчислить' })
    await page.locator('#bulk button[value=withdraw]:disabled').waitFor()
    await page.getByLabel('Выбрать: Молодцова Вера0 Ивановна').focus()
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Перевести в группу' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Перевести в группу' }).waitFor()
    await expectGood(page)
    await page.getByLabel('Новая группа').selectOption('all:2')
    await page.getByRole('button', { name: 'Перевести 1 человека' }).click()
    await says(page, 'Переведён 1 человек')
    await page.getByLabel('Выбрать все строки на странице').check()
    await withdraw.click()
    await page.getByRole('button', { name: 'Отчислить 6 человек' }).click()
    expect(await page.locator('[name=reason]:invalid').count()).to.equal(1)
    await page.getByLabel('Причина').fill('проверка')
    await page.getByRole('button', { name: 'Отчислить 6 человек' }).click()
    await says(page, 'Отчислено 6 человек')
    await page.getByRole('link', { name: 'История' }).click()
    await says(page, 'Причина: проверка')
    await expectGood(page)
  })

  it('have a timetable that is made in one step, and says what clashes', async () => {
    const { id } = await db()('cohorts').where({ title: 'Осень' }).first('id')
    const page = await browser.open('methodist', `/cohorts/${id}/timetable`)
    await expectGood(page)
    await page.getByRole('link', { name: 'Составить расписание' }).first().click()
    await expectGood(page)
    await page.getByLabel('понедельник').check()
    await page.getByRole('button', { name: 'Составить' }).click()
    await says(page, 'Добавлено 8 занятий')
    await expectGood(page)
    const group = await db()('groups').where({ cohort_id: id }).first('id')
    await makeLesson(group.id, 30, { place: 'Зал', title: 'Встреча' })
    await makeLesson(group.id, 30, { place: 'Зал', title: 'Другая встреча' })
    await page.reload()
    await says(page, '1 накладка в расписании')
    await expectGood(page)
    await page.getByRole('link', { name: 'Перенести' }).first().click()
    await expectGood(page)
    await page.getByLabel('Начало').fill('08:00')
    await page.getByLabel('Окончание').fill('09:00')
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await says(page, 'Занятие изменено')
    expect(await page.getByText('накладка в расписании').count()).to.equal(0)
    await page.getByRole('link', { name: 'Темы и места' }).click()
    await expectGood(page)
    await page.locator('tbody a').first().click()
    await expectGood(page)
  })

  it('have groups whose instructor is found and appointed', async () => {
    const { id } = await db()('cohorts').where({ title: 'Осень' }).first('id')
    const page = await browser.open('methodist', `/cohorts/${id}/groups`)
    await expectGood(page)
    await page.getByRole('link', { name: 'Группа 1' }).first().click()
    // The list becomes a picker once its script is there.
    await page.locator('.people-picker-chosen').waitFor({ state: 'attached' })
    await page.getByLabel('Кого назначить').fill('наставн')
    await page.getByRole('option', { name: 'Наставникова' }).click()
    await page.getByRole('button', { name: 'Назначить', exact: true }).click()
    await says(page, 'Преподаватель назначен')
    await says(page, 'Наставникова Нина')
    await expectGood(page)
  })

  describe('on a phone and without scripts', () => {
    let cohort: number
    let enrolment: number

    before(async () => {
      cohort = await makeCohort({ programme_id: programme, title: 'Весна', capacity: 3, taken: 1 })
      const module = await db()('modules').where({ programme_id: programme }).first('id')
      const group = await makeGroup(cohort, module.id)
      enrolment = await makeEnrolment(await makePerson({ login: null, last_name: 'Телефонова' }), cohort)
      await makeMember(group, enrolment)
      const teacher = await makeUser('instructor')
      await makeGrant(teacher, 'instructor', { type: 'group', id: group }, { source: 'teaching', source_id: group })
    })

    it('every page fits and can be read', async () => {
      const page = await browser.open('methodist', '/cohorts', { width: 390 })
      await expectGood(page)
      const paths = [
        '',
        '/people',
        '/groups',
        '/timetable',
        '/history',
        '/enrol',
        '/enrol/list',
        `/people/${enrolment}`,
      ]
      for (const path of paths) {
        await page.goto(`/cohorts/${cohort}${path}`)
        await expectGood(page)
      }
    })

    it('a list is pasted, checked and enrolled; places that do not suffice are said', async () => {
      for (const name of ['Бумажная', 'Списочная', 'Лишняя']) await makePerson({ login: null, last_name: name })
      const page = await browser.open('methodist', `/cohorts/${cohort}/enrol/list`, { width: 390, javaScript: false })
      await page.getByLabel('Список людей').fill('Бумажная\nБумажная А.\nСписочная А.\nЛишняя А.')
      await page.getByRole('button', { name: 'Проверить список' }).click()
      await says(page, 'Не найдена 1 строка')
      await page.getByRole('button', { name: 'Зачислить отмеченных' }).click()
      await says(page, 'В потоке осталось 2 места, выбрано 3')
      await page.getByLabel('Лишняя').uncheck()
      await page.getByRole('button', { name: 'Зачислить отмеченных' }).click()
      await says(page, 'Зачислено 2 человека')
      await page.getByLabel(/Выбрать: Бумажная/).check()
      await page.getByRole('button', { name: 'Приостановить' }).click()
      await page.getByRole('button', { name: 'Приостановить обучение 1 человека' }).click()
      await says(page, 'Обучение приостановлено: 1 человек')
    })

    it('an instructor sees the own group and nothing to change', async () => {
      const page = await browser.open('instructor', '/cohorts', { width: 390 })
      await page.getByRole('link', { name: 'Весна' }).click()
      await expectGood(page)
      await page.getByRole('link', { name: 'Слушатели' }).click()
      await says(page, 'Телефонова')
      expect(await page.getByRole('button', { name: 'Отчислить' }).count()).to.equal(0)
      await expectGood(page)
    })
  })
})
