import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { translator } from '../../core/i18n/index.ts'
import { useApp } from '../../testing/app.ts'
import { makeEmployment, makeOrganisation, makePerson, makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { csvFile, formFields, walkThrough } from './testing.ts'

const HEAD = ['ФИО', 'Дата рождения', 'Должность', 'Учреждение', 'Email']
const person = (changed: Record<number, string> = {}) =>
  ['Титова Анна Дмитриевна', '23.03.1996', 'учитель', 'Школа № 5', 'anna@school.example.org'].map(
    (cell, at) => changed[at] ?? cell,
  )
const count = async (table: string) => Number((await db()(table).count('* as n').first())?.n)

describe('what an import refuses, corrects and keeps', function () {
  this.timeout(60_000)
  const app = useApp()
  let admin: TestClient
  let school: number

  before(async () => {
    await makeUser('admin', 'administrator')
    await makeUser('learner')
    school = await makeOrganisation({ name: 'Школа № 5' })
    admin = await app.signedIn('admin')
  })

  it('lists problems by kind with the rows behind each, and mends them in place', async () => {
    const walk = walkThrough(app, admin)
    await walk.upload(
      csvFile([
        HEAD,
        person(),
        person({ 0: 'Зайцева Вера', 1: '31.02.1990', 4: 'vera@school.example.org' }),
        person({ 0: 'Белова Юлия', 1: '1990 г.', 4: 'y.belova(at)school.example.org' }),
        person({ 0: 'Орлова Ирина', 3: 'Школа № 55', 4: 'orlova@school.example.org' }),
        person({ 0: 'Лунина Ольга', 3: 'Школа № 77', 4: 'lunina@school.example.org' }),
      ]),
    )
    await walk.choose()
    const check = await walk.check()
    expect(check.text).to.include('Невозможная дата').and.include('даты «31.02.1990» не бывает')
    expect(check.text).to.include('value="y.belova@school.example.org"').and.include('Неизвестное учреждение')
    expect(check.text).to.include('Дата указана не полностью')
    const path = `/imports/${walk.id}/corrections`
    const typed = formFields(check.text, path)
    expect(typed).to.include({ 'corrections[r3][birthDate]': '31.02.1990' })
    const answer = await admin.post(path, {
      ...typed,
      'corrections[r3][birthDate]': '28.02.1990',
      'corrections[r5][organisation]': 'школа №5',
    })
    expect(answer.status).to.equal(303)
    await app.settle()
    expect((await walk.check()).text).to.include('Добавить 4 человека')
    // The form sends every field that it shows; a row that still says the same was not corrected.
    const corrected = await db()('import_rows').where({ import_id: walk.id }).whereNotNull('corrections')
    expect(corrected.map((row) => row.row_number).sort()).to.deep.equal([3, 4, 5])
    await walk.commit()
    const vera = await db()('people').where({ email_folded: 'vera@school.example.org' }).first()
    expect(vera.birth_date).to.equal('1990-02-28')
    const orlova = await db()('people as p')
      .join('employments as e', 'e.person_id', 'p.id')
      .where({ email_folded: 'orlova@school.example.org' })
      .first('e.organisation_id')
    expect(orlova.organisation_id).to.equal(school)
  })

  it('accepts all suggestions with one button', async () => {
    const walk = walkThrough(app, admin)
    const lines = [1, 2, 3].map((at) =>
      person({ 0: `Карпова Анна${'а'.repeat(at)}`, 4: `k${at}(at)school.example.org` }),
    )
    await walk.upload(csvFile([HEAD, ...lines]))
    await walk.choose()
    const check = await walk.check()
    expect(check.text).to.include('Принять 3 предложенных исправления')
    await admin.post(`/imports/${walk.id}/suggestions`, formFields(check.text, `/imports/${walk.id}/suggestions`))
    await app.settle()
    expect((await walk.check()).text).to.include('Добавить 3 человека')
  })

  it('gives the refused rows as a file with reasons, which can be mended and imported', async () => {
    const walk = walkThrough(app, admin)
    await walk.upload(
      csvFile([
        ['Список'],
        HEAD,
        person({ 0: 'Новая Ольга', 4: '=hostile(at)x' }),
        person({ 0: 'Лунина Дарья', 4: 'l@b.example' }),
      ]),
    )
    await walk.choose()
    const file = await admin.get(`/imports/${walk.id}/refused?format=csv`)
    const lines = file.text.replace('\ufeff', '').trim().split('\r\n')
    expect(lines).to.have.length(2)
    expect(lines[0]).to.equal('ФИО;Дата рождения;Должность;Учреждение;Email;Причина отказа')
    expect(lines[1])
      .to.include("Новая Ольга;23.03.1996;учитель;Школа № 5;'=hostile(at)x;")
      .and.include('не адрес электронной почты')
    const xlsx = await admin.get(`/imports/${walk.id}/refused?format=xlsx`)
    expect(xlsx.headers.get('content-type')).to.include('spreadsheetml')
    const mended = file.text.replace("'=hostile(at)x", 'olga@b.example')
    const again = walkThrough(app, admin)
    await again.upload(new File([mended], 'исправленное.csv'))
    await again.choose()
    expect((await again.check()).text).to.include('Добавить 1 человека')
  })

  it('says beside the field when the columns make no sense, and keeps what was chosen', async () => {
    const walk = walkThrough(app, admin)
    await walk.upload(csvFile([HEAD, person()]))
    const answer = await walk.choose({ 'columns[c0]': 'email', createInitials: '1' })
    expect(answer.status).to.equal(422)
    expect(answer.text).to.include('Это же выбрано для другого столбца').and.include('без имени людей не загрузить')
    expect(formFields(answer.text, `/imports/${walk.id}/columns`)).to.include({
      'columns[c0]': 'email',
      createInitials: '1',
    })
  })

  it('reads another line of headings, sheet or kind when told to', async () => {
    const walk = walkThrough(app, admin)
    await walk.upload(csvFile([HEAD, person()]))
    const page = await admin.get(`/imports/${walk.id}/columns?kind=organisations&header=0`)
    expect(page.text).to.include('Столбец 1').and.include('Краткое наименование')
    expect((await admin.get(`/imports/${walk.id}/columns?sheet=99&header=x&kind=zoo`)).status).to.equal(200)
  })

  it('makes unknown organisations only when told to, once each', async () => {
    const walk = walkThrough(app, admin)
    const lines = [1, 2].map((at) =>
      person({ 0: `Громова Анна${'я'.repeat(at)}`, 3: 'ГБДОУ детский сад № 77', 4: `g${at}@b.example` }),
    )
    await walk.all(csvFile([HEAD, ...lines]), { createOrganisations: '1' })
    const made = await db()('organisations').where({ name: 'ГБДОУ детский сад № 77' })
    expect(made).to.have.length(1)
    expect(made[0]).to.include({ kind: 'kindergarten', path: `/${made[0].id}/` })
    expect(await db()('employments').where({ organisation_id: made[0].id })).to.have.length(2)
  })

  it('adds a place of work or transfers, as chosen, and a head who leaves loses the rights of one', async () => {
    const other = await makeOrganisation({ name: 'Школа № 9' })
    const id = await makePerson({
      last_name: 'Ушакова',
      first_name: 'Нина',
      middle_name: null,
      birth_date: '1980-01-02',
    })
    const work = await makeEmployment(id, other, { is_head: 1, starts_on: '2020-09-01' })
    const line = ['Ушакова Нина', '02.01.1980', 'учитель', 'Школа № 5', '']
    const walk = walkThrough(app, admin)
    await walk.upload(
      csvFile([
        [...HEAD, 'Дата приёма'],
        [...line, '01.10.2026'],
      ]),
    )
    await walk.choose({ otherEmployer: 'transfer' })
    expect((await walk.check()).text).to.include('Прежнее место работы закончится: Школа № 9')
    await walk.commit()
    expect(await db()('employments').where({ id: work }).first()).to.include({ ends_on: '2026-09-30' })
    expect(await db()('employments').where({ person_id: id, organisation_id: school }).first()).to.include({
      starts_on: '2026-10-01',
    })
    const grant = await db()('grants').where({ source: 'employment', source_id: work }).first()
    expect(grant).to.include({ ends_on: '2026-09-30' })
  })

  it('writes nothing when the data changed after the check, and says so', async () => {
    const walk = walkThrough(app, admin)
    const anna = await db()('people').where({ email_folded: 'anna@school.example.org' }).first()
    await walk.upload(csvFile([HEAD, person({ 2: 'методист' }), person({ 0: 'Свежая Инна', 4: 'fresh@b.example' })]))
    await walk.choose()
    await makePerson({
      last_name: 'Свежая',
      first_name: 'Инна',
      middle_name: null,
      email: 'fresh@b.example',
      email_folded: 'fresh@b.example',
      login: null,
    })
    const [people, employments] = [await count('people'), await db()('employments').where({ person_id: anna.id })]
    await walk.commit()
    const page = await walk.check()
    expect(page.text).to.include('данные в системе изменились')
    expect(await count('people')).to.equal(people)
    expect(await db()('employments').where({ person_id: anna.id })).to.deep.equal(employments)
    await admin.post(`/imports/${walk.id}/recheck`, formFields(page.text, `/imports/${walk.id}/recheck`))
    await app.settle()
    expect((await walk.check()).text).to.include('Изменить данные 2 человек')
  })

  it('is written once however often it is confirmed', async () => {
    const walk = walkThrough(app, admin)
    await walk.upload(csvFile([HEAD, person({ 0: 'Дважды Анна', 4: 'twice@b.example' })]))
    await walk.choose()
    const path = `/imports/${walk.id}/commit`
    const fields = formFields((await walk.check()).text, path)
    const answers = await Promise.all([admin.post(path, fields), admin.post(path, fields), admin.post(path, fields)])
    for (const answer of answers) expect([303, 409]).to.include(answer.status)
    await app.settle()
    expect((await admin.post(path, fields)).status).to.equal(303)
    await app.settle()
    expect(await db()('people').where({ email_folded: 'twice@b.example' })).to.have.length(1)
  })

  it('refuses a page that has grown stale', async () => {
    const walk = walkThrough(app, admin)
    await walk.upload(csvFile([HEAD, person({ 0: 'Старая Анна', 4: 'stale@b.example' })]))
    const path = `/imports/${walk.id}/columns`
    const old = formFields((await admin.get(path)).text, path)
    await walk.choose()
    expect((await admin.post(path, old)).status).to.equal(409)
    const check = await walk.check()
    const cancel = formFields(check.text, `/imports/${walk.id}/cancel`)
    const commit = formFields(check.text, `/imports/${walk.id}/commit`)
    expect((await admin.post(`/imports/${walk.id}/cancel`, cancel)).status).to.equal(303)
    expect((await admin.post(`/imports/${walk.id}/commit`, commit)).status).to.equal(409)
    expect(await db()('import_rows').where({ import_id: walk.id })).to.have.length(0)
    expect((await db()('imports').where({ id: walk.id }).first()).file_id).to.equal(null)
    expect((await admin.get(`/imports/${walk.id}/check`)).location).to.equal('/imports')
  })

  it('belongs to who brought it', async () => {
    const walk = walkThrough(app, admin)
    await walk.upload(csvFile([HEAD, person()]))
    const learner = await app.signedIn('learner')
    expect((await learner.get(`/imports/${walk.id}`)).status).to.equal(403)
    // A clerk who may import, but not see what others import.
    const clerk = await makeUser('clerk')
    await db()('role_permissions').insert({ role_id: await clerkRole(), permission: 'imports.run' })
    await db()('grants').insert({
      person_id: clerk,
      role_id: await clerkRole(),
      scope_type: 'authority',
      scope_id: 0,
      source: 'manual',
      source_id: 0,
      created_at: '2026-01-01',
    })
    const other = await app.signedIn('clerk')
    expect((await other.get('/imports')).status).to.equal(200)
    for (const path of ['', '/columns', '/check', '/rows', '/refused', '/done', '/progress']) {
      expect((await other.get(`/imports/${walk.id}${path}`)).status, path).to.equal(404)
    }
    expect((await other.post(`/imports/${walk.id}/cancel`, { version: 1 })).status).to.equal(404)
    const file = await db()('imports').where({ id: walk.id }).first('file_id')
    expect((await other.get(`/files/${file.file_id}`)).status).to.equal(404)
  })

  async function clerkRole(): Promise<number> {
    const found = await db()('roles').where({ code: 'clerk' }).first('id')
    if (found) return found.id
    const row = {
      code: 'clerk',
      name: '{"ru":"Делопроизводитель"}',
      scope_types: '["authority"]',
      created_at: '2026-01-01',
      updated_at: '2026-01-01',
    }
    const [id] = await db()('roles').insert(row)
    return Number(id)
  }

  it('asks for the same number of queries whatever the size of the list', async () => {
    const sizes = await Promise.all(
      [5, 120].map(async (size) => {
        const walk = walkThrough(app, admin)
        const lines = Array.from({ length: size }, (_, at) =>
          person({ 0: `Счётная Анна${'б'.repeat(1 + (at % 60))}`, 1: '31.02.1990', 4: `c${size}.${at}@b.example` }),
        )
        await walk.upload(csvFile([HEAD, ...lines]))
        return walk
      }),
    )
    for (const walk of sizes) await walk.choose()
    for (const path of ['columns', 'check', 'rows']) {
      // Settings are read again every few seconds, by whichever request comes then: the least of three rounds counts.
      const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
      for (let round = 0; round < 3; round++) {
        for (const [at, walk] of sizes.entries()) {
          const { queries } = await admin.get(`/imports/${walk.id}/${path}`)
          least[at] = Math.min(least[at]!, queries)
        }
      }
      expect(least[1], path).to.equal(least[0]).and.be.at.most(10)
    }
  })

  describe('of a list without a column for the organisation', () => {
    const MOODLE = 'username,firstname,lastname,email,profile_field_position,deleted'
    const list = (login: string, position: string) =>
      new File([`${MOODLE}\n${login},Ольга,Зимина,${login}@school.example.org,${position},0\n`], 'upload_users.csv')
    const work = (login: string) =>
      db()('people as p')
        .leftJoin('employments as e', 'e.person_id', 'p.id')
        .leftJoin('positions as s', 's.id', 'e.position_id')
        .where({ email_folded: `${login}@school.example.org` })
        .first('e.organisation_id', 's.name as position')

    it('offers one for everybody, and then positions are kept too', async () => {
      const walk = walkThrough(app, admin)
      await walk.upload(list('o.zimina', 'учитель химии'))
      const columns = `/imports/${walk.id}/columns`
      expect((await admin.get(columns)).text).to.include('data-suggest-url="/organisations/suggest"')
      const unknown = await walk.choose({ employer: 'Школа на Луне' })
      expect(unknown.status).to.equal(422)
      expect(unknown.text).to.include('value="Школа на Луне"').and.include('id="f-employer-error"')
      expect((await walk.choose({ employer: 'школа № 5' })).status).to.equal(303)
      const check = await walk.check()
      expect(check.text).to.include('Место работы для всех: Школа № 5').and.not.include('Должность без учреждения')
      expect((await admin.get(columns)).text).to.match(/name="employer"[^>]*value="Школа № 5"/)
      await walk.commit()
      expect(await work('o.zimina')).to.deep.equal({ organisation_id: school, position: 'учитель химии' })

      const again = walkThrough(app, admin)
      await again.upload(list('o.zimina', 'учитель химии'))
      await again.choose({ employer: 'Школа № 5' })
      expect((await again.check()).text).to.include('Загружать нечего')
    })

    it('goes on without one, and says what is lost', async () => {
      const walk = walkThrough(app, admin)
      await walk.upload(list('v.zimina', 'тьютор'))
      await walk.choose()
      expect((await walk.check()).text)
        .to.include('Должность без учреждения')
        .and.include('Добавить 1 человека')
      await walk.commit()
      expect(await work('v.zimina')).to.deep.equal({ organisation_id: null, position: null })
    })

    it('is asked for nowhere else', async () => {
      const walk = walkThrough(app, admin)
      await walk.upload(csvFile([HEAD, person({ 4: 'w.zimina@school.example.org' })]))
      expect((await admin.get(`/imports/${walk.id}/columns`)).text).not.to.include('name="employer"')
      const both = await walk.choose({ employer: 'Школа № 5' })
      expect(both.status).to.equal(422)
      expect(both.text).to.include('Учреждение уже есть в столбце')
    })
  })

  it('says what is wrong as people write it', async () => {
    const walk = walkThrough(app, admin)
    const head = [...HEAD, 'Дата приёма']
    const row = (at: number, changed: Record<number, string>, start: string) => [
      ...person({ 4: `said${at}@school.example.org`, ...changed }),
      start,
    ]
    const strange = row(3, { 0: 'Орлова Инна', 3: '"ГБОУ «Школа № 77»"' }, '')
    await walk.upload(csvFile([head, row(1, { 0: 'Котова Ира', 1: '1996-03-23' }, '2006-08-24'), strange]))
    await walk.choose()
    const check = await walk.check()
    expect(check.text).to.include('Дата приёма 24.08.2006: в этот день ещё нет 14 лет.')
    expect(check.text).to.include('Учреждения «ГБОУ „Школа № 77“» в системе нет')
  })

  it('counts people as they are counted aloud', () => {
    const t = translator('ru')
    const said = (key: string) => [1, 2, 5, 11, 21, 24, 111].map((count) => t(key, { count }).match(/\d+ \S+/)?.[0])
    for (const key of ['check.commit.people.create', 'access.invite', 'access.inviteAgain'])
      expect(said(`imports.${key}`), key).to.deep.equal(
        ['1 человека', '2 человека', '5 человек', '11 человек', '21 человека', '24 человека', '111 человек'].map(
          (text) => (key === 'access.inviteAgain' ? text.replace(/^(\d*1) человека$/, '$1 человек') : text),
        ),
      )
  })
})
