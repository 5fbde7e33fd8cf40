import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { sealAll } from '../../core/audit/seal.ts'
import { db, fromJson, isMysql, rootDatabase } from '../../core/db/index.ts'
import { formatFor } from '../../core/i18n/format.ts'
import { LANGUAGES, translator } from '../../core/i18n/index.ts'
import { packageRoot } from '../../core/paths.ts'
import { inSeconds } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeCohort, makeEnrolment, makeOrganisation, makePerson, makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { explain } from '../../testing/plans.ts'
import { EVENTS_BY_AREA } from './event-kinds.ts'
import { presentData } from './presenter.ts'

describe('audit trail', function () {
  this.timeout(60_000)
  const app = useApp()
  let administrator: TestClient
  let person: number

  const lastEvent = () => db()('domain_events').orderBy('id', 'desc').first()
  const reads = (what: string) =>
    db()('domain_events').where({ type: 'dataRead' }).where('data', 'like', `%"what":"${what}"%`).orderBy('id')

  before(async () => {
    await makeUser('administrator', 'administrator')
    administrator = await app.signedIn('administrator')
    person = await makePerson({ last_name: 'Журналова', first_name: 'Вера' })
  })

  it('tells who changed what, from what to what, and from where', async () => {
    const change = { lastName: 'Тетрадкина', firstName: 'Вера', gender: '', version: 1 }
    expect((await administrator.post(`/people/${person}`, change)).status).to.equal(303)
    const { id } = await db()('domain_events').where({ type: 'personChanged' }).orderBy('id', 'desc').first()
    const list = await administrator.get(`/audit?subject=person:${person}`)
    expect(list.text).to.include('Изменены данные человека').and.include('Тетрадкина Вера').and.include('127.0.0.1')
    const page = await administrator.get(`/audit/${id}`)
    expect(page.text).to.include('Журналова').and.include('Тетрадкина').and.include('Фамилия')
    expect((await administrator.get('/audit/999999999')).status).to.equal(404)
  })

  it('tells who looked at whose data, but not that one looked at one’s own', async () => {
    await administrator.get(`/people/${person}`)
    const [row] = await reads('card').where({ subject_id: person })
    expect(row).to.include({ subject_type: 'person', ip: '127.0.0.1' })
    expect(row.delivered_at).to.not.equal(null)
    expect(row.request_id).to.be.a('string')
    const page = await administrator.get(`/audit?event=dataRead&subject=person:${person}`)
    expect(page.text).to.include('Просмотрены персональные данные')
    const { person_id } = await db()('accounts').where({ login: 'administrator' }).first()
    await administrator.get(`/people/${person_id}`)
    expect(await reads('card').where({ subject_id: person_id })).to.have.length(0)
  })

  it('notes what is refused neither as read', async () => {
    await makeUser('stranger')
    const stranger = await app.signedIn('stranger')
    const before = (await reads('card')).length
    expect((await stranger.get(`/people/${person}`)).status).to.equal(403)
    expect(await reads('card')).to.have.length(before)
  })

  it('notes what is taken out as a list, with its filter, and pages of learners', async () => {
    await administrator.get('/people/export?q=Тетрадкина')
    const [taken] = await reads('people')
    expect(fromJson<{ filter: { q: string } }>(taken.data, { filter: { q: '' } }).filter.q).to.equal('Тетрадкина')
    const enrolment = await makeEnrolment(person, await makeCohort())
    await administrator.get(`/tracking/enrolments/${enrolment}`)
    await administrator.get(`/learning-routes/${enrolment}`)
    for (const what of ['tracking', 'route']) {
      expect(await reads(what).where({ subject_type: 'enrolment', subject_id: enrolment }), what).to.have.length(1)
    }
  })

  it('finds by who, what, when and from where', async () => {
    const other = await makeOrganisation({ short_name: 'Школа надзора' })
    await administrator.post(`/organisations/${other}/state`, { state: 'closed', version: 1 })
    const { person_id } = await db()('accounts').where({ login: 'administrator' }).first()
    const finds = async (query: string) => (await administrator.get(`/audit?${query}`)).text.includes('Школа надзора')
    const today = new Date().toISOString().slice(0, 10)
    const sought = `subject=organisation:${other}`
    for (const query of [
      'event=organisationClosed',
      'event=organisations',
      `${sought}&actor=${encodeURIComponent(`Кто-то #${person_id}`)}`,
      'event=organisations&ip=127.0.0.1',
      `event=organisations&from=${today.slice(0, 4)}-01-01&to=${Number(today.slice(0, 4)) + 1}-01-01`,
    ]) {
      expect(await finds(query), query).to.equal(true)
    }
    for (const query of [
      'event=organisations&ip=10.0.0.1',
      'event=rights',
      'event=organisations&to=2020-01-01',
      'event=organisations&actor=никто',
    ])
      expect(await finds(query), query).to.equal(false)
    expect((await administrator.get('/audit?subject=бред&from=вчера&actor[]=x')).status).to.equal(200)
  })

  it('counts days by the reader’s clock', async () => {
    const event = { type: 'testHappened', subject_type: 'test', subject_id: 1, data: '{}', delivered_at: inSeconds(0) }
    // Half past midnight of the second of March in Moscow; years ahead, so that it is not sealed.
    await db()('domain_events').insert({ ...event, occurred_at: '2099-03-01 21:30:00.000' })
    const finds = async (day: string) =>
      (await administrator.get(`/audit?from=${day}&to=${day}`)).text.includes('testHappened')
    expect([await finds('2099-03-01'), await finds('2099-03-02')]).to.deep.equal([false, true])
  })

  it('is leafed through by days, too, without losing an event', async () => {
    const event = { type: 'testHappened', subject_type: 'test', data: '{}', delivered_at: inSeconds(0) }
    const rows = Array.from({ length: 120 }, (_, at) => ({
      ...event,
      subject_id: at,
      // Transactions under way at once: a later event may have the lower id; several have the same moment.
      occurred_at: `2099-05-10 10:${String((at * 7) % 60).padStart(2, '0')}:00.000`,
    }))
    await db()('domain_events').insert(rows)
    const seen: string[] = []
    let href: string | undefined = '/audit?from=2099-05-10&to=2099-05-10'
    while (href) {
      const { text } = await administrator.get(href)
      seen.push(...[...text.matchAll(/href="\/audit\/(\d+)"/g)].map(([, id]) => id as string))
      href = /href="([^"]*after=[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&')
    }
    expect(seen).to.have.length(120)
    expect(new Set(seen).size).to.equal(120)
  })

  it('is found by address, person or kind along an index, whatever the days', async () => {
    for (const sought of ["ip = '192.0.2.200'", 'actor_id = 987654', "type = 'positionClosed'"]) {
      const where = `${sought} and occurred_at >= '2020-01-01' order by occurred_at desc, id desc limit 51`
      const index = `domain_events_${sought.split(' ')[0]}_time_index`
      expect(JSON.stringify(await explain(`select id from domain_events where ${where}`))).to.include(index)
    }
  })

  it('can be taken out, which is noted as well', async () => {
    const csv = await administrator.get(`/audit/export?event=people&format=csv`)
    expect(csv.text).to.include('Журналова → Тетрадкина')
    expect(fromJson((await lastEvent()).data, {})).to.deep.include({ what: 'audit' })
    expect((await administrator.get('/audit/export?format=xlsx')).status).to.equal(200)
  })

  it('shows pages without losing or repeating a record, in a constant number of queries', async () => {
    for (let at = 0; at < 60; at++) await administrator.get(`/people/${person}`)
    const seen: string[] = []
    let path: string | undefined = '/audit?event=dataRead'
    let queries = 0
    while (path) {
      const page = await administrator.get(path)
      queries = Math.max(queries, page.queries)
      seen.push(...[...page.text.matchAll(/href="\/audit\/(\d+)"/g)].map((match) => match[1] as string))
      path = /href="(\/audit\?[^"]*after=[^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&')
    }
    const all = await db()('domain_events').where({ type: 'dataRead' }).select('id')
    expect(seen).to.have.length(all.length)
    expect(new Set(seen)).to.have.length(all.length)
    expect(queries).to.be.at.most(10)
  })

  it('says how far it is sealed, and no longer shows what was erased', async () => {
    expect((await administrator.get('/audit')).text).to.include('Первые записи будут запечатаны')
    await db()('domain_events').update({ occurred_at: inSeconds(-3600) })
    expect(await sealAll(() => true)).to.be.above(10)
    expect((await administrator.get('/audit')).text).to.match(/печать [0-9a-f]{16}/)
    const { id } = await db()('domain_events').where({ type: 'personChanged' }).first()
    await db()('domain_events')
      .where({ id })
      .update({ data: '{}', ip: null, salt: null, erased_at: inSeconds(0) })
    expect((await administrator.get(`/audit/${id}`)).text)
      .to.include('стёрты')
      .and.not.include('Журналова')
  })

  it('is checked by a command', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'integral-audit-'))
    const knex = rootDatabase()
    const { filename, database, host, port, user, password } = knex.client.connectionSettings
    const config = isMysql(knex)
      ? { kind: 'mysql', host, port, user, password, database }
      : { kind: 'sqlite', file: filename }
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ secret: 'x'.repeat(40), database: config }))
    const check = () =>
      spawnSync(process.execPath, ['--import', 'tsx', join(packageRoot, 'server', 'cli', 'audit.ts')], {
        env: { ...process.env, INTEGRAL_DATA: folder },
        cwd: packageRoot,
        encoding: 'utf8',
      })
    const fine = check()
    expect(fine.status, fine.stderr).to.equal(0)
    expect(fine.stdout)
      .to.include('✓')
      .and.match(/[0-9a-f]{64}/)
    await db()('domain_events').whereNotNull('seal_id').orderBy('id').limit(1).update({ actor_id: null })
    const broken = check()
    expect(broken.status).to.equal(1)
    expect(broken.stdout).to.include('записи изменены')
    rmSync(folder, { recursive: true, force: true })
  })
})

describe('words of the audit trail', () => {
  it('are there for every event and area in every language', () => {
    for (const lang of LANGUAGES) {
      const t = translator(lang)
      for (const [area, types] of Object.entries(EVENTS_BY_AREA)) {
        for (const key of [`audit.area.${area}`, ...types.map((type) => `audit.event.${type}`)])
          expect(t(key), `${lang} ${key}`).to.not.equal(key)
      }
    }
  })

  it('show rows of the database and what was typed alike', () => {
    const words = { t: translator('ru'), lang: 'ru', format: formatFor('ru', 'Europe/Moscow') }
    const before = { id: 5, first_name: 'Вера', title: '{"ru":"Было"}', is_shared: 1, phone: null }
    const after = { firstName: 'Вера', title: { ru: 'Стало' }, isShared: true, phone: '' }
    expect(presentData(words, { before, after }).changes).to.deep.equal([
      { field: 'Название', before: 'Было', after: 'Стало' },
    ])
    expect(presentData(words, { before: 'draft', after: 'running', cohortId: 3 })).to.deep.equal({
      changes: [{ field: '', before: 'draft', after: 'running' }],
      facts: [{ field: 'Поток, номер', before: '', after: '3' }],
    })
  })
})
