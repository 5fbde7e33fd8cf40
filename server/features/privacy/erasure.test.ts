import { expect } from 'chai'
import { allCleanings } from '../../app.ts'
import { sealAll, verifySeals } from '../../core/audit/seal.ts'
import { db, fromJson, insertRow, isMysql, rootDatabase, toJson } from '../../core/db/index.ts'
import { contentKey } from '../../core/files/keys.ts'
import { stores } from '../../core/files/stores/index.ts'
import { clean } from '../../core/housekeeping/index.ts'
import { tablesAbout } from '../../core/personal-data/declarations.ts'
import { inSeconds, nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGrant,
  makeGroup,
  makeLesson,
  makeMember,
  makeMilestone,
  makeModule,
  makeOrganisation,
  makePerson,
  makeProgramme,
  makeUser,
} from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'

describe('erasure of a person', function () {
  this.timeout(120_000)
  const app = useApp()
  let admin: TestClient
  let person: number
  let enrolment: number
  let lesson: number
  let file: { id: number; sha256: string }

  // A one-pixel picture.
  const PIXEL = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
  const NAMES = { last_name: 'Исчезалова', first_name: 'Василиса', middle_name: 'Премудровна' }

  /** Every text of the whole database, to look for what must be gone. */
  async function everything(): Promise<string> {
    const knex = rootDatabase()
    const tables: { name: string }[] = isMysql(knex)
      ? (await knex.raw('select table_name as name from information_schema.tables where table_schema = database()'))[0]
      : await knex.raw("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    let text = ''
    for (const { name } of tables) text += JSON.stringify(await knex(name).select('*'))
    return text
  }

  before(async () => {
    await makeUser('administrator', 'administrator')
    admin = await app.signedIn('administrator')
    person = await makePerson({ login: 'vasilisa', ...NAMES, phone: '+7 900 555-66-77', about: 'Люблю сказки' })
    await db()('people')
      .where({ id: person })
      .update({ email: 'vasilisa@forest.example', email_folded: 'vasilisa@forest.example' })
    await makeEmployment(person, await makeOrganisation({ head_name: 'Исчезалова Василиса Премудровна' }))
    const programme = await makeProgramme()
    const module = await makeModule({ programme_id: programme })
    const cohort = await makeCohort({ programme_id: programme, taken: 1 })
    enrolment = await makeEnrolment(person, cohort)
    const group = await makeGroup(cohort, module)
    await makeMember(group, enrolment)
    lesson = await makeLesson(group, -3)
    await db()('journal_cells').insert({
      lesson_id: lesson,
      enrolment_id: enrolment,
      attendance: 'present',
      mark: 5,
      comment: 'Молодец, Василиса',
      updated_at: nowUtc(),
    })
    const client = await app.signedIn('vasilisa')
    const sent = await client.upload('/profile/photo', { photo: new File([PIXEL], 'я.png', { type: 'image/png' }) })
    expect(sent.status, sent.text.slice(0, 500)).to.equal(303)
    await client.post('/profile', { phone: '+7 900 555-66-77', about: 'Люблю сказки', language: '', timeZone: '' })
    const milestone = await makeMilestone({ programme_id: programme })
    const state = {
      enrolment_id: enrolment,
      milestone_id: milestone,
      state: 'done',
      source: 'manual',
      comment: 'Личное',
      updated_at: nowUtc(),
    }
    const stateId = await insertRow('milestone_states', state)
    await db()('milestone_evidence').insert({
      milestone_state_id: stateId,
      note: 'Моя справка',
      state: 'accepted',
      created_at: nowUtc(),
    })
    // Others were told of her, and a letter to her waits.
    const other = await makePerson({ login: 'other' })
    const notice = {
      kind: 'x',
      dedupe_key: 'x',
      subject_type: 'person',
      subject_id: 1,
      href: '/',
      state: 'read',
      created_at: nowUtc(),
    }
    await db()('notices').insert({
      ...notice,
      person_id: other,
      data: toJson({ learner: 'Исчезалова Василиса', note: '"кавычки"' }),
    })
    const letter = { kind: 'x', language: 'ru', state: 'sent', next_attempt_at: nowUtc(), created_at: nowUtc() }
    await db()('mail_outbox').insert({
      ...letter,
      person_id: person,
      to_address: 'vasilisa@forest.example',
      subject: 'Вам',
      body_text: 'Василиса!',
    })
    await db()('mail_outbox').insert({
      ...letter,
      to_address: 'head@forest.example',
      subject: 'О сотруднике',
      body_text: 'Василиса Исчезалова зачислена.',
    })
    await admin.get(`/people/${person}`)
    await db()('domain_events').insert({
      type: 'testHappened',
      occurred_at: nowUtc(),
      delivered_at: nowUtc(),
      subject_type: 'list',
      subject_id: 0,
      data: toJson({ filter: { q: 'vasilisa@forest.example' } }),
    })
    await app.settle()
    await db()('domain_events').update({ occurred_at: inSeconds(-600) })
    await sealAll(() => true)
    // Not sealed yet: what is erased before it is sealed must verify as well.
    await admin.get(`/people/${person}`)
    file = await db()('files')
      .where({ id: (await db()('people').where({ id: person }).first()).photo_file_id })
      .first()
  })

  it('shows a person everything that is held, and gives it as a file to nobody else', async () => {
    const client = await app.signedIn('vasilisa')
    const page = await client.get('/my/data')
    expect(page.text).to.include('Личные данные').and.include('Журнал: посещение и отметки')
    expect(page.queries).to.be.at.most(10)
    const cells = await client.get('/my/data/journal_cells')
    expect(cells.text).to.include('Молодец, Василиса').and.include('был(а)')
    expect((await client.get('/my/data/people')).text).to.include('vasilisa@forest.example')
    for (const table of ['roles', 'domain_events', 'person_words', 'nonsense']) {
      expect((await client.get(`/my/data/${table}`)).status, table).to.equal(404)
    }
    for (const [table, { shows }] of tablesAbout()) {
      if (shows?.length) expect((await client.get(`/my/data/${table}`)).status, table).to.equal(200)
    }
    for (let at = 0; at < 2; at++) expect((await client.post('/my/data/copies')).status).to.equal(303)
    await app.settle()
    const copies = await db()('data_copies').where({ person_id: person })
    expect(copies).to.have.length(1)
    const [copy] = copies
    expect(copy.state).to.equal('ready')
    const fetched = await client.get(`/files/${copy.file_id}`)
    expect(fetched.status).to.equal(200)
    expect(fetched.headers.get('content-type')).to.include('zip')
    expect((await admin.get(`/files/${copy.file_id}`)).status).to.equal(404)
    await db()('data_copies')
      .where({ id: copy.id })
      .update({ expires_at: inSeconds(-1) })
    expect((await client.get(`/files/${copy.file_id}`)).status).to.equal(404)
  })

  it('tells a person who has looked, without addresses', async () => {
    const client = await app.signedIn('vasilisa')
    const page = await client.get('/my/data/reads')
    expect(page.text).to.include('карточка человека').and.include('Тестова').and.not.include('127.0.0.1')
  })

  it('is shown beforehand: what goes, what stays and why', async () => {
    const page = await admin.get(`/people/${person}/erasure`)
    expect(page.text)
      .to.include('Учётная запись')
      .and.include('сведения об обучении')
      .and.include(`Участник № ${person}`)
    expect(page.queries).to.be.at.most(16)
    expect((await db()('people').where({ id: person }).first()).last_name).to.equal('Исчезалова')
  })

  it('is asked twice, for the right person, and never for oneself', async () => {
    const own = (await db()('accounts').where({ login: 'administrator' }).first()).person_id
    expect((await admin.get(`/people/${own}/erasure`)).status).to.equal(422)
    expect((await admin.get(`/people/${person}/erasure/confirm?reason=x`)).text).to.include('Введите фамилию')
    const url = `/people/${person}/erasure`
    for (const wrong of [
      {},
      { reason: 'обращение', surname: 'Другая', sure: '1' },
      { reason: 'обращение', surname: 'Исчезалова' },
    ]) {
      expect((await admin.post(url, wrong)).status, JSON.stringify(wrong)).to.equal(422)
    }
    expect(await db()('erasures')).to.have.length(0)
  })

  it('leaves nothing by which the person is known, and keeps figures and the chain of seals', async () => {
    const eventsBefore = Number((await db()('domain_events').count('* as n').first())?.n)
    const url = `/people/${person}/erasure`
    const ordered = await admin.post(url, { reason: 'обращение от 1 мая', surname: 'исчезалова', sure: '1' })
    expect(ordered.status, ordered.text.slice(0, 800)).to.equal(303)
    await app.settle()
    const act = await admin.get(ordered.location)
    expect(act.text, act.text.slice(0, 3000)).to.include('выполнено').and.include(`Участник № ${person}`)
    // The index of the search lets go of the document at once, and of its words in the night.
    await clean(allCleanings, () => true)
    const rest = await everything()
    const secrets = ['Исчезалова', 'исчезалова', 'Василиса', 'vasilisa', '555-66-77', 'сказки', 'справка', 'Личное']
    for (const gone of secrets) {
      const at = rest.indexOf(gone)
      expect(at, `${gone}: ${rest.slice(Math.max(0, at - 200), at + 60)}`).to.equal(-1)
    }
    expect(await stores().main.find(contentKey(file.sha256))).to.equal(undefined)
    const row = await db()('people').where({ id: person }).first()
    expect(row).to.include({
      last_name: 'Участник',
      first_name: `№ ${person}`,
      state: 'erased',
      email: null,
      phone: null,
    })
    const cell = await db()('journal_cells').where({ lesson_id: lesson }).first()
    expect(cell).to.include({ attendance: 'present', mark: 5, comment: null })
    const learning = await db()('enrolments').where({ id: enrolment }).first()
    expect(learning.state).to.equal('withdrawn')
    expect((await db()('cohorts').where({ id: learning.cohort_id }).first()).taken).to.equal(0)
    expect(await db()('milestone_evidence')).to.have.length(1)
    const other = await db()('notices').where({ kind: 'x' }).first()
    expect(fromJson<{ learner: string }>(other.data, { learner: '' }).learner).to.equal(`Участник № ${person}`)
    expect(Number((await db()('domain_events').count('* as n').first())?.n)).to.be.above(eventsBefore)
    const verdict = await verifySeals()
    expect(verdict.problems).to.deep.equal([])
    expect(verdict.erased).to.be.above(3)
  })

  it('cannot be undone, ordered twice or signed in to', async () => {
    expect((await admin.get(`/people/${person}`)).status).to.equal(404)
    expect((await admin.post(`/people/${person}/state`, { state: 'active', version: 1 })).status).to.equal(404)
    expect(
      (await app.visitor().post('/sign-in', { login: 'vasilisa', password: 'correct horse battery' })).status,
    ).to.equal(422)
    expect((await admin.get('/people?q=Участник&state=archived')).text).not.to.include(`№ ${person}`)
    expect((await admin.get('/erasures')).text).to.include('обращение от 1 мая')
  })

  it('spares a namesake', async () => {
    const [one, two] = [
      await makePerson({ login: 'one', ...NAMES, middle_name: null }),
      await makePerson({ login: 'two', ...NAMES, middle_name: null }),
    ]
    const letter = {
      kind: 'x',
      language: 'ru',
      state: 'sent',
      next_attempt_at: nowUtc(),
      created_at: nowUtc(),
      to_address: 'a@b.example',
      subject: 'О сотруднике',
    }
    const id = await insertRow('mail_outbox', { ...letter, person_id: two, body_text: 'Василиса Исчезалова' })
    const ordered = await admin.post(`/people/${one}/erasure`, {
      reason: 'обращение',
      surname: 'Исчезалова',
      sure: '1',
    })
    await app.settle()
    expect((await admin.get(ordered.location)).text).to.include('выполнено')
    expect((await db()('mail_outbox').where({ id }).first()).body_text).to.equal('Василиса Исчезалова')
  })

  it('spares others in whose name or address the own one is a part', async () => {
    const id = await makePerson({ login: null, last_name: 'Петров', first_name: 'Иван', email: 'anna@x.example' })
    const event = async (data: unknown) =>
      insertRow('domain_events', {
        ...{ type: 'testHappened', occurred_at: nowUtc(), delivered_at: nowUtc(), subject_type: 'list', subject_id: 0 },
        data: toJson(data),
      })
    const letter = (body_text: string) =>
      insertRow('mail_outbox', {
        ...{ kind: 'x', language: 'ru', state: 'sent', next_attempt_at: nowUtc(), created_at: nowUtc() },
        ...{ to_address: 'a@b.example', subject: 'x', body_text },
      })
    const others = 'Сидоров Иван Петрович, Петров Иванна, Салтыков-Петров Иван'
    const addresses = 'ioanna@x.example, st.anna@x.example, anna@x.example.org'
    const school = await makeOrganisation({ head_name: 'Сидоров Иван Петрович' })
    const own = await makeOrganisation({ head_name: 'Петров Иван' })
    const [spared, meant] = [
      await event({ head: others, email: addresses }),
      await event({ note: 'список\nПетров Иван' }),
    ]
    const address = await event({ email: 'anna@x.example' })
    const [kept, changed] = [
      await letter(`${others}; ${addresses}`),
      await letter(`Иван Петров (anna@x.example). ${others}; ${addresses}. Пишите: anna@x.example.`),
    ]
    await admin.post(`/people/${id}/erasure`, { reason: 'обращение', surname: 'Петров', sure: '1' })
    await app.settle()
    expect((await db()('erasures').where({ person_id: id }).first()).state).to.equal('done')
    const heads = await db()('organisations').whereIn('id', [school, own]).orderBy('id').pluck('head_name')
    expect(heads).to.deep.equal(['Сидоров Иван Петрович', `Участник № ${id}`])
    const dataOf = async (event_id: number) => (await db()('domain_events').where({ id: event_id }).first()).data
    expect(fromJson(await dataOf(spared), null)).to.deep.equal({ head: others, email: addresses })
    expect([await dataOf(meant), await dataOf(address)]).to.deep.equal(['{}', '{}'])
    const textOf = async (letter_id: number) => (await db()('mail_outbox').where({ id: letter_id }).first()).body_text
    expect(await textOf(kept)).to.equal(`${others}; ${addresses}`)
    const neutral = `Участник № ${id}`
    expect(await textOf(changed)).to.equal(`${neutral} (${neutral}). ${others}; ${addresses}. Пишите: ${neutral}.`)
  })

  it('is done as a whole or not at all', async () => {
    const last = await makeUser('second', 'administrator')
    // Nobody else may change rights: the last step refuses.
    const role = (await db()('roles').where({ code: 'administrator' }).first()).id
    const own = (await db()('accounts').where({ login: 'administrator' }).first()).person_id
    const before = await db()('people').where({ id: last }).first()
    const ordered = await admin.post(`/people/${last}/erasure`, {
      reason: 'ошибка',
      surname: before.last_name,
      sure: '1',
    })
    await db()('grants').where({ person_id: own, role_id: role }).update({ ends_on: '2099-01-01' })
    await app.settle()
    const act = await db()('erasures').where({ person_id: last }).first()
    expect(act.state).to.equal('failed')
    expect(await db()('people').where({ id: last }).first()).to.deep.equal(before)
    expect(await db()('accounts').where({ person_id: last })).to.have.length(1)
    await db()('grants').where({ person_id: own, role_id: role }).update({ ends_on: null })
    expect((await admin.get(ordered.location)).text).to.include('не выполнено')
    const again = await admin.post(`/people/${last}/erasure`, {
      reason: 'обращение',
      surname: before.last_name,
      sure: '1',
    })
    expect(again.location).to.equal(ordered.location)
    await app.settle()
    expect((await db()('erasures').where({ person_id: last }).first()).state).to.equal('done')
  })

  it('is not done for somebody who has more rights by now than who ordered it', async () => {
    await makeUser('orderer', 'administrator')
    const orderer = await app.signedIn('orderer')
    const own = (await db()('accounts').where({ login: 'orderer' }).first()).person_id
    const promoted = await makePerson({ login: 'promoted', last_name: 'Повышенный' })
    const url = `/people/${promoted}/erasure`
    const ordered = await orderer.post(url, { reason: 'обращение', surname: 'Повышенный', sure: '1' })
    expect(ordered.status).to.equal(303)
    await db()('grants').where({ person_id: own }).del()
    await makeGrant(promoted, 'methodist')
    await app.settle()
    expect((await db()('people').where({ id: promoted }).first()).last_name).to.equal('Повышенный')
    expect((await admin.get(ordered.location)).text).to.include('больше нет на это прав')
  })
})
