import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeOrganisation, makeUser } from '../../testing/builders.ts'

const look = (page: Page) =>
  page.locator('html').evaluate((html) => ({ ...(html as unknown as { dataset: Record<string, string> }).dataset }))

describe('the frame of every page, in a browser', () => {
  const app = useApp()
  const browser = useBrowser(app)

  before(async () => {
    await makeUser('admin', 'administrator')
    for (const name of ['Школа № 1', 'Детский сад № 17 «Солнышко» общеразвивающего вида'])
      await makeOrganisation({ name })
  })

  for (const width of [1280, 390, 320]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`is accessible and clips nothing at ${width} px, ${colorScheme}`, async () => {
        for (const [login, path] of [
          [null, '/sign-in'],
          ['admin', '/organisations'],
          ['admin', '/organisations/new'],
        ] as const) {
          const page = await browser.open(login, path, { width, colorScheme })
          await expectAccessible(page)
          await expectNothingClipped(page)
        }
      })
    }
  }

  it('changes language, colours and text size without JavaScript, and stays on its page', async () => {
    const page = await browser.open(null, '/sign-in', { javaScript: false })
    await page.getByRole('button', { name: 'English' }).click()
    expect(await page.locator('html').getAttribute('lang')).to.equal('en')
    expect(new URL(page.url()).pathname).to.equal('/sign-in')
    await page.locator('summary', { hasText: 'Appearance' }).click()
    await page.getByRole('button', { name: 'Dark' }).click()
    expect((await look(page)).bsTheme).to.equal('dark')
    await page.getByRole('button', { name: 'Low-vision version' }).click()
    await page.getByRole('button', { name: 'Dark blue on light blue' }).click()
    await page.getByRole('button', { name: 'Largest' }).click()
    expect(await look(page)).to.include({ visionScheme: 'blue', visionSize: '3' })
    await page.getByRole('button', { name: 'Standard version' }).last().click()
    expect(await look(page)).not.to.have.property('visionSize')
  })

  it('is accessible in the low-vision version, at its largest, on a phone too', async () => {
    for (const width of [1280, 390]) {
      const page = await browser.open('admin', '/organisations', { width })
      await page.getByRole('button', { name: 'Версия для слабовидящих' }).click()
      for (const choice of ['Огромный', 'Широкий', 'Белым по чёрному']) {
        await page.getByRole('button', { name: choice }).click()
        await page.waitForLoadState()
      }
      await expectAccessible(page)
      await expectNothingClipped(page)
    }
  })

  it('changes the theme at once and remembers it', async () => {
    const page = await browser.open('admin', '/organisations')
    await page.locator('summary.header-person').click()
    const saved = page.waitForResponse((response) => response.url().endsWith('/preferences'))
    await page.getByRole('button', { name: 'Тёмное' }).click()
    expect((await look(page)).bsTheme).to.equal('dark')
    await saved
    await page.reload()
    expect((await look(page)).bsTheme).to.equal('dark')
  })

  it('is used by keyboard: skip link, menu, Escape', async () => {
    const page = await browser.open('admin', '/organisations')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).to.equal('main')
    const menu = page.locator('summary.header-person')
    await menu.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Выйти' }).waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('button', { name: 'Выйти' }).isVisible()).to.equal(false)
    expect(await menu.evaluate((summary) => summary === summary.ownerDocument.activeElement)).to.equal(true)
  })

  it('leads from the summary of a refused form to the field', async () => {
    const page = await browser.open('admin', '/organisations/new')
    await page.getByRole('button', { name: 'Добавить учреждение' }).click()
    const summary = page.locator('.error-summary')
    await summary.waitFor()
    await expectAccessible(page)
    expect(await summary.getByRole('link').first().textContent()).to.match(/^Полное наименование: /)
    await summary.getByRole('link').first().click()
    const field = page.locator('#f-name')
    expect(await field.evaluate((input) => input === input.ownerDocument.activeElement)).to.equal(true)
    expect(await field.getAttribute('aria-describedby')).to.include('f-name-error')
  })

  it('asks before a form with changes is left', async () => {
    const page = await browser.open('admin', '/organisations/new')
    await page.locator('#f-name').fill('Начатое')
    const asked = new Promise<string>((resolve) =>
      page.once('dialog', async (dialog) => {
        resolve(dialog.type())
        await dialog.dismiss()
      }),
    )
    await page.getByRole('link', { name: 'Отмена' }).click({ noWaitAfter: true })
    expect(await asked).to.equal('beforeunload')
    expect(await page.locator('#f-name').inputValue()).to.equal('Начатое')
  })

  it('prints black on white without the frame, whatever the screen wears', async () => {
    const page = await browser.open('admin', '/organisations', { colorScheme: 'dark' })
    await page.getByRole('button', { name: 'Версия для слабовидящих' }).click()
    await page.getByRole('button', { name: 'Белым по чёрному' }).click()
    await page.waitForLoadState()
    await page.emulateMedia({ media: 'print' })
    const ink = await page.evaluate(
      '(() => { const { color, backgroundColor } = getComputedStyle(document.body); return [color, backgroundColor] })()',
    )
    expect(ink).to.deep.equal(['rgb(0, 0, 0)', 'rgb(255, 255, 255)'])
    for (const part of ['.app-header', '.side-nav', '.vision-bar', '.filter-bar']) {
      expect(await page.locator(part).isVisible(), part).to.equal(false)
    }
    expect(await page.locator('.data-table').isVisible()).to.equal(true)
  })

  it('turns a table into cards on a phone, each value with its name', async () => {
    const page = await browser.open('admin', '/organisations', { width: 390 })
    const [display, name] = await page.evaluate<[string, string]>(`(() => {
      const row = document.querySelector('.data-table tbody tr')
      return [getComputedStyle(row).display, getComputedStyle(row.querySelector('td'), '::before').content]
    })()`)
    expect(display).to.equal('grid')
    expect(name).to.equal('"Тип"')
  })
})
