import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { saveSetting } from '../../core/settings.ts'
import { daysAgo } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeCohort, makeEnrolment, makePerson, makeUser } from '../../testing/builders.ts'

const WINDOWS = [{ width: 1280 }, { width: 390, colorScheme: 'dark' as const }, { width: 320 }]

describe('an administrator’s view of people, in the browser', function () {
  this.timeout(180_000)
  const app = useApp()
  const browser = useBrowser(app)
  let learner: number

  before(async () => {
    await makeUser('admin', 'administrator')
    await makeUser('methodist', 'methodist')
    learner = await makePerson({ login: 'learner', last_name: 'Долгорукова-Преображенская' })
    await makeEnrolment(learner, await makeCohort())
  })

  it('leads into another person’s pages and back by keyboard, on any screen', async () => {
    for (const options of WINDOWS) {
      const page = await browser.open('admin', `/people/${learner}`, options)
      const start = page.getByRole('button', { name: 'Посмотреть систему глазами этого человека' })
      await start.focus()
      await page.keyboard.press('Enter')
      await page.getByText('так, как её видит Долгорукова-Преображенская').waitFor()
      await expectAccessible(page)
      await expectNothingClipped(page)
      await page.goto('/profile')
      await page.getByText('так, как её видит').waitFor()
      const save = page.getByRole('button', { name: 'Сохранить' }).first()
      await save.click()
      await page.getByText('изменить здесь ничего нельзя').waitFor()
      await page.getByRole('button', { name: 'Вернуться к себе' }).click()
      await page.waitForURL(`**/people/${learner}`)
      expect(await page.locator('.viewing-bar').count()).to.equal(0)
      await page.close()
    }
  })

  it('shows pages of rights that read well', async () => {
    const { id } = await db()('roles').where({ code: 'methodist' }).first('id')
    for (const path of [
      `/rights/roles/${id}`,
      '/rights/second-step',
      `/rights/why?person=${learner}&object=/people/${learner}`,
    ]) {
      for (const options of WINDOWS) {
        const page = await browser.open('admin', path, options)
        await expectAccessible(page)
        await expectNothingClipped(page)
        await page.close()
      }
    }
  })

  it('shows to who must set up the second step nothing but that', async () => {
    await db()('roles')
      .where({ code: 'methodist' })
      .update({ second_factor_since: daysAgo(50) })
    await db()('grants').update({ created_at: daysAgo(50) })
    for (const options of WINDOWS) {
      const page = await browser.open('methodist', '/cohorts', options)
      await page.getByText('Включите его сейчас').waitFor()
      expect(await page.locator('nav a').count()).to.equal(0)
      await expectAccessible(page)
      await expectNothingClipped(page)
      await page.getByRole('button', { name: 'Выйти' }).waitFor()
      await page.close()
    }
    await db()('roles').update({ second_factor_since: null })
  })

  it('shows settings of channels and what became of notices', async () => {
    await saveSetting('messenger', {
      enabled: true,
      server: 'http://127.0.0.1:9',
      token: '1:a',
      link: 'https://t.me/a',
    })
    for (const path of [
      '/settings',
      '/deliveries?channel=messenger',
      '/deliveries?channel=push&state=waiting',
      '/profile/notices',
    ]) {
      for (const options of WINDOWS) {
        const page = await browser.open('admin', path, options)
        await expectAccessible(page)
        await expectNothingClipped(page)
        await page.close()
      }
    }
    const page = await browser.open('learner', '/profile/notices', { width: 390 })
    await page.locator('#messenger').getByRole('button', { name: 'Подключить' }).click()
    await page.getByText('Код действует 15 минут').waitFor()
    await expectAccessible(page)
    await expectNothingClipped(page)
    await saveSetting('messenger', {})
  })
})
