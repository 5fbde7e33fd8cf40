import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { type Class, makeClass, makeInstructor } from './testing.ts'

/** Physical keys of Russian letters: Playwright knows only the American layout. */
const KEYS: Record<string, string> = { н: 'KeyY', о: 'KeyJ', у: 'KeyE', б: 'Comma', я: 'KeyZ' }

/** Types as a person with a Russian layout does: real key presses, so that the grid sees them. */
async function type(page: Page, text: string) {
  const client = await page.context().newCDPSession(page)
  for (const key of text) {
    const press = { key, text: key, code: KEYS[key] ?? `Digit${key}`, windowsVirtualKeyCode: 65 }
    await client.send('Input.dispatchKeyEvent', { ...press, type: 'keyDown' })
    await client.send('Input.dispatchKeyEvent', { ...press, type: 'keyUp' })
  }
  await client.detach()
}

describe('module journal in the browser', function () {
  this.timeout(120_000)
  const app = useApp()
  const browser = useBrowser(app)
  let own: Class

  beforeEach(async () => {
    own = await makeClass(5, 6)
    const suffix = String(own.group)
    await makeInstructor(`anna${suffix}`, own.group)
    await makeInstructor(`boris${suffix}`, own.group)
  })

  const openGrid = async (who: 'anna' | 'boris', options = {}) => {
    const page = await browser.open(`${who}${own.group}`, `/journals/${own.group}`, options)
    await page.waitForSelector('[data-part="status"]:not([hidden])')
    return page
  }
  const cell = (page: Page, row: number, column: number) =>
    page.locator(`.journal-table tbody tr:nth-child(${row}) > :nth-child(${column + 1})`)
  const shows = async (page: Page, row: number, column: number, text: string) => {
    const deadline = Date.now() + 15_000
    while ((await cell(page, row, column).textContent()) !== text) {
      if (Date.now() > deadline) expect(await cell(page, row, column).textContent()).to.equal(text)
      await page.waitForTimeout(50)
    }
  }
  const status = (page: Page, words: string | RegExp) =>
    page.locator('[data-part="status-text"]', { hasText: words }).waitFor({ timeout: 15_000 })
  const stored = (lesson: number, learner: number) =>
    db()('journal_cells').where({ lesson_id: own.lessons[lesson], enrolment_id: own.enrolments[learner] }).first()

  it('is typed through like a spreadsheet, by keyboard alone', async () => {
    const page = await openGrid('anna')
    // The skip link leads into the page; Tab reaches the grid as one stop.
    await cell(page, 1, 1).focus()
    await type(page, 'н')
    await page.keyboard.press('Enter')
    await type(page, '5')
    await page.keyboard.press('ArrowDown')
    await type(page, 'о4')
    await page.keyboard.press('Tab')
    await page.keyboard.press('y')
    await page.keyboard.press('Shift+Enter')
    await type(page, 'н5')
    await page.keyboard.press('Enter')
    await page.locator('[data-part="reason"]', { hasText: '«н5» не подходит' }).waitFor()
    await page.keyboard.press('Escape')
    await status(page, 'Всё сохранено')
    const written = [await stored(0, 0), await stored(0, 1), await stored(0, 2), await stored(1, 2), await stored(1, 1)]
    expect(written.map((row) => row && [row.attendance, row.mark])).to.deep.equal([
      ...[['absent', null], ['present', 5], ['late', 4], ['absent', null], undefined],
    ])

    await page.keyboard.press('Control+Home')
    await page.keyboard.press('Delete')
    await status(page, 'Всё сохранено')
    expect((await stored(0, 0)).attendance).to.equal('')
    await page.keyboard.press('Control+z')
    await shows(page, 1, 1, 'н')
    await page.keyboard.press('Control+y')
    await shows(page, 1, 1, '')
    await page.keyboard.press('Control+z')
    await status(page, 'Всё сохранено')
    const history = await db()('journal_cell_history').where({ enrolment_id: own.enrolments[0] }).orderBy('id')
    expect(history.map((row) => row.source).at(-1)).to.equal('undo')

    await page.keyboard.press('Escape')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.closest("table")')).to.equal(null)
  })

  it('fills a range, a whole lesson, and what a spreadsheet put on the clipboard', async () => {
    const page = await openGrid('anna')
    await cell(page, 1, 2).click()
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('=')
    await page.keyboard.press('Enter')
    for (const [row, column] of [
      [1, 2],
      [2, 2],
      [1, 3],
      [2, 3],
    ] as const)
      await shows(page, row, column, '+')
    await cell(page, 1, 4).click()
    await page.click('[data-action="column"]')
    await page.click('dialog[open] button[type="submit"]')
    await shows(page, 5, 4, '+')
    await cell(page, 1, 5).click()
    await page.evaluate(`(() => {
      const data = new DataTransfer()
      data.setData('text/plain', 'н\\t5\\r\\nб\\tчушь\\r\\n')
      document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    })()`)
    await shows(page, 2, 5, 'б')
    await page.locator('[data-part="reason"]', { hasText: 'Вставлено 3 ячейки. 1 значение пропущено' }).waitFor()
    await status(page, 'Всё сохранено')
    expect(Number((await db()('journal_cells').whereIn('lesson_id', own.lessons).count('* as n').first())?.n)).to.equal(
      12,
    )
  })

  it('shows each of two people the other’s change, and a true conflict to the later one', async () => {
    const [anna, boris] = [await openGrid('anna'), await openGrid('boris')]
    await cell(anna, 2, 2).click()
    await type(anna, 'н')
    await anna.keyboard.press('Enter')
    await shows(boris, 2, 2, 'н')
    expect(await cell(boris, 2, 2).getAttribute('data-state')).to.equal('remote')
    await cell(boris, 3, 3).click()
    await type(boris, '5')
    await boris.keyboard.press('Enter')
    await shows(anna, 3, 3, '5')

    // Both write into one cell before they hear of each other.
    await anna.context().setOffline(true)
    await cell(anna, 4, 4).click()
    await type(anna, '4')
    await anna.keyboard.press('Enter')
    await status(anna, 'Нет связи. 1 изменение ждёт отправки')
    await cell(boris, 4, 4).click()
    await type(boris, 'б')
    await boris.keyboard.press('Enter')
    await status(boris, 'Всё сохранено')
    await anna.context().setOffline(false)
    const conflict = anna.locator('[data-part="conflicts"] li')
    await conflict.waitFor({ timeout: 15_000 })
    expect(await conflict.innerText()).to.match(/у вас «4».*Тестова.*ставит «б»/s)
    expect((await stored(3, 3)).attendance).to.equal('ill')
    await expectAccessible(anna)
    await conflict.getByRole('button', { name: 'Поставить «4»' }).click()
    await shows(boris, 4, 4, '4')
    await status(anna, 'Всё сохранено')
    const history = await db()('journal_cell_history').where({ enrolment_id: own.enrolments[3] }).orderBy('id')
    expect(history.map((row) => [row.attendance, row.mark])).to.deep.equal([
      ['ill', null],
      ['present', 4],
    ])
  })

  it('catches up after a break in which others wrote, and sends what waited', async () => {
    const [anna, boris] = [await openGrid('anna'), await openGrid('boris')]
    await anna.context().setOffline(true)
    await cell(anna, 1, 1).click()
    await type(anna, '5')
    await anna.keyboard.press('Enter')
    await cell(boris, 5, 5).click()
    await type(boris, 'у')
    await boris.keyboard.press('Enter')
    await status(boris, 'Всё сохранено')
    await anna.context().setOffline(false)
    await shows(boris, 1, 1, '5')
    await shows(anna, 5, 5, 'у')
    await status(anna, 'Всё сохранено')
  })

  it('keeps what was typed when the session has ended, also across a reload, until one is signed in again', async () => {
    const page = await openGrid('anna')
    const cookies = await page.context().cookies()
    await page.context().clearCookies()
    await cell(page, 2, 1).click()
    await type(page, '5')
    await page.keyboard.press('Enter')
    await status(page, 'Вы вышли из системы. 1 изменение не сохранено')
    expect(await page.locator('[data-part="sign-in"]').isVisible()).to.equal(true)
    expect(await stored(0, 1)).to.equal(undefined)
    // Signed in again in another window, then back.
    await page.context().addCookies(cookies)
    await page.evaluate(`dispatchEvent(new Event('focus'))`)
    await status(page, 'Всё сохранено')
    expect((await stored(0, 1)).mark).to.equal(5)

    await page.context().clearCookies()
    await page.keyboard.press('4')
    await page.keyboard.press('Enter')
    await status(page, 'Вы вышли из системы')
    await page.context().addCookies(cookies)
    page.on('dialog', (dialog) => dialog.accept())
    await page.reload()
    await status(page, 'Всё сохранено')
    await shows(page, 3, 1, '4')
    expect((await stored(0, 2)).mark).to.equal(4)
  })

  it('tells what is behind a cell: comment and history', async () => {
    const page = await openGrid('anna')
    await cell(page, 1, 1).click()
    await type(page, '5')
    await page.keyboard.press('Enter')
    await status(page, 'Всё сохранено')
    await cell(page, 1, 1).click()
    await page.keyboard.press('Shift+F2')
    await page.locator('dialog[open] [data-part="history"] li').first().waitFor()
    await expectAccessible(page)
    await page.fill('#journal-comment', 'Хороший <b>конспект</b>')
    await page.click('dialog[open] button[type="submit"]')
    await page.waitForSelector('.journal-noted')
    await status(page, 'Всё сохранено')
    expect((await stored(0, 0)).comment).to.equal('Хороший <b>конспект</b>')
  })

  it('is accessible, fits, and can be read without scripts', async () => {
    const page = await openGrid('anna')
    await expectAccessible(page)
    await expectNothingClipped(page)
    const name = await page.locator('tbody .journal-name a').first().boundingBox()
    expect(name?.height, 'a name is high enough for a finger').to.be.at.least(24)
    const plain = await browser.open(`anna${own.group}`, `/journals/${own.group}`, { javaScript: false })
    expect(await plain.locator('.journal-table tbody tr').count()).to.equal(5)
    await plain.locator('.journal-date a').last().click()
    await plain.locator('input[type="radio"][value="absent"]').first().check()
    await plain.locator('button[type="submit"]', { hasText: 'Сохранить' }).click()
    await plain.getByText('Сохранено: 1 слушатель.').waitFor()
    expect((await stored(5, 0)).attendance).to.equal('absent')
  })

  it('is marked on a phone by large buttons, each saved by itself and seen by others', async () => {
    const grid = await openGrid('boris')
    const phone = await openGrid('anna', { width: 390 })
    await expectNothingClipped(phone)
    await phone.locator('.journal-phone-hint a').tap()
    await phone.locator('.lesson-list').waitFor()
    await expectNothingClipped(phone)
    const learner = phone.locator('.lesson-learner').nth(1)
    await learner.locator('.lesson-button', { has: phone.locator('[value="late"]') }).tap()
    await learner.locator('select').selectOption('4')
    await shows(grid, 2, 6, 'о4')
    await phone.locator('button[name="fillEmpty"]').tap()
    await shows(grid, 5, 6, '+')
    await status(phone, 'Всё сохранено')
    expect((await stored(5, 1)).mark).to.equal(4)
    await expectAccessible(phone)
    const size = await learner.locator('.lesson-button > span').first().boundingBox()
    expect(Math.min(size?.width ?? 0, size?.height ?? 0)).to.be.at.least(44)
  })
})
