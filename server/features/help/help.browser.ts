import { expect } from 'chai'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeWorld } from '../../testing/world.ts'

describe('help, in a browser', function () {
  this.timeout(60_000)
  const app = useApp()
  const browser = useBrowser(app)
  before(async () => {
    await makeWorld()
  })

  const helpButton = /Справка по этой странице/

  for (const width of [1280, 390, 320]) {
    it(`opens beside the page and gives the focus back, ${width} px`, async () => {
      const page = await browser.open('instructor', '/journals', {
        width,
        colorScheme: width === 390 ? 'dark' : 'light',
      })
      await expectNothingClipped(page)
      await page.getByRole('link', { name: helpButton }).click()
      const dialog = page.getByRole('dialog', { name: 'Журналы групп' })
      await dialog.getByRole('heading', { name: 'Что здесь можно сделать' }).waitFor()
      await expectAccessible(page)
      await expectNothingClipped(page)
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      expect(await page.evaluate('document.activeElement.getAttribute("href")')).to.equal('/help/topics/journals')
    })
  }

  it('opens by "?" but not while somebody types', async () => {
    const page = await browser.open('instructor', '/journals')
    const search = page.getByLabel('Группа или поток').first()
    const field = (await search.count()) ? search : page.locator('main input[type=search]').first()
    await field.click()
    await page.keyboard.type('?')
    expect(await page.locator('dialog').count()).to.equal(0)
    expect(await field.inputValue()).to.equal('?')
    await page.locator('h1').click()
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await page.getByRole('button', { name: 'Закрыть справку' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('is a page of its own without JavaScript', async () => {
    const page = await browser.open('learner', '/home', { javaScript: false })
    await page.getByRole('link', { name: helpButton }).click()
    expect(await page.locator('h1').textContent()).to.equal('Моё обучение')
    await page.getByRole('link', { name: '«Слушателю»' }).click()
    expect(await page.locator('h1').textContent()).to.equal('Слушателю')
    await page.getByRole('link', { name: 'Справка', exact: true }).first().click()
    expect(await page.locator('h1').textContent()).to.equal('Справка')
  })

  it('is accessible: the index and the longest guide, at the desk and on a phone', async () => {
    for (const width of [1280, 390]) {
      for (const path of ['/help', '/help/guides/installation', '/help/topics/people']) {
        const page = await browser.open('administrator', path, { width })
        await expectAccessible(page)
        await expectNothingClipped(page)
      }
    }
  })
})
