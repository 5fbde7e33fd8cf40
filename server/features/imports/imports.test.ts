import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { makeOrganisation, makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { csvFile, walkThrough } from './testing.ts'

const HEAD = ['№ п/п', 'ФИО', 'Дата рождения', 'Должность', 'Образовательное учреждение', 'Дата приёма', 'E-mail']
const ANNA = [
  '1',
  'ТИТОВА АННА ДМИТРИЕВНА',
  '23.03.1996',
  'учитель химии',
  'Школа № 5',
  '01.09.2024',
  'a@school.example.org',
]
const VERA = [
  '2',
  'Зайцева Вера Олеговна',
  '24.03.1981',
  'учитель',
  'ГБОУ СОШ № 7',
  '02.09.2020',
  'v@school.example.org',
]

describe('importing people', function () {
  this.timeout(60_000)
  const app = useApp()
  let admin: TestClient

  before(async () => {
    await makeUser('admin', 'administrator')
    await makeOrganisation({ name: 'Школа № 5' })
    await makeOrganisation({ name: 'ГБОУ средняя общеобразовательная школа № 7', short_name: 'ГБОУ СОШ № 7' })
    admin = await app.signedIn('admin')
  })

  it('goes through file, columns and check, and writes nothing before it is confirmed', async () => {
    const walk = walkThrough(app, admin)
    await walk.upload(csvFile([['Список на 01.11.2026'], HEAD, ANNA, VERA, ['', 'Итого: 2 человека']]))
    const columns = await admin.get(`/imports/${walk.id}/columns`)
    expect(columns.text).to.include('Windows-1251').and.include('разделитель «;»').and.include('Список на 01.11.2026')
    await walk.choose()
    const check = await walk.check()
    expect(check.text).to.include('Добавить 2 человека').and.include('1 строка итога')
    expect(await db()('people').where({ source: 'import' })).to.have.length(0)
    await walk.commit()
    const done = await admin.get(`/imports/${walk.id}/done`)
    expect(done.text).to.include('Люди загружены')
  })

  it('writes people with their work, so that they are found and listed', async () => {
    const anna = await db()('people').where({ email_folded: 'a@school.example.org' }).first()
    expect(anna).to.include({ last_name: 'Титова', first_name: 'Анна', middle_name: 'Дмитриевна', gender: 'female' })
    expect(anna).to.include({ birth_date: '1996-03-23', sort_name: 'титова анна дмитриевна', source: 'import' })
    const work = await db()('employments as e')
      .join('positions as s', 's.id', 'e.position_id')
      .join('organisations as o', 'o.id', 'e.organisation_id')
      .where('e.person_id', anna.id)
      .first('s.name as position', 'o.name as organisation', 'e.starts_on', 'e.is_primary', 'e.state')
    expect(work).to.include({ position: 'учитель химии', organisation: 'Школа № 5', starts_on: '2024-09-01' })
    expect(work).to.include({ is_primary: 1, state: 'confirmed' })
    const list = await admin.get('/people?q=титова анна')
    expect(list.text).to.include('Титова Анна Дмитриевна')
    const events = await db()('domain_events').where({ subject_type: 'person', subject_id: anna.id }).orderBy('id')
    expect(events.map((event) => event.type)).to.deep.equal(['personCreated', 'employmentStarted'])
  })

  it('changes nothing when the same file comes again', async () => {
    const before = await db()('domain_events').count('* as n').first()
    const walk = walkThrough(app, admin)
    await walk.upload(csvFile([HEAD, ANNA, VERA]))
    await walk.choose()
    const check = await walk.check()
    expect(check.text).to.include('Загружать нечего').and.not.include('/commit"')
    const refused = await admin.post(`/imports/${walk.id}/commit`, { version: 3 })
    expect(refused.status).to.equal(422)
    expect(refused.text).to.include('Загружать нечего')
    const after = await db()('domain_events').count('* as n').first()
    expect(Number(after?.n)).to.equal(Number(before?.n) + 1)
  })

  it('updates what has changed and says beforehand what', async () => {
    const walk = walkThrough(app, admin)
    const married = [...ANNA]
    married[1] = 'Белова Анна Дмитриевна'
    married[3] = 'методист'
    await walk.upload(csvFile([HEAD, married, VERA]))
    await walk.choose()
    const rows = await admin.get(`/imports/${walk.id}/rows?action=update`)
    expect(rows.text).to.include('Фамилия: Титова → Белова').and.include('Должность: учитель химии → методист')
    expect(rows.text).to.not.include('Зайцева')
    await walk.commit()
    const anna = await db()('people').where({ email_folded: 'a@school.example.org' }).first()
    expect(anna).to.include({ last_name: 'Белова', version: 2, sort_name: 'белова анна дмитриевна' })
    expect((await admin.get('/people?q=белова')).text).to.include('Белова Анна')
    expect((await admin.get('/people?q=титова')).text).to.not.include('Белова Анна')
  })
})
