import { expect } from 'chai'
import { translator } from '../i18n/index.ts'
import { renderView } from './view.ts'

const frame = {
  t: translator('ru'),
  lang: 'ru',
  page: { csrf: 'token', path: '/', languages: [{ code: 'ru', label: 'русский' }] },
}
const field = (field: object) => renderView('shared/field', { ...frame, field })

describe('views', () => {
  it('print what people typed escaped, in parts of parts too', async () => {
    const table = {
      caption: 'x',
      columns: [{ label: 'x' }],
      rows: [{ cells: [{ person: { name: '<img onerror=1>', href: '/' } }] }],
    }
    const html = await renderView('shared/table', { ...frame, table })
    expect(html).to.include('&lt;img onerror=1&gt;').and.not.include('<img')
  })

  it('keep the options of one part from another', async () => {
    const html = await renderView('shared/alert', {
      ...frame,
      alert: { kind: 'info', text: 'x', actions: [{ href: '/a', label: 'Дальше' }] },
    })
    expect(html.match(/role="img"/g), 'only the sign of the alert is named').to.have.length(1)
  })

  it('tie hint and error to their field', async () => {
    const form = { values: { hours: '9999' }, errors: { hours: 'Не больше 1000' }, summary: [] }
    const html = await field({
      name: 'hours',
      label: 'Часы',
      type: 'number',
      hint: 'Академические',
      required: true,
      form,
    })
    expect(html).to.match(/<label[^>]*for="f-hours"/)
    expect(html).to.match(
      /<input[^>]*id="f-hours"[^>]*value="9999"[^>]*aria-describedby="f-hours-hint f-hours-error"[^>]*aria-invalid="true"[^>]* required/,
    )
    expect(html).to.include('id="f-hours-error"').and.include('Не больше 1000')
  })

  it('take value and error of a translated field by language', async () => {
    const form = { values: { title: { ru: 'Основы', en: '' } }, errors: { 'title.en': 'Too long' }, summary: [] }
    const page = {
      ...frame.page,
      languages: [
        { code: 'ru', label: 'русский' },
        { code: 'en', label: 'English' },
      ],
    }
    const html = await renderView('shared/translated-field', {
      ...frame,
      page,
      translatedField: { name: 'title', label: 'Название', form },
    })
    expect(html).to.match(/name="title\[ru\]" id="f-title-ru" value="Основы"/)
    expect(html).to.match(/name="title\[en\]" id="f-title-en" value=""[^>]*aria-invalid="true"/)
    const summary = await renderView('shared/form-errors', {
      ...frame,
      formErrors: [{ field: 'title.en', message: 'Too long' }],
    })
    expect(summary).to.include('href="#f-title-en"')
  })

  it('never print a password back', async () => {
    expect(await field({ name: 'password', type: 'password', label: 'Пароль', value: 'secret' })).not.to.include(
      'secret',
    )
  })

  it('keep the first empty line of a long text', async () => {
    expect(await field({ name: 'note', type: 'textarea', label: 'x', value: '\nвторая' })).to.include(
      '>\n\nвторая</textarea>',
    )
  })
})
