import { expect } from 'chai'
import sharp from 'sharp'
import { readyProgrammeFile } from '../../../../seeds/ready-programme/index.ts'
import { db, fromJson, insertRow, toJson } from '../../../core/db/index.ts'
import { attachFile } from '../../../core/files/index.ts'
import { SYSTEM } from '../../../core/rights/index.ts'
import { nowUtc } from '../../../core/time.ts'
import { useApp } from '../../../testing/app.ts'
import { makeModule, makeProgramme, makeTopic, makeUser } from '../../../testing/builders.ts'
import type { TestClient } from '../../../testing/client.ts'
import type { ProgrammeFile } from '../programme-file.ts'
import { createProgrammeFromFile } from './create-from-file.ts'

const pngOf = (background: string) =>
  sharp({ create: { width: 3, height: 3, channels: 3, background } })
    .png()
    .toBuffer()
const EVIDENCE = { sha256: 'e'.repeat(64), name: 'характеристика.png', media_type: 'image/png', size: 1 }

describe('a programme as one file', () => {
  const app = useApp()
  let admin: TestClient
  let ready: number

  before(async () => {
    await makeUser('admin', 'administrator')
    admin = await app.signedIn('admin')
    ready = (await createProgrammeFromFile(SYSTEM, readyProgrammeFile())).programmeId
  })

  const exported = async (id: number): Promise<ProgrammeFile> => (await admin.get(`/programmes/${id}/file`)).json()
  const send = (content: string, name = 'programme.json') =>
    admin.upload('/programmes/import', { file: new File([content], name) })
  const count = async () => Number((await db()('programmes').count({ count: '*' }).first())?.count)

  /** What a programme says, without the keys of its parts, which an export makes anew. */
  const content = (file: ProgrammeFile) => {
    const { code: _code, ...programme } = file.programme
    return JSON.stringify(programme)
  }

  it('comes back as it went out', async () => {
    const page = await admin.get(`/programmes/${ready}/export`)
    expect(page.text).to.include('8 модулей').and.include('40 тем').and.include('15 разделов')
    const file = await exported(ready)
    const answer = await send(JSON.stringify(file))
    expect(answer.status).to.equal(303)
    const id = Number(answer.location.split('/').pop())
    expect(content(await exported(id))).to.equal(content(file))
    const row = await db()('programmes').where({ id }).first()
    expect(row).to.include({ state: 'draft', code: 'young-teachers-2' })
    const original = readyProgrammeFile().programme
    expect(file.programme.modules.map((module) => module.aim)).to.deep.equal(original.modules.map(({ aim }) => aim))
  })

  it('may be copied, and the copy changed without touching the original', async () => {
    const form = await admin.get(`/programmes/${ready}/copy`)
    expect(form.text).to.include('(копия)')
    const { location } = await admin.post(`/programmes/${ready}/copy`, { title: { ru: 'Копия' } })
    const copy = Number(location.split('/').pop())
    const [a, b] = [await exported(ready), await exported(copy)]
    expect(b.programme.title).to.deep.equal({ ru: 'Копия' })
    expect(content({ ...b, programme: { ...b.programme, title: a.programme.title } })).to.equal(content(a))
    expect((await db()('programmes').where({ id: copy }).first()).copied_from_id).to.equal(ready)
    const materials = (id: number) =>
      db()('material_links as ml')
        .join('topics as t', 't.id', 'ml.owner_id')
        .join('modules as m', 'm.id', 't.module_id')
        .where({ 'ml.owner_type': 'topic', 'm.programme_id': id })
        .pluck('ml.material_id')
    const shared = new Set(await materials(ready))
    expect((await materials(copy)).some((id) => shared.has(id))).to.equal(false)
  })

  it('brings its uploaded files and pictures along, and takes none that are not in it', async () => {
    const picture = sharp({ create: { width: 3, height: 3, channels: 3, background: '#3c3' } })
    const png = new File([new Uint8Array(await picture.png().toBuffer())], 'схема.png')
    const topic = await makeTopic()
    const { url } = (await admin.upload('/materials/pictures', { file: png }, { json: true })).json<{ url: string }>()
    const material = { title: { ru: 'М' }, body: { ru: `<p>a<img src="${url}" alt="b"></p>` } }
    await admin.upload(`/topics/${topic}/materials`, { ...material, kind: 'article' })
    await admin.upload(`/topics/${topic}/materials`, { title: { ru: 'Ф' }, kind: 'file', file: png })
    const { programme_id } = await db()('topics as t')
      .join('modules as m', 'm.id', 't.module_id')
      .where('t.id', topic)
      .first('m.programme_id')
    const file = await exported(programme_id)
    expect(file.files.map((one) => one.name)).to.deep.equal(['схема.png', 'схема.png'])
    const id = Number((await send(JSON.stringify(file))).location.split('/').pop())
    const again = await exported(id)
    expect(again.files.map((one) => one.content)).to.deep.equal(file.files.map((one) => one.content))
    expect(again.files.map((one) => one.key)).not.to.deep.equal(file.files.map((one) => one.key))

    // A picture that is not in the file must not become one of this installation's own.
    const stolen = { ...file, files: [] }
    const bare = Number((await send(JSON.stringify(stolen))).location.split('/').pop())
    expect((await exported(bare)).files).to.deep.equal([])
    expect(JSON.stringify((await exported(bare)).programme)).not.to.include('<img')
  })

  it('gives nobody a file that hangs elsewhere, neither exported nor copied', async () => {
    const png = new File([new Uint8Array(await pngOf('#c33'))], 'схема.png')
    const programme = await makeProgramme()
    const topic = await makeTopic({ module_id: await makeModule({ programme_id: programme }) })
    const add = async (fields: Record<string, unknown>) =>
      (await admin.upload(`/topics/${topic}/materials`, fields)).location
    const article = Number((await add({ title: { ru: 'М' }, kind: 'article', body: { ru: 'Слова' } })).split('/').pop())
    await add({ title: { ru: 'Ф' }, kind: 'file', file: png })

    // Somebody's evidence; materials name it, as if written before such pictures were refused.
    const evidence = await insertRow('files', { ...EVIDENCE, created_at: nowUtc() })
    await attachFile(evidence, 'evidence', 1)
    const body = { ru: `<p>a<img src="/files/${evidence}" alt="b" /></p>` }
    await db()('materials')
      .where({ id: article })
      .update({ body: toJson(body) })
    const own = await db()('materials').where({ kind: 'file' }).orderBy('id', 'desc').first('id', 'file_id')
    const stolen = await insertRow('materials', {
      ...{ kind: 'file', title: toJson({ ru: 'Я' }), body: '{}', file_id: evidence },
      ...{ created_at: nowUtc(), updated_at: nowUtc() },
    })
    await insertRow('material_links', { material_id: stolen, owner_type: 'topic', owner_id: topic, position: 9 })

    await makeUser('leak-methodist', 'methodist', { type: 'programme', id: programme })
    const methodist = await app.signedIn('leak-methodist')
    for (const client of [methodist, admin]) {
      const file: ProgrammeFile = (await client.get(`/programmes/${programme}/file`)).json()
      expect(file.files.map((one) => one.key)).to.deep.equal([String(own.file_id)])
      expect(JSON.stringify(file.programme)).not.to.include('<img')
      expect((await client.get(`/programmes/${programme}/export`)).text).not.to.include(EVIDENCE.name)
    }
    const copied = await admin.post(`/programmes/${programme}/copy`, { title: { ru: 'Копия' } })
    expect(copied.status).to.equal(303)
    expect(await db()('attachments').where({ file_id: evidence }).pluck('owner_type')).to.deep.equal(['evidence'])
    expect(await db()('attachments').where({ file_id: own.file_id }).pluck('owner_type')).to.deep.equal([
      ...['material', 'material'],
    ])
    expect((await methodist.get(`/files/${evidence}`)).status).to.equal(404)
  })

  it('is refused with the reason when it is something else, and nothing is made', async () => {
    const before = await count()
    const cases: [string, string][] = [
      ['', 'не удалось прочитать'],
      ['{"format":', 'не удалось прочитать'],
      ['\u0000\u0001\u0002', 'не удалось прочитать'],
      ['[]', 'Это не файл программы'],
      ['null', 'Это не файл программы'],
      ['{"format":"integral-programme","version":99}', 'более новой версией'],
      ['{"format":"integral-programme","version":1}', 'Значения нет, или оно не того вида'],
    ]
    for (const [text, reason] of cases) {
      const answer = await send(text)
      expect(answer.status, reason).to.equal(422)
      expect(answer.text).to.include(reason)
    }
    expect((await admin.upload('/programmes/import', {})).text).to.include('Выберите файл')
    expect(await count()).to.equal(before)
  })

  it('is taken whole or not at all: all contradictions are listed', async () => {
    const before = await count()
    const file = await exported(ready)
    const [first, second] = file.programme.modules
    first!.stage = 'nowhere'
    second!.topics[0]!.requires = [second!.topics[0]!.key, 'unknown']
    second!.rules = { ...second!.rules, minTopics: 9, maxTopics: null }
    const answer = await send(JSON.stringify(file))
    expect(answer.status).to.equal(422)
    expect(answer.text)
      .to.include('Этапа «nowhere» нет')
      .and.include('требует саму себя')
      .and.include('Темы «unknown» нет')
    expect(answer.text).to.include('в файле 3 ошибки')
    expect(await count()).to.equal(before)
  })

  it('with a forbidden file inside, or a hostile text, does no harm', async () => {
    const before = await count()
    const file = await exported(ready)
    const page = Buffer.from('<script>alert(1)</script>').toString('base64')
    const refused = await send(JSON.stringify({ ...file, files: [{ key: '1', name: 'x.html', content: page }] }))
    expect(refused.text).to.include('Вложенный файл «x.html» не принимается')
    expect(await count()).to.equal(before)
    file.programme.description = { ru: '<p>О <img src=x onerror=alert(1)></p><script>alert(1)</script>' }
    const id = Number((await send(JSON.stringify(file))).location.split('/').pop())
    expect(fromJson((await db()('programmes').where({ id }).first()).description, {})).to.deep.equal({
      ru: '<p>О </p>',
    })
  })

  it('with warnings comes in as a draft that lists them', async () => {
    const file = await exported(ready)
    Object.assign(file.programme.modules[0]!.rules, { minTopics: 9, maxTopics: null })
    const answer = await send(JSON.stringify(file))
    expect(answer.status).to.equal(303)
    expect((await admin.get(answer.location)).text).to.include('Нужно выбрать тем: 9, а предложено: 5')
  })
})
