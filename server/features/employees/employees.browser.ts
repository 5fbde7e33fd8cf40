import { expect } from 'chai'
import { db, insertRow, toJson } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeGroup, makeLesson, makeMilestone, makeModule, makeOffering, makeTopic } from '../../testing/builders.ts'
import { rebuildAllProgress } from '../progress/rebuild.ts'
import { addLearners, daysAgo, makeTrackingStage, type TrackingStage } from '../tracking/stage.ts'

describe('director’s view in the browser', function () {
  this.timeout(180_000)
  const app = useApp()
  const browser = useBrowser(app)
  let stage: TrackingStage

  before(async () => {
    stage = await makeTrackingStage()
    await addLearners(stage, 12)
    for (const days of [-20, -13, -6]) {
      const lesson_id = await makeLesson(stage.group, days, { state: 'held' })
      const enrolments = await db()('enrolments').select('id')
      const cell = (id: number) => ({
        lesson_id,
        enrolment_id: id,
        attendance: id % 3 ? 'present' : 'absent',
        updated_at: nowUtc(),
      })
      await db()('journal_cells').insert(enrolments.map(({ id }) => cell(id)))
    }
    const credit = { module_id: stage.module, state: 'passed', credited_on: daysAgo(4), updated_at: nowUtc() }
    await db()('module_credits').insert({ enrolment_id: stage.enrolments[0], ...credit })
    const met = stage.enrolments.flatMap((enrolment_id) =>
      [stage.milestones.questionnaire, stage.milestones.route].map((milestone_id) => ({
        ...{ enrolment_id, milestone_id, state: 'done', source: 'manual', updated_at: nowUtc() },
      })),
    )
    await db()('milestone_states').insert(met)
    await db()('cohorts').update({ route_closes_on: null })
    await rebuildAllProgress()
  })

  it('answers at first sight and leads to one employee and to paper', async () => {
    const page = await browser.open('director', '/')
    await page.getByText(/^13 сотрудников учатся, \d+ требуют внимания\.$/).waitFor()
    expect(await page.getByRole('heading', { name: 'Требуют внимания' }).count()).to.equal(1)
    await expectAccessible(page)
    await page.getByLabel('Фамилия или имя').fill('аннина')
    await page.keyboard.press('Enter')
    await page.getByText('1 сотрудник', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Аннина Анна Ивановна' }).click()
    await page.getByRole('heading', { level: 1, name: 'Аннина Анна Ивановна' }).waitFor()
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Печать' }).click()
    await page.getByRole('button', { name: 'Напечатать' }).waitFor()
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Назад' }).click()
    await page.getByRole('heading', { name: 'Журнал сопровождения' }).waitFor()
  })

  it('puts a person with eight modules and long names on one sheet of paper', async () => {
    const long = (text: string) => ({
      title: toJson({ ru: `${text}: подготовка, проведение, разбор и оценка результатов` }),
    })
    const stamps = { created_at: nowUtc(), updated_at: nowUtc() }
    const route_id = await insertRow('learning_routes', {
      enrolment_id: stage.enrolments[0],
      state: 'approved',
      ...stamps,
    })
    for (let number = 2; number <= 8; number++) {
      const module_id = await makeModule({ programme_id: stage.programme, ...long(`Модуль ${number}`) })
      await makeMilestone({
        programme_id: stage.programme,
        kind: 'module_credit',
        module_id,
        due_day_offset: 90,
        ...long('Зачёт'),
      })
      const group = await makeGroup(stage.cohort, module_id)
      for (const name of ['Первая тема', 'Вторая тема', 'Третья тема', 'Четвёртая тема']) {
        const topic_id = await makeTopic({ module_id, ...long(name) })
        const offering_id = await makeOffering(group, topic_id)
        await insertRow('route_choices', {
          route_id,
          topic_id,
          offering_id,
          in_draft: 1,
          in_force: 1,
          created_at: nowUtc(),
        })
      }
    }
    const page = await browser.open('director', `/employees/${stage.enrolments[0]}/print`)
    const pdf = await page.pdf({ preferCSSPageSize: true })
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)).to.have.length(1)
  })

  it('shows only own people, whatever is sorted, filtered or followed', async () => {
    const page = await browser.open('director', '/employees')
    await page.getByRole('link', { name: 'Посещаемость' }).click()
    await page.locator('th[aria-sort="ascending"]', { hasText: 'Посещаемость' }).waitFor()
    expect(await page.getByText('Борисов').count()).to.equal(0)
    await page.goto(`/employees/${stage.enrolments[1]}`)
    await page.getByText('Страница не найдена').first().waitFor()
  })

  it('tells the trend in pictures and in numbers', async () => {
    const page = await browser.open('director', '/employees')
    await page.getByRole('link', { name: 'Динамика' }).click()
    await page.getByRole('img', { name: /Посещаемость по неделям/ }).waitFor()
    expect(await page.locator('.em-chart-attendance .em-bar').count()).to.equal(3)
    const weeks = await page.getByRole('table').getByRole('rowheader').count()
    expect(weeks).to.be.at.least(3)
    await expectAccessible(page)
  })

  it('reads well on a phone, in the dark, and without scripts', async () => {
    for (const path of [
      '/employees',
      `/employees/${stage.enrolments[0]}`,
      '/employees/trend',
      `/employees/${stage.enrolments[0]}/progress`,
    ]) {
      const page = await browser.open('director', path, { width: 390, colorScheme: 'dark' })
      await expectAccessible(page)
      await expectNothingClipped(page)
    }
    const bare = await browser.open('director', '/employees', { javaScript: false })
    await bare.getByLabel('Маршрут', { exact: true }).selectOption('none')
    await bare.getByRole('button', { name: 'Показать' }).click()
    await bare.getByText('13 сотрудников', { exact: true }).waitFor()
  })
})
