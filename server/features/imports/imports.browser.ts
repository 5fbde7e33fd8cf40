import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeOrganisation, makeUser } from '../../testing/builders.ts'
import { csvBytes } from './testing.ts'

const HEAD = ['№ п/п', 'ФИО', 'Дата рождения', 'Должность', 'Образовательное учреждение', 'Дата приёма', 'E-mail']
const LINES = [
  ['Список педагогических работников'],
  HEAD,
  ['1', 'ТИТОВА АННА ДМИТРИЕВНА', '23.03.1996', 'учитель', 'Школа № 5', '01.09.2024', 'anna@school.example.org'],
  ['2', 'Зайцева Вера Олеговна', '31.02.1990', 'учитель', 'Школа № 5', '01.09.2024', 'vera@school.example.org'],
  ['3', 'Белова Юлия Алексеевна', '01.02.1990', 'учитель', 'Школа № 5', '01.09.2024', 'belova(at)school.example.org'],
  ['', 'Итого: 3 человека'],
]

describe('an import in the browser', function () {
  this.timeout(120_000)
  const app = useApp()
  const browser = useBrowser(app)

  before(async () => {
    await makeUser('admin', 'administrator')
    await makeOrganisation({ name: 'Школа № 5' })
  })

  const file = (lines: string[][]) => ({ name: 'список.csv', mimeType: 'text/csv', buffer: csvBytes(lines) })
  const good = async (page: Page) => {
    await expectAccessible(page)
    await expectNothingClipped(page)
  }

  it('goes from the file to people by mouse, mending what is wrong on the way', async () => {
    const page = await browser.open('admin', '/people')
    await page.getByRole('link', { name: 'Загрузить' }).click()
    await page.getByRole('link', { name: 'Загрузить список' }).first().click()
    await good(page)
    await page.getByLabel('Файл со списком').setInputFiles(file(LINES))
    await page.getByRole('button', { name: 'Открыть файл' }).click()
    await page.waitForURL(/\/columns$/)
    await good(page)
    expect(await page.getByLabel('Что в столбце «ФИО»').inputValue()).to.equal('fullName')
    expect(await page.getByLabel('Что в столбце «№ п/п»').inputValue()).to.equal('')
    await page.getByRole('button', { name: 'Проверить список' }).click()
    await page.getByText('не загрузится', { exact: true }).first().waitFor()
    await good(page)
    await page.getByRole('button', { name: 'Принять 1 предложенное исправление' }).click()
    await page.getByRole('button', { name: 'Добавить 2 человека' }).waitFor()
    await page.getByLabel('Дата рождения').fill('28.02.1990')
    await page.getByRole('button', { name: 'Сохранить исправления и проверить снова' }).click()
    await page.getByRole('link', { name: 'Все строки' }).waitFor()
    await page.getByRole('link', { name: 'Все строки' }).click()
    await good(page)
    await page.getByRole('link', { name: 'Замечания' }).click()
    await page.getByRole('button', { name: 'Добавить 3 человека' }).click()
    await page.waitForURL(/\/done$/)
    await good(page)
    await page.getByText('Люди загружены').waitFor()
    expect(await db()('people').where({ source: 'import' })).to.have.length(3)
  })

  it('asks where everybody works when no column says it, on the desk and on the phone', async () => {
    const bare = [
      ['ФИО', 'Должность', 'E-mail'],
      ['Котова Ирина Львовна', 'логопед', 'kotova@school.example.org'],
    ]
    for (const width of [1280, 390]) {
      const page = await browser.open('admin', '/imports/new', { width })
      await page.getByLabel('Файл со списком').setInputFiles(file(bare))
      await page.getByRole('button', { name: 'Открыть файл' }).click()
      const employer = page.getByLabel('Где работают все из этого списка')
      await employer.pressSequentially('школа')
      await page.locator('datalist option[value="Школа № 5"]').waitFor({ state: 'attached' })
      await employer.fill('Школа № 5')
      await good(page)
      await page.getByRole('button', { name: 'Проверить список' }).click()
      await page.getByText('Место работы для всех: Школа № 5').waitFor()
      await page.getByRole('button', { name: 'Добавить 1 человека' }).waitFor()
      await good(page)
    }
  })

  it('goes through all steps on a phone without JavaScript', async () => {
    const page = await browser.open('admin', '/imports/new', { width: 390, javaScript: false })
    const changed = LINES.map((cells) => cells.map((cell) => (cell === 'учитель' ? 'методист' : cell)))
    await page
      .getByLabel('Файл со списком')
      .setInputFiles(file(changed.filter((cells) => cells[1] !== 'Зайцева Вера Олеговна')))
    await page.getByRole('button', { name: 'Открыть файл' }).click()
    await expectNothingClipped(page)
    await page.getByRole('button', { name: 'Проверить список' }).click()
    await untilShown(page, 'Изменить данные 1 человека')
    await expectNothingClipped(page)
    await page.getByRole('button', { name: 'Изменить данные 1 человека' }).click()
    await untilShown(page, 'Люди загружены')
    await expectNothingClipped(page)
    const [anna] = await db()('employments as e')
      .join('people as p', 'p.id', 'e.person_id')
      .join('positions as s', 's.id', 'e.position_id')
      .where({ email_folded: 'anna@school.example.org' })
      .select('s.name')
    expect(anna.name).to.equal('методист')
  })

  /** Presses "refresh" as long as the work goes on. */
  async function untilShown(page: Page, text: string) {
    for (let round = 0; round < 100 && !(await page.getByText(text).count()); round++) {
      await page.getByRole('link', { name: 'Обновить' }).click()
      await page.waitForTimeout(200)
    }
    expect(await page.getByText(text).count(), text).to.be.greaterThan(0)
  }
})
