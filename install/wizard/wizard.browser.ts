import { expect } from 'chai'
import type { Page } from 'playwright-core'
import type { TestApp } from '../../server/testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../server/testing/browser.ts'
import { freePort } from '../../server/testing/mariadb.ts'
import {
  ADMINISTRATOR,
  AUTHORITY,
  cleanUp,
  makeDatabase,
  makeDataFolder,
  readKey,
  type Started,
  startProgram,
} from '../testing.ts'

const next = (page: Page) => page.locator('.setup-foot button').first().click()
const notice = (page: Page) => page.locator('[data-result] .notice-heading')

async function expectGood(page: Page) {
  await expectAccessible(page)
  await expectNothingClipped(page)
}

describe('wizard, in a browser', function () {
  this.timeout(180_000)
  // The browser's helper wants an application of this process; the wizard runs in one of its own.
  const app = { url: '' } as TestApp
  const browser = useBrowser(app)
  after(cleanUp)

  async function start(folder: string): Promise<Started> {
    const program = await startProgram(folder)
    app.url = program.url
    return program
  }

  it('leads a newcomer from a wrong key over every mistake to the running system', async () => {
    const folder = makeDataFolder()
    const database = await makeDatabase('browser')
    const access = database.answers as Record<string, unknown>
    await database.query?.(`CREATE DATABASE {db}; CREATE TABLE {db}.somebody_elses (id INT)`)
    const first = await start(folder)
    let page = await browser.open(null, '/')
    await page.locator('#f-key').fill('AAAA-BBBB-CCCC-DDDD-EEEE')
    await page.getByRole('button', { name: 'Начать установку' }).click()
    await page.locator('#f-key-error').waitFor()
    await expectGood(page)
    await page.locator('#f-key').fill(readKey(folder))
    await page.getByRole('button', { name: 'Начать установку' }).click()
    await page.waitForURL('**/setup/machine')
    await expectGood(page)
    await next(page)

    await page.waitForURL('**/setup/database')
    await page.getByLabel('MySQL или MariaDB').check()
    await page.locator('#f-host').fill(String(access.host))
    await page.locator('#f-port').fill(String(await freePort()))
    await page.locator('#f-user').fill(String(access.user))
    await page.locator('#f-password').fill('wrong password')
    await page.getByRole('button', { name: 'Проверить подключение' }).click()
    await notice(page).filter({ hasText: 'выключен' }).waitFor()
    await expectGood(page)
    // Corrected and left, the field is tried by itself.
    await page.locator('#f-port').fill(String(access.port))
    await page.locator('#f-port').press('Tab')
    await notice(page).filter({ hasText: 'пароль не подходят' }).waitFor()
    expect(await page.locator('#f-password').getAttribute('aria-invalid')).to.equal('true')
    await page.locator('#f-password').fill(String(access.password))
    await page.locator('#f-database').fill(String(access.database))
    await page.locator('#f-database').press('Tab')
    await notice(page).filter({ hasText: 'somebody_elses' }).waitFor()
    await next(page)
    await page.locator('#f-database-error').waitFor()
    await expectGood(page)
    await database.query?.('DROP TABLE {db}.somebody_elses')
    await page.locator('#f-password').fill(String(access.password))
    await next(page)

    await page.waitForURL('**/setup/authority')
    await next(page)
    await page.locator('#f-name-error').waitFor()
    await page.locator('#f-name').fill(AUTHORITY.name)
    await page.locator('#f-timeZone').selectOption(AUTHORITY.timeZone)
    await expectGood(page)
    await next(page)
    await page.waitForURL('**/setup/administrator')

    // The machine loses power here; the wizard goes on at the same step.
    await first.stop('SIGKILL')
    const second = await start(folder)
    page = await browser.open(null, `/setup?key=${readKey(folder)}`, { width: 390 })
    await page.waitForURL('**/setup/administrator')
    await page.locator('#f-email').fill('sokolova')
    await page.locator('#f-email').press('Tab')
    await page.locator('#f-email-error').waitFor()
    expect(await page.locator('#f-lastName-error').count(), 'fields not yet reached stay quiet').to.equal(0)
    const { lastName, firstName, middleName, email, login, password } = ADMINISTRATOR
    for (const [name, value] of Object.entries({ lastName, firstName, middleName, email, login, password })) {
      await page.locator(`#f-${name}`).fill(value)
    }
    await page.locator('#f-passwordAgain').fill(password)
    await expectGood(page)
    await next(page)
    await page.waitForURL('**/setup/mail')
    await expectGood(page)
    await page.getByRole('button', { name: 'Настроить позже' }).click()
    await page.waitForURL('**/setup/content')
    await expectGood(page)
    await next(page)
    await page.waitForURL('**/setup/finish')
    await expectGood(page)
    await next(page)
    await page.getByRole('heading', { name: 'Интеграл установлен' }).waitFor()
    await expectGood(page)
    await page.getByRole('link', { name: 'Войти' }).click()
    await page.locator('#f-login').fill(login)
    await page.locator('#f-password').fill(password)
    await page.locator('main button[type=submit]').click()
    await page.waitForURL((url) => url.pathname !== '/sign-in')
    const gone = await page.goto('/setup')
    expect(gone?.status()).to.equal(404)
    // Its scripts come yet.
    await page.waitForLoadState('networkidle')
    await second.stop()
    await database.drop()
  })

  it('works without JavaScript, in English, by keyboard', async () => {
    const folder = makeDataFolder()
    const program = await start(folder)
    const page = await browser.open(null, `/setup?key=${readKey(folder)}`, { javaScript: false })
    await page.getByRole('button', { name: 'English' }).click()
    expect(new URL(page.url()).pathname).to.equal('/setup/machine')
    const submit = async () => {
      await page.locator('.setup-foot button').first().focus()
      await page.keyboard.press('Enter')
    }
    await submit()
    await page.getByLabel('Embedded (SQLite)').check()
    await page.getByRole('button', { name: 'Test the connection' }).focus()
    await page.keyboard.press('Enter')
    await notice(page).filter({ hasText: 'empty and ready' }).waitFor()
    await submit()
    await page.getByLabel('Education authority or school').fill('School 5')
    await submit()
    await page.getByLabel('Last name').fill('Smith')
    await page.getByLabel('First name').fill('Ann')
    await page.getByLabel('E-mail').fill('ann@school.example')
    await page.getByLabel('Password', { exact: false }).first().fill('four unrelated words here')
    await page.getByLabel('Password once more').fill('four unrelated words here')
    await submit()
    await page.getByRole('button', { name: 'Set up later' }).click()
    await page.getByLabel('Empty system').check()
    await submit()
    await page.getByRole('heading', { name: 'Ready to install' }).waitFor()
    await submit()
    await page.getByRole('heading', { name: 'Integral is installed' }).waitFor()
    await program.stop()
  })
})
