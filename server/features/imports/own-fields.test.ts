import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import { type ListedField, planOwn } from './parsing/own-fields.ts'
import { csvFile, walkThrough } from './testing.ts'

describe('added fields in a list of people', () => {
  const field = (id: number, kind: ListedField['kind'], options: string[] = []): ListedField => ({
    key: `own:${id}`,
    id,
    kind,
    title: `Поле ${id}`,
    names: [`Поле ${id}`],
    options: options.map((name, at) => ({ id: at + 1, names: [name], isActive: true })),
  })
  const plan = (kind: ListedField['kind'], text: string, options?: string[]) => {
    const { values, problems } = planOwn({ 'own:1': text }, [field(1, kind, options)], {}, '2026-11-22')
    return problems.length ? 'problem' : values.flatMap((value) => value.values)
  }

  it('are read as people write them', () => {
    expect(plan('flag', 'Да')).to.have.nested.property('[0].number_value', 1)
    expect(plan('flag', '-')).to.have.nested.property('[0].number_value', 0)
    expect(plan('date', '09.05.2026')).to.have.nested.property('[0].date_value', '2026-05-09')
    expect(plan('decimal', '1,5')).to.have.nested.property('[0].number_value', 1.5)
    expect(plan('choices', 'английский; ТАТАРСКИЙ', ['Английский', 'Татарский'])).to.have.length(2)
    expect(plan('choice', 'Чтение, письмо', ['Чтение, письмо'])).to.have.length(1)
    for (const [kind, text] of [
      ['flag', 'может быть'],
      ['date', 'весной'],
      ['whole', '1,5'],
      ['choice', 'иное'],
    ] as const)
      expect(plan(kind, text, ['Своё']), text).to.equal('problem')
    expect(plan('line', '  ')).to.deep.equal([])
  })
})

describe('lists with added fields', function () {
  this.timeout(60_000)
  const app = useApp()

  it('fill them in by the names of their columns, once, and change only what is new', async () => {
    await makeUser('admin', 'administrator')
    const admin = await app.signedIn('admin')
    const define = (title: string, more: object) => admin.post('/person-fields', { title: { ru: title }, ...more })
    await define('Разряд', { kind: 'whole' })
    await define('Языки', { kind: 'choices', options: { new1: { ru: 'Английский' }, new2: { ru: 'Татарский' } } })
    const lines = [
      ['Фамилия', 'Имя', 'E-mail', 'Разряд', 'ЯЗЫКИ'],
      ['Полева', 'Анна', 'poleva@example.org', '14', 'татарский, Английский'],
      ['Лугова', 'Вера', 'lugova@example.org', 'высший', ''],
    ]
    const walk = walkThrough(app, admin)
    await walk.upload(csvFile(lines))
    await walk.choose()
    const check = await walk.check()
    expect(check.text).to.include('«Разряд»: значение «высший» не подходит')
    await walk.commit()
    const valuesOf = async (email: string) => {
      const { id } = await db()('people').where({ email }).first('id')
      return db()('person_field_values').where({ person_id: id }).orderBy(['field_id', 'item'])
    }
    expect(await valuesOf('poleva@example.org')).to.have.length(3)
    expect((await valuesOf('poleva@example.org'))[0]).to.include({ number_value: 14 })
    expect(await valuesOf('lugova@example.org')).to.deep.equal([])
    await walk.upload(csvFile(lines))
    await walk.choose()
    expect((await walk.check()).text).to.include('Загружать нечего')
    const changed = lines.map((cells, at) => (at === 1 ? cells.with(3, '15').with(4, '') : cells))
    await walk.upload(csvFile(changed))
    await walk.choose()
    expect((await walk.check()).text).to.include('Разряд')
    await walk.commit()
    const values = await valuesOf('poleva@example.org')
    // An empty cell erases nothing.
    expect(values.map(({ number_value }) => number_value)).to.deep.equal([15, null, null])
    const events = await db()('domain_events').where({ type: 'personFieldsChanged' }).orderBy('id').pluck('data')
    expect(events.map((data) => JSON.parse(data))).to.deep.equal([
      { before: { Разряд: null, Языки: null }, after: { Разряд: '14', Языки: 'Английский, Татарский' } },
      { before: { Разряд: '14' }, after: { Разряд: '15' } },
    ])
  })
})
