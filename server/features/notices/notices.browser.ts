import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { notify } from '../../core/notices/index.ts'
import { nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeUser } from '../../testing/builders.ts'

describe('notices in the browser', function () {
  this.timeout(120_000)
  const app = useApp()
  const browser = useBrowser(app)
  let reader: number
  let number = 0

  before(async () => {
    reader = await makeUser('reader', 'learner')
  })

  const tell = (subject: string, text = 'Здравствуйте!\n\nПринесите, пожалуйста, портфолио.') =>
    notify('tracking.reminder', [reader], {
      subject: { type: 'cohort', id: 1 },
      data: { subject, text },
      href: '/profile',
      dedupeKey: `browser-${++number}`,
    })

  it('arrive while a page is open, and are read by keyboard', async () => {
    const page = await browser.open('reader', '/profile')
    const bell = page.getByRole('link', { name: /Уведомления/ }).first()
    await page.waitForTimeout(2600)
    await tell('Завтра зачёт')
    await page.locator('.toast-region').getByText('Завтра зачёт').waitFor()
    await page.getByRole('link', { name: 'Уведомления, непрочитанных: 1' }).waitFor()
    await bell.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Завтра зачёт' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Мой профиль' }).waitFor()
    expect((await db()('people').where({ id: reader }).first()).unread_notices).to.equal(0)
    await page.getByRole('link', { name: 'Уведомления', exact: true }).waitFor()
  })

  it('read well on a desk and on a phone, in the dark', async () => {
    await tell('Очень длинное название, которое на узком экране переносится: подготовка, проведение и разбор занятия')
    await tell('Коротко', 'Да.')
    for (const path of ['/notices', '/notices?show=all', '/profile/notices', '/profile']) {
      for (const options of [{ width: 1280 }, { width: 390, colorScheme: 'dark' as const }, { width: 320 }]) {
        const page = await browser.open('reader', path, options)
        await expectAccessible(page)
        await expectNothingClipped(page)
        await page.close()
      }
    }
  })

  it('show an administrator what became of them', async () => {
    await makeUser('admin', 'administrator')
    const letter = { kind: 'test', language: 'ru', body_text: '', created_at: nowUtc(), next_attempt_at: nowUtc() }
    const failed = {
      state: 'failed',
      attempts: 10,
      error: '550 no such user',
      error_code: 'recipient_refused',
      error_values: '{}',
    }
    const subject = 'Вы зачислены на программу «Сопровождение молодых педагогов в первый год работы»'
    await db()('mail_outbox').insert({ ...letter, ...failed, subject, to_address: 'very.long.address@school.example' })
    for (const options of [{ width: 1280 }, { width: 390, colorScheme: 'dark' as const }, { width: 320 }]) {
      const page = await browser.open('admin', '/deliveries', options)
      await page.getByText('не принял получателя').waitFor()
      await expectAccessible(page)
      await expectNothingClipped(page)
      await page.close()
    }
    const page = await browser.open('admin', '/deliveries')
    await page.getByRole('button', { name: 'Отправить ещё раз' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('1 отправление снова в очереди').waitFor()
  })

  it('are put in an administrator’s own words, seen before they are saved', async () => {
    await makeUser('editor', 'administrator')
    for (const path of ['/notice-texts', '/notice-texts/enrolments.directorEnrolled']) {
      for (const options of [{ width: 1280 }, { width: 390, colorScheme: 'dark' as const }]) {
        const page = await browser.open('editor', path, options)
        await expectAccessible(page)
        await expectNothingClipped(page)
        await page.close()
      }
    }
    const page = await browser.open('editor', '/notice-texts/learning-routes.approved')
    await page.getByRole('textbox', { name: 'русский' }).first().fill('Маршрут принят')
    await page.getByRole('button', { name: 'Показать, что получится' }).click()
    await page.getByText('Тема: Маршрут принят').waitFor()
    await page.getByRole('button', { name: 'Сохранить текст' }).click()
    await page.getByText('Текст уведомления сохранён').waitFor()
  })

  it('are chosen without scripts', async () => {
    const page = await browser.open('reader', '/profile/notices', { javaScript: false })
    await page.getByRole('checkbox', { name: 'Зачисление на программу — По почте' }).uncheck()
    await page.getByRole('radio', { name: 'одним письмом в день' }).check()
    await page.getByLabel('Час, в который').selectOption('9')
    await page.getByRole('button', { name: 'Сохранить настройки' }).click()
    await page.getByText('Настройки уведомлений сохранены').waitFor()
    expect(await page.getByRole('checkbox', { name: 'Зачисление на программу — По почте' }).isChecked()).to.equal(false)
  })
})
