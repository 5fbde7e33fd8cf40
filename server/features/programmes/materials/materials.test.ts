import { expect } from 'chai'
import sharp from 'sharp'
import { db, fromJson } from '../../../core/db/index.ts'
import { useApp } from '../../../testing/app.ts'
import { makeCohort, makeEnrolment, makeModule, makeProgramme, makeTopic, makeUser } from '../../../testing/builders.ts'
import type { TestClient } from '../../../testing/client.ts'

const article = {
  kind: 'article',
  title: { ru: 'План первого месяца' },
  body: { ru: 'Первый абзац\n\nВторой' },
  minutes: 7,
}

describe('materials', () => {
  const app = useApp()
  let instructor: TestClient
  let learner: TestClient
  let stranger: TestClient
  let topic: number

  before(async () => {
    const programme = await makeProgramme()
    const module = await makeModule({ programme_id: programme })
    topic = await makeTopic({ module_id: module })
    await makeUser('instructor', 'instructor', { type: 'module', id: module })
    const person = await makeUser('learner')
    await makeEnrolment(person, await makeCohort({ programme_id: programme }))
    const elsewhere = await makeUser('stranger')
    await makeEnrolment(elsewhere, await makeCohort())
    instructor = await app.signedIn('instructor')
    learner = await app.signedIn('learner')
    stranger = await app.signedIn('stranger')
  })

  const add = (fields: Record<string, unknown>) => instructor.upload(`/topics/${topic}/materials`, fields)
  const png = async () => {
    const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: '#c33' } })
    return new Blob([new Uint8Array(await picture.png().toBuffer())])
  }
  const named = (blob: Blob, name: string) => new File([blob], name)

  it('are articles written without a script, read by the learners of the programme and nobody else', async () => {
    const { status, location } = await add(article)
    expect(status).to.equal(303)
    const page = await learner.get(location)
    expect(page.text).to.include('<p>Первый абзац</p><p>Второй</p>').and.include('7 минут')
    expect(page.text).not.to.include('/edit')
    expect((await stranger.get(location)).status).to.equal(404)
    expect((await learner.get(`${location}/edit`)).status).to.equal(403)
    expect((await learner.get(`/topics/${topic}`)).text).to.include('План первого месяца')
  })

  it('are cleaned of everything that runs', async () => {
    const body = {
      ru: '<h2>Ход</h2><p><a href="javascript:alert(1)">x</a><img src=x onerror=alert(1)>текст</p><iframe src="/"></iframe>',
    }
    const { location } = await add({ ...article, body })
    const row = await db()('materials')
      .where({ id: location.split('/').pop() })
      .first()
    expect(fromJson(row.body, {})).to.deep.equal({ ru: '<h3>Ход</h3><p><u>x</u>текст</p>' })
  })

  it('say what their kind cannot do without', async () => {
    const cases: [Record<string, unknown>, string][] = [
      [{ ...article, body: { ru: '<p> </p>' } }, 'Напишите текст статьи'],
      [{ ...article, kind: 'link' }, 'Укажите адрес'],
      [{ ...article, kind: 'video', url: 'ftp://files.example/' }, 'Это не похоже на ссылку'],
      [{ ...article, kind: 'file' }, 'Выберите файл'],
      [
        { ...article, kind: 'file', file: named(new Blob(['<script>alert(1)</script>']), 'a.html') },
        'Такой файл не принимается',
      ],
      [{ ...article, kind: 'file', file: named(await png(), 'a.pdf') }, 'на самом деле PNG'],
      [{ ...article, body: { ru: 'я'.repeat(100_001) } }, 'Слишком длинно'],
      [{ ...article, kind: 'poem' }, 'Это значение не подходит'],
    ]
    const before = await db()('materials').count({ count: '*' }).first()
    for (const [fields, reason] of cases) {
      const answer = await add(fields)
      expect(answer.status, reason).to.equal(422)
      expect(answer.text).to.include(reason)
    }
    expect(await db()('materials').count({ count: '*' }).first()).to.deep.equal(before)
  })

  it('are files that open for those who may read the material', async () => {
    const { location } = await add({ ...article, kind: 'file', body: {}, file: named(await png(), 'карта.png') })
    const page = await learner.get(location)
    const file = /\/files\/\d+/.exec(page.text)?.[0] as string
    expect(page.text).to.include('карта.png')
    expect((await learner.get(file)).status).to.equal(200)
    expect((await stranger.get(file)).status).to.equal(404)
    const replaced = { ...article, kind: 'file', file: named(await png(), 'новая.png'), version: 1 }
    expect((await instructor.upload(location, replaced)).status).to.equal(303)
    expect((await learner.get(location)).text).to.include('новая.png')
    expect((await learner.get(file)).status, 'the file before it hangs on nothing').to.equal(404)
    const kept = await instructor.upload(location, { ...article, kind: 'file', version: 2 })
    expect(kept.status, 'no new file keeps the old').to.equal(303)
  })

  it('show pictures that their author uploaded, and none of other people', async () => {
    const uploaded = await instructor.upload(
      '/materials/pictures',
      { file: named(await png(), 'a.png') },
      { json: true },
    )
    const { url } = uploaded.json<{ url: string }>()
    expect((await instructor.get(url)).status, 'before it is saved').to.equal(200)
    expect((await learner.get(url)).status).to.equal(404)
    const { location } = await add({ ...article, body: { ru: `<p>Схема <img src="${url}" alt="Схема"></p>` } })
    expect((await learner.get(location)).text).to.include(`src="${url}"`)
    expect((await learner.get(url)).status).to.equal(200)
    const [secret] = await db()('files').insert({
      ...{ sha256: 'a'.repeat(64), name: 'secret.png', media_type: 'image/png', size: 1 },
      created_at: '2026-01-01 00:00:00.000',
    })
    const foreign = { ...article, body: { ru: `<p>x<img src="/files/${secret}"></p>` } }
    for (const refused of [await add(foreign), await instructor.upload(location, { ...foreign, version: 1 })]) {
      expect(refused.status).to.equal(422)
      expect(refused.text).to.include('взятое из другого места')
    }
    const again = { ...article, body: { ru: `<p>Схема <img src="${url}" alt="Схема"></p>` }, version: 1 }
    expect((await instructor.upload(location, again)).status, 'its own picture stays').to.equal(303)
    expect(await db()('attachments').where({ file_id: secret }).first()).to.equal(undefined)
    const text = await instructor.upload(
      '/materials/pictures',
      { file: named(new Blob(['text']), 'a.txt') },
      { json: true },
    )
    expect(text.status).to.equal(422)
  })

  it('refuse a change made on a stale page, keeping what was typed', async () => {
    const { location } = await add(article)
    const change = { ...article, title: { ru: 'Иначе' }, version: 1 }
    expect((await instructor.upload(location, change)).status).to.equal(303)
    expect((await instructor.upload(location, change)).status).to.equal(409)
    const invalid = await instructor.upload(location, { ...change, title: { ru: '' }, body: { ru: 'Моё' }, version: 2 })
    expect(invalid.status).to.equal(422)
    expect(invalid.text).to.include('Моё')
  })

  it('keep what was typed when the session ended meanwhile, however long it is', async () => {
    const text = `Длинный текст. ${'Слово за словом. '.repeat(5_000)}`
    const writer = await app.signedIn('instructor')
    writer.loseSession()
    const refused = await writer.post(`/topics/${topic}/materials`, { ...article, body: { ru: text, en: text } })
    expect(refused.status).to.equal(401)
    expect(refused.text).to.include(`name="kept_action" value="/topics/${topic}/materials"`)
    expect(refused.text).to.include(text.trim().slice(-100))
    const form = await instructor.get(`/topics/${topic}/materials/new`)
    expect(form.text, 'only a form with a file is of many parts').not.to.include('multipart')
    const sent = await instructor.post(`/topics/${topic}/materials`, { ...article, body: { ru: text, en: text } })
    expect(sent.status).to.equal(303)
  })

  it('are ordered by scripts and by buttons, and go when they are no longer wanted', async () => {
    const own = await makeTopic({ module_id: (await db()('topics').where({ id: topic }).first()).module_id })
    const ids: number[] = []
    for (const ru of ['А', 'Б', 'В']) {
      const { location } = await instructor.upload(`/topics/${own}/materials`, { ...article, title: { ru } })
      ids.push(Number(location.split('/').pop()))
    }
    const order = () => db()('material_links').where({ owner_id: own }).orderBy('position').pluck('material_id')
    const [a, b, c] = ids as [number, number, number]
    expect((await instructor.postJson(`/topics/${own}/materials/order`, { order: [c, a, b] })).status).to.equal(200)
    expect(await order()).to.deep.equal([c, a, b])
    expect((await instructor.postJson(`/topics/${own}/materials/order`, { order: [c, a] })).status).to.equal(409)
    await instructor.post(`/materials/${b}/move`, { direction: 'up' })
    expect(await order()).to.deep.equal([c, b, a])
    expect((await learner.get(`/materials/${b}`)).text)
      .to.include('Предыдущий:')
      .and.include('Следующий:')
    expect((await instructor.get(`/materials/${b}/remove`)).text).to.include('Вернуть удалённое нельзя')
    const removed = await instructor.post(`/materials/${b}/remove`)
    expect(removed.location).to.equal(`/topics/${own}`)
    expect((await learner.get(`/materials/${b}`)).status).to.equal(404)
    expect(await order()).to.deep.equal([c, a])
  })
})
