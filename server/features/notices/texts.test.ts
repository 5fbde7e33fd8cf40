import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { hasText, LANGUAGES, translator } from '../../core/i18n/index.ts'
import { notify } from '../../core/notices/index.ts'
import { sayNotice, wordsOf } from '../../core/notices/kinds.ts'
import { setting } from '../../core/settings.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { fieldsOf } from '../../testing/forms.ts'
import { variablesOf, wordedKinds } from './text-service.ts'

const KIND = 'learning-routes.returned'
const PATH = `/notice-texts/${KIND}`

describe('texts of notices', () => {
  const app = useApp()
  let admin: TestClient
  let reader: number

  before(async () => {
    await makeUser('admin', 'administrator')
    reader = await makeUser('reader')
    admin = await app.signedIn('admin')
  })

  const english = { title: 'Back to you', text: 'Your route in {{programme}} came back.' }
  const typed = (ru: { title: string; text: string }, version = 0) => ({
    version,
    title: { ru: ru.title, en: english.title },
    text: { ru: ru.text, en: english.text },
  })
  const own = { title: 'Нужна доработка', text: 'Маршрут «{{programme}}» у вас.\r\n\r\nМетодист пишет: {{comment}}' }
  const say = async (data: object, language = 'ru') => {
    await setting('noticeTexts')
    return sayNotice(KIND, { programme: { ru: 'Старт', en: 'Start' }, ...data }, wordsOf(language, 'UTC'))
  }

  it('have an example of everything that can be inserted, in every language', () => {
    const missing = wordedKinds().flatMap(([, kind]) =>
      variablesOf(kind).flatMap((name) =>
        LANGUAGES.filter((language) => !hasText(`notices.example.${name}`, language)).map((language) => [
          language,
          name,
        ]),
      ),
    )
    expect(missing).to.deep.equal([])
    expect(translator('ru')('notices.example.comment')).to.be.a('string')
  })

  it('are listed, changed for both languages, and said in the new words at once', async () => {
    expect((await admin.get('/notice-texts')).text)
      .to.include('Маршрут возвращён на доработку')
      .and.include(PATH)
    expect((await admin.post(PATH, typed(own))).location).to.equal(PATH)
    expect(await say({ comment: 'Добавьте тему' })).to.deep.equal({
      title: 'Нужна доработка',
      text: 'Маршрут «Старт» у вас.\n\nМетодист пишет: Добавьте тему',
    })
    // A paragraph that has nothing to say is left out, as with the system's own words.
    expect((await say({})).text).to.equal('Маршрут «Старт» у вас.')
    expect((await say({}, 'en')).text).to.equal('Your route in Start came back.')
    await notify(KIND, [reader], {
      subject: { type: 'enrolment', id: 1 },
      data: { programme: { ru: 'Старт' } },
      href: '/profile',
      dedupeKey: 'texts',
    })
    expect((await (await app.signedIn('reader')).get('/notices')).text).to.include('Нужна доработка')
    const event = await db()('domain_events').where({ type: 'noticeTextChanged' }).first()
    expect(event.data).to.include('Нужна доработка').and.include(KIND)
  })

  it('are shown before they are saved, and not saved by that', async () => {
    const shown = await admin.post(PATH, {
      ...typed({ title: 'Проба', text: 'О «{{programme}}» <b>' }, 1),
      preview: '1',
    })
    expect(shown.status).to.equal(200)
    expect(shown.text).to.include('Тема: Проба').and.include('О «Первый год в школе» &lt;b&gt;')
    expect((await say({})).title).to.equal('Нужна доработка')
  })

  it('are refused when they are empty or name what nobody fills', async () => {
    const wrong = await admin.post(PATH, typed({ title: ' ', text: 'Здравствуйте, {{director}}' }, 1))
    expect(wrong.status).to.equal(422)
    expect(wrong.text).to.include('Такой вставки нет: director').and.include('Здравствуйте, {{director}}')
    expect((await admin.post(PATH, { version: 1, title: 'x', text: { toString: 'y' } })).status).to.equal(422)
    expect((await admin.get('/notice-texts/tracking.reminder')).status).to.equal(404)
    expect((await admin.get('/notice-texts/no.such')).status).to.equal(404)
  })

  it('of two editors keep both: the second sees what the first has made of them', async () => {
    const late = await admin.post(PATH, typed({ title: 'Моё', text: 'Моё' }, 0))
    expect(late.status).to.equal(409)
    expect(late.text).to.include('Моё').and.include('Нужна доработка').and.include('name="version" value="1"')
    const kinds = ['learning-routes.approved', 'enrolments.enrolled']
    const both = await Promise.all(
      kinds.map((kind) => admin.post(`/notice-texts/${kind}`, typed({ title: 'Оба', text: 'Оба {{programme}}' }))),
    )
    expect(both.map(({ status }) => status)).to.deep.equal([303, 303])
    const all = await setting('noticeTexts')
    expect(Object.keys(all).sort()).to.deep.equal([...kinds, KIND].sort())
  })

  it('come back as they were', async () => {
    expect((await admin.get(PATH)).text).to.include('Вернуть исходный текст')
    await admin.post(`${PATH}/reset`)
    expect((await say({})).title).to.equal('Маршрут возвращён на доработку')
    const form = (await admin.get(PATH)).text
    expect(form).to.not.include('Вернуть исходный текст')
    // What is saved as it was is not kept: the system's own words may get better.
    expect((await admin.post(PATH, fieldsOf(form, PATH, 'version'))).status).to.equal(303)
    expect((await setting('noticeTexts'))[KIND]?.texts).to.deep.equal({})
  })
})
