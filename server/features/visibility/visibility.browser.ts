import { expect } from 'chai'
import { setting } from '../../core/settings.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeWorld, type World } from '../../testing/world.ts'

describe('visibility switches, in a browser', function () {
  this.timeout(60_000)
  const app = useApp()
  const browser = useBrowser(app)
  let world: World
  before(async () => {
    world = await makeWorld()
  })

  it('are ticked by the keyboard and without JavaScript', async () => {
    const page = await browser.open('administrator', '/visibility', { javaScript: false })
    await page.getByLabel('Средняя оценка по модулям').focus()
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByText('изменения уже действуют').waitFor()
    expect((await setting('visibility')).shown['employees.visibility.marks']).to.equal(true)
  })

  for (const width of [1280, 390]) {
    it(`are accessible, ${width} px`, async () => {
      for (const path of ['/visibility', `/visibility/cohorts/${world.own.cohort}`]) {
        const page = await browser.open('administrator', path, { width, colorScheme: width === 390 ? 'dark' : 'light' })
        await expectAccessible(page)
        await expectNothingClipped(page)
      }
    })
  }
})
