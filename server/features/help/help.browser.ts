import { expect } from 'chai'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeUser } from '../../testing/builders.ts'
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
    // What was typed into the filter may send it.
    await page.goto('/journals')
    await page.locator('h1').click()
    // Until the script has come the key does nothing.
    for (let time = 0; time < 50 && (await page.getByRole('dialog').count()) === 0; time++) {
      await page.keyboard.press('?')
      await page.waitForTimeout(200)
    }
    await page.getByRole('button', { name: 'Закрыть справку' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('is a page of its own without JavaScript', async () => {
    const page = await browser.open('learner', '/home', { javaScript: false })
    await page.getByRole('link', { name: helpButton }).click()
    expect(await page.locator('h1').textContent()).to.equal('Главная')
    await page.getByRole('link', { name: '«Слушателю»' }).click()
    expect(await page.locator('h1').textContent()).to.equal('Слушателю')
    await page.getByRole('link', { name: 'Справка', exact: true }).first().click()
    expect(await page.locator('h1').textContent()).to.equal('Справка')
  })

  const TOURS = [
    ['learner', '/home', 'learner'],
    ['instructor', '/journals', 'instructor'],
    ['director', '/employees', 'director'],
    ['manager', '/employees', 'manager'],
    ['methodist', '/journals', 'methodist'],
    ['administrator', '/administration', 'administrator'],
  ] as const

  for (const width of [1280, 390]) {
    for (const [login, path, tour] of TOURS) {
      it(`shows the ${tour} around without covering what it points at, ${width} px`, async () => {
        const page = await browser.open(login, `${path}?tour=${tour}`, { width })
        const dialog = page.locator('dialog.tour-step')
        await dialog.waitFor()
        await expectAccessible(page)
        let steps = 0
        for (;;) {
          steps++
          const title = await dialog.locator('h2').textContent()
          expect(await page.evaluate('document.activeElement.id'), title ?? '').to.equal('tour-step-title')
          await page.waitForTimeout(250)
          const [spot, box] = [await page.locator('.tour-spot').boundingBox(), await dialog.boundingBox()]
          if (!spot || !box) throw new Error('nothing is shown')
          const apart =
            box.x >= spot.x + spot.width ||
            box.x + box.width <= spot.x ||
            box.y >= spot.y + spot.height ||
            box.y + box.height <= spot.y
          expect(apart, `${title}: ${JSON.stringify({ spot, box })}`).to.equal(true)
          expect(
            box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= 860,
            title ?? '',
          ).to.equal(true)
          await expectNothingClipped(page)
          const next = dialog.locator('.btn-primary')
          if ((await next.textContent()) === 'Понятно') break
          await next.click()
        }
        expect(steps, 'steps').to.be.within(3, 5)
        await dialog.getByRole('button', { name: 'Понятно' }).click()
        await dialog.waitFor({ state: 'detached' })
        expect(await page.evaluate('document.activeElement.id')).to.equal('main')
        expect(page.url()).to.not.include('tour=')
      })
    }
  }

  it('offers a tour once: ended by Escape it is gone for good, and begins again from the help', async () => {
    await makeUser('newcomer', 'administrator')
    const page = await browser.open('newcomer', '/administration')
    await page.getByRole('button', { name: 'Показать' }).click()
    await page.locator('dialog.tour-step').waitFor()
    const noted = page.waitForResponse((response) => response.url().endsWith('/seen'))
    await page.keyboard.press('Escape')
    expect((await noted).status()).to.equal(200)
    await page.reload()
    await page.locator('h1').waitFor()
    expect(await page.locator('.tour-card').count()).to.equal(0)
    await page.goto('/help')
    await page.getByRole('link', { name: 'Экскурсия для администратора' }).click()
    await page.locator('dialog.tour-step').waitFor()
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
