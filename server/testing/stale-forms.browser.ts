import { expect } from 'chai'
import { db } from '../core/db/index.ts'
import { useApp } from './app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from './browser.ts'
import { makeOrganisation, makeUser } from './builders.ts'

describe('a form over what someone else saved, in the browser', function () {
  this.timeout(60_000)
  const app = useApp()
  const browser = useBrowser(app)
  let school: number

  before(async () => {
    school = await makeOrganisation({ name: 'Школа № 5' })
    await makeUser('admin', 'administrator')
  })

  for (const width of [1280, 390]) {
    it(`says what is another one now, leads there, and saves, ${width} pixels wide`, async () => {
      const page = await browser.open('admin', `/organisations/${school}/edit`, { width })
      const { version } = await db()('organisations').where({ id: school }).first()
      await db()('organisations')
        .where({ id: school })
        .update({ phone: `+7 900 000-00-0${version}`, version: version + 1 })
      await page.getByLabel('Телефон').fill(`+7 911 111-11-1${version}`)
      await page.getByRole('button', { name: 'Сохранить' }).click()
      const notice = page.getByRole('alert')
      await notice.getByText('Тем временем это изменил кто-то ещё').waitFor()
      expect(await notice.evaluate((element) => element === element.ownerDocument.activeElement)).to.equal(true)
      await expectAccessible(page)
      await expectNothingClipped(page)
      await notice.getByRole('link', { name: 'Телефон' }).click()
      const phone = page.getByLabel('Телефон')
      expect(await phone.evaluate((element) => element === element.ownerDocument.activeElement)).to.equal(true)
      expect(await phone.inputValue()).to.equal(`+7 911 111-11-1${version}`)
      await page.getByRole('button', { name: 'Сохранить' }).click()
      await page.waitForURL(new RegExp(`/organisations/${school}$`))
      expect((await db()('organisations').where({ id: school }).first()).phone).to.include('911')
    })
  }
})
