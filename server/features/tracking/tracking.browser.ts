import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { addLearners, makeTrackingStage, type TrackingStage } from './stage.ts'

describe('tracking journal in the browser', function () {
  this.timeout(180_000)
  const app = useApp()
  const browser = useBrowser(app)
  let stage: TrackingStage

  before(async () => {
    stage = await makeTrackingStage()
    await addLearners(stage, 8)
  })

  const stateOf = async (milestone: number, enrolment = stage.enrolments[0]) =>
    (await db()('milestone_states').where({ enrolment_id: enrolment, milestone_id: milestone }).first())?.state

  it('takes evidence from a learner’s phone and its confirmation from the methodist', async () => {
    const { lesson } = stage.milestones
    const phone = await browser.open('learner', '/my/tracking', { width: 390 })
    const step = phone.locator(`#milestone-${lesson}`)
    await step.getByText('Приложить подтверждение').click()
    await step.getByRole('button', { name: 'Отправить на проверку' }).click()
    await phone.getByText('Напишите, что сделано, дайте ссылку или приложите файл').first().waitFor()
    await step.getByLabel('Что сделано').fill('Урок 12 ноября, отзыв наставника')
    const file = { name: 'отзыв.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%âãÏÓ\n%%EOF') }
    await step.getByLabel('Файл').setInputFiles(file)
    await expectNothingClipped(phone)
    await step.getByRole('button', { name: 'Отправить на проверку' }).click()
    await phone.getByText('Подтверждение отправлено на проверку').waitFor()
    await expectAccessible(phone)
    expect(await stateOf(lesson)).to.equal('submitted')

    const desk = await browser.open('methodist', `/tracking/cohorts/${stage.cohort}?state=submitted`)
    await desk
      .getByRole('row', { name: /Аннина/ })
      .getByRole('link', { name: 'на проверке' })
      .click()
    await desk.getByText('Урок 12 ноября, отзыв наставника').first().waitFor()
    const [download] = await Promise.all([
      desk.context().waitForEvent('page'),
      desk.getByText('отзыв.pdf').click({ modifiers: ['ControlOrMeta'] }),
    ])
    await download.close()
    await expectAccessible(desk)
    await desk.getByRole('button', { name: 'Подтвердить' }).click()
    await desk.getByText('Подтверждено.').waitFor()
    expect(await stateOf(lesson)).to.equal('done')
    await phone.reload()
    await step.getByText('есть', { exact: true }).waitFor()
  })

  it('is confirmed for several at once, by keyboard', async () => {
    const { questionnaire } = stage.milestones
    const page = await browser.open('methodist', `/tracking/cohorts/${stage.cohort}?q=ученица`)
    await page.locator('[data-check-all]').focus()
    await page.keyboard.press('Space')
    await page.getByText('Выбрано 8 строк').waitFor()
    await page.getByLabel('Раздел, который подтверждается').selectOption(String(questionnaire))
    await page.getByRole('button', { name: 'Подтвердить выбранным' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Раздел подтверждён 8 слушателям').waitFor()
    const done = await db()('milestone_states').where({ milestone_id: questionnaire, state: 'done' })
    expect(done).to.have.length(8)
  })

  it('writes to those who are missing something in two clicks', async () => {
    const { questionnaire } = stage.milestones
    const page = await browser.open('methodist', `/tracking/cohorts/${stage.cohort}`)
    await page.getByRole('link', { name: 'Анкета' }).first().click()
    await page.getByRole('link', { name: /Написать 2 слушателям/ }).click()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Отправить письма' }).click()
    await page.getByText('2 письма отправлены').waitFor()
    await app.settle()
    const letters = await db()('mail_outbox').where({ kind: 'tracking.reminder' }).orderBy('to_address')
    expect(letters.map((letter) => letter.to_address)).to.deep.equal(['learner2@example.org', 'learner@example.org'])
    expect(letters[1].body_text).to.include('Анна Ивановна').and.include('Входная анкета')
    expect(await stateOf(questionnaire)).to.equal(undefined)
  })

  it('reads well on a desk and on a phone, in the dark, and without scripts', async () => {
    const grid = `/tracking/cohorts/${stage.cohort}`
    for (const [login, path] of [
      ['methodist', grid],
      ['methodist', `/tracking/enrolments/${stage.enrolments[0]}`],
      ['methodist', `${grid}/print`],
      ['learner', '/my/tracking'],
      ['learner', '/home'],
    ] as const) {
      for (const options of [{ width: 1280 }, { width: 390, colorScheme: 'dark' as const }]) {
        const page = await browser.open(login, path, options)
        await expectAccessible(page)
        if (!path.endsWith('/print')) await expectNothingClipped(page)
      }
    }
    const bare = await browser.open('methodist', grid, { javaScript: false })
    await bare.getByRole('checkbox', { name: 'Выбрать: Борисов Борис' }).check()
    await bare.getByLabel('Основание, одно для всех').fill('Подтверждено на встрече')
    await bare.getByLabel('Раздел, который подтверждается').selectOption(String(stage.milestones.lesson))
    await bare.getByRole('button', { name: 'Подтвердить выбранным' }).click()
    await bare.getByText('Раздел подтверждён 1 слушателю').waitFor()
  })
})
