import { useApp } from '../../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../../testing/browser.ts'
import { makePerson, makeUser } from '../../../testing/builders.ts'

describe('fields that an authority adds, in the browser', function () {
  this.timeout(120_000)
  const app = useApp()
  const browser = useBrowser(app)
  let person: number

  before(async () => {
    await makeUser('admin', 'administrator')
    person = await makePerson({ last_name: 'Полевая' })
  })

  it('are defined and filled in, on a desk and on a phone', async () => {
    const page = await browser.open('admin', '/person-fields/new')
    await page.locator('[name="title[ru]"]').fill('Языки')
    await page.getByLabel('Несколько из списка').check()
    await page.locator('[name="options[new1][ru]"]').fill('Английский')
    await page.locator('[name="options[new2][ru]"]').fill('Татарский')
    await expectAccessible(page)
    await expectNothingClipped(page)
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByText('Поле добавлено').waitFor()
    await expectAccessible(page)
    const phone = await browser.open('admin', `/people/${person}/fields`, { width: 390, colorScheme: 'dark' })
    await phone.getByLabel('Татарский').check()
    await expectAccessible(phone)
    await expectNothingClipped(phone)
    await phone.getByRole('button', { name: 'Сохранить' }).click()
    await phone.getByText('Татарский').waitFor()
    await expectAccessible(phone)
    await expectNothingClipped(phone)
    const list = await browser.open('admin', '/person-fields', { width: 390 })
    await expectAccessible(list)
    await expectNothingClipped(list)
    if (!process.env.SHOTS) return
    await phone.screenshot({ path: `${process.env.SHOTS}/fields-card-390.png`, fullPage: true })
    await list.screenshot({ path: `${process.env.SHOTS}/fields-list-390.png`, fullPage: true })
    await page.screenshot({ path: `${process.env.SHOTS}/fields-list-1280.png`, fullPage: true })
    await page.goto('/person-fields/1')
    await page.screenshot({ path: `${process.env.SHOTS}/fields-form-1280.png`, fullPage: true })
  })
})
