import { expect } from 'chai'
import { toJson } from '../../core/db/index.ts'
import { rebuildSearch } from '../../core/search/index.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { makeOrganisation, makePerson, makeProgramme, makeUser } from '../../testing/builders.ts'

describe('search in the browser', function () {
  this.timeout(120_000)
  const app = useApp()
  const browser = useBrowser(app)
  let maria: number

  before(async () => {
    await makeUser('admin', 'administrator')
    const name = { login: null, middle_name: 'Константиновна' }
    maria = await makePerson({ ...name, last_name: 'Преображенская', first_name: 'Мария' })
    await makePerson({ ...name, last_name: 'Преображенская', first_name: 'Ярославна' })
    const long = 'Муниципальное бюджетное общеобразовательное учреждение имени Преображенского'
    await makeOrganisation({ name: long, address: 'улица Преображенская, дом 7' })
    await makeProgramme({
      title: toJson({ ru: 'Программа преображения школы', en: 'School' }),
      description: toJson({ ru: `<p>${'О преображении много слов. '.repeat(40)}</p>` }),
    })
    await rebuildSearch()
  })

  it('is reached by / and by Ctrl+K from everywhere, and a suggestion is opened by arrows and Enter', async () => {
    const page = await browser.open('admin', '/organisations')
    const box = page.getByRole('combobox', { name: 'Что найти' })
    await page.locator('.search-list').waitFor({ state: 'attached' })
    await page.keyboard.press('/')
    expect(await page.evaluate('document.activeElement.id')).to.equal('search-header')
    await page.keyboard.type('преображенская мар')
    const option = page.getByRole('option', { name: /Преображенская Мария/ })
    await option.waitFor()
    expect(await box.getAttribute('aria-expanded')).to.equal('true')
    await expectAccessible(page)
    await page.keyboard.press('ArrowDown')
    expect(await option.getAttribute('aria-selected')).to.equal('true')
    expect(await box.getAttribute('aria-activedescendant')).to.equal(await option.getAttribute('id'))
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/people/${maria}`)

    await page.locator('.search-list').waitFor({ state: 'attached' })
    await page.keyboard.press('Control+k')
    expect(await page.evaluate('document.activeElement.id')).to.equal('search-header')
    await page.keyboard.type('преображ')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('Escape')
    expect(await box.getAttribute('aria-expanded')).to.equal('false')
    expect(await box.inputValue()).to.equal('преображ')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/search?q=*')
    await page.getByRole('heading', { level: 2, name: 'Люди' }).waitFor()
  })

  it('leaves a slash in a field of a form to the field', async () => {
    const page = await browser.open('admin', '/organisations/new')
    const name = page.locator('input[name=name]')
    await name.focus()
    await page.keyboard.type('а/б')
    expect(await name.inputValue()).to.equal('а/б')
  })

  it('shows all results from the list by a click, too', async () => {
    const page = await browser.open('admin', '/organisations')
    await page.getByRole('combobox', { name: 'Что найти' }).fill('преображенская')
    await page.getByRole('option', { name: 'Все результаты' }).click()
    await page.waitForURL('**/search?q=*')
    await page.getByRole('link', { name: /Учреждения/ }).click()
    await page.getByRole('link', { name: /Муниципальное/ }).waitFor()
  })

  it('works without JavaScript', async () => {
    const page = await browser.open('admin', '/organisations', { javaScript: false })
    await page.getByRole('searchbox', { name: 'Что найти' }).fill('ghtj,hf;tyb')
    await page.keyboard.press('Enter')
    await page.getByText('показано найденное по словам «преображени»').waitFor()
    await page.getByRole('link', { name: 'Программа преображения школы' }).waitFor()
  })

  it('reads well on a desk and on a phone, in the dark', async () => {
    for (const path of [
      '/search',
      '/search?q=преображение',
      '/search?q=преображенская&kind=person',
      '/search?q=щщщщ',
    ]) {
      for (const options of [{ width: 1280 }, { width: 390, colorScheme: 'dark' as const }, { width: 320 }]) {
        const page = await browser.open('admin', path, options)
        await expectAccessible(page)
        await expectNothingClipped(page)
        await page.close()
      }
    }
  })

  it('suggests on a phone from its own page, where the sign of the header leads', async () => {
    const page = await browser.open('admin', '/organisations', { width: 390, colorScheme: 'dark' })
    await page.getByRole('link', { name: 'Поиск' }).click()
    await page.getByRole('combobox', { name: 'Что найти' }).fill('преображ')
    await page.getByRole('option').first().waitFor()
    await expectAccessible(page)
    await expectNothingClipped(page)
    await page.getByRole('option', { name: /Преображенская Мария/ }).tap()
    await page.waitForURL(`**/people/${maria}`)
  })
})
