import { expect } from 'chai'
import { db, insertRow } from '../../core/db/index.ts'
import { LANGUAGES, translator } from '../../core/i18n/index.ts'
import { knownPermissions } from '../../core/rights/permissions.ts'
import { nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGroup,
  makeModule,
  makeOrganisation,
  makePerson,
  makeUser,
} from '../../testing/builders.ts'

describe('rights', () => {
  const app = useApp()

  before(async () => {
    await makeUser('admin', 'administrator')
  })

  it('name every permission in every language', () => {
    for (const language of LANGUAGES) {
      const t = translator(language)
      const nameless = knownPermissions().filter((name) =>
        t(`rights.permission.${name}`).startsWith('rights.permission'),
      )
      expect(nameless, language).to.deep.equal([])
    }
  })

  it('are explained for journals and for the training of employees too, while the work lasts', async () => {
    const admin = await app.signedIn('admin')
    const school = await makeOrganisation()
    const head = await makeUser('headmistress', 'director', { type: 'organisation', id: school })
    const cohort = await makeCohort({ directors_from: '2020-01-01' })
    const group = await makeGroup(cohort, await makeModule())
    const learner = await makePerson({ last_name: 'Объяснимова' })
    const work = await makeEmployment(learner, school)
    const enrolment = await makeEnrolment(learner, cohort)
    const why = async (person: number, kind: string, object: number) =>
      (await admin.get(`/rights/why?person=${person}&kind=${kind}&object=${object}`)).text
    for (const kind of ['employee', 'tracking'])
      expect(await why(head, kind, enrolment), kind)
        .to.include('Объяснимова')
        .and.include('Роль «')
    expect(await why(head, 'journal', group))
      .to.include('Ни одна роль этого не даёт')
      .and.not.include('Роль «')
    const keeper = await makeUser('keeper', 'instructor', { type: 'group', id: group })
    expect(await why(keeper, 'journal', group))
      .to.include('ставить зачёты')
      .and.include('Роль «')
    await db()('employments').where({ id: work }).update({ ends_on: '2020-01-02' })
    expect(await why(head, 'employee', enrolment))
      .to.include('Ни одна роль этого не даёт')
      .and.not.include('Роль «')
    expect(await why(head, 'employee', 999_999)).to.include('Такого объекта нет')
  })

  it('change for everybody who holds a role at once', async () => {
    const school = await makeOrganisation()
    await makeUser('boss', 'director', { type: 'organisation', id: school })
    const boss = await app.signedIn('boss')
    expect((await boss.get('/organisations')).status).to.equal(200)
    const role = await db()('roles').where({ code: 'director' }).first()
    const admin = await app.signedIn('admin')
    const answer = await admin.post(`/rights/roles/${role.id}`, {
      name: { ru: 'Директор' },
      permissions: ['people.view'],
      version: role.version,
    })
    expect(answer.status).to.equal(303)
    expect((await boss.get('/organisations')).status).to.equal(403)
    const stale = await admin.post(`/rights/roles/${role.id}`, {
      name: { ru: 'Директор' },
      permissions: [],
      version: role.version,
    })
    expect(stale.status).to.equal(409)
  })

  it('never leave the system without someone who can change them', async () => {
    const admin = await app.signedIn('admin')
    const person = await db()('accounts').where({ login: 'admin' }).first()
    const grant = await db()('grants').where({ person_id: person.person_id }).first()
    const answer = await admin.post(`/people/${person.person_id}/grants/${grant.id}/revoke`)
    expect(answer.status).to.equal(409)
    expect(await db()('grants').where({ id: grant.id }).first()).to.be.an('object')
    const role = await db()('roles').where({ code: 'administrator' }).first()
    const emptied = await admin.post(`/rights/roles/${role.id}`, {
      name: { ru: 'Администратор' },
      permissions: [],
      version: role.version,
    })
    expect(emptied.status).to.equal(422)
  })

  it('make roles of one’s own: named, placed, changed, and removed once nobody holds them', async () => {
    const admin = await app.signedIn('admin')
    const form = { name: { ru: 'Куратор школы', en: 'School curator' }, permissions: ['people.view'] }
    expect((await admin.post('/rights/roles', form)).status, 'a place must be chosen').to.equal(422)
    const made = await admin.post('/rights/roles', { ...form, scopeTypes: ['organisation', 'cohort'] })
    const id = Number(made.location.split('/').pop())
    expect((await admin.get(made.location)).text)
      .to.include('Куратор школы')
      .and.include('School curator')
    const school = await makeOrganisation()
    const curator = await makeUser('curator')
    await admin.post(`/people/${curator}/grants`, { roleId: id, scope: `organisation:${school}` })
    expect((await (await app.signedIn('curator')).get('/people')).status).to.equal(200)
    const { version } = await db()('roles').where({ id }).first()
    const renamed = { ...form, name: { ru: 'Куратор', en: 'Curator' }, version }
    const placed = await admin.post(made.location, { ...renamed, scopeTypes: 'cohort' })
    expect(placed.text).to.include('Эту роль уже дали там')
    expect((await admin.post(made.location, { ...renamed, scopeTypes: 'organisation' })).status).to.equal(303)
    expect((await admin.get('/rights')).text)
      .to.include('>Куратор<')
      .and.not.include('Куратор школы')
    expect((await admin.get(made.location)).text).to.not.include('Удалить роль')
    expect((await admin.post(`${made.location}/delete`)).status).to.equal(409)
    const grant = await db()('grants').where({ person_id: curator }).first()
    await admin.post(`/people/${curator}/grants/${grant.id}/revoke`)
    expect((await admin.get(made.location)).text).to.include('Удалить роль')
    expect((await admin.post(`${made.location}/delete`)).location).to.equal('/rights')
    expect((await admin.get(made.location)).status).to.equal(404)
    const { id: learner } = await db()('roles').where({ code: 'learner' }).first()
    expect((await admin.post(`/rights/roles/${learner}/delete`)).status).to.equal(409)
  })

  it('are explained for the address of a page, with the role, the place and the way to both', async () => {
    const admin = await app.signedIn('admin')
    const school = await makeOrganisation({ name: 'Школа объяснений' })
    const head = await makeUser('explained')
    const permissions = ['organisations.view']
    const made = await admin.post('/rights/roles', { name: { ru: 'Гость' }, scopeTypes: 'organisation', permissions })
    const role = Number(made.location.split('/').pop())
    await admin.post(`/people/${head}/grants`, { roleId: role, scope: `organisation:${school}` })
    const why = async (object: string, kind = '') => {
      const query = new URLSearchParams({ person: `Кто-то #${head}`, object, kind })
      return (await admin.get(`/rights/why?${query}`)).text
    }
    for (const address of [`https://lms.example/organisations/${school}?x=1`, `/organisations/${school}/edit`])
      expect(await why(address))
        .to.include('учреждение «Школа объяснений»')
        .and.include('учреждение: Школа объяснений')
        .and.include(`/rights/roles/${role}`)
        .and.include(`/people/${head}`)
    expect(await why(String(school), 'organisation')).to.include('учреждение «Школа объяснений»')
    for (const wrong of ['/settings', 'ерунда', `/organisations/${school}9999`, '<script>', '7'])
      expect(await why(wrong), wrong).to.include('Такого объекта нет')
    // However many actions are explained, the places are named by one query.
    const cost = async (path: string) => (await admin.get(path)).queries
    expect(await cost(`/rights/why?person=${head}&object=/organisations/${school}`)).to.be.at.most(12)
  })

  it('are given in a department and in a group as well, and a role names who holds it', async () => {
    const admin = await app.signedIn('admin')
    const school = await makeOrganisation({ name: 'Школа мест' })
    const stamps = { created_at: nowUtc(), updated_at: nowUtc() }
    const names = { name: 'Кафедра', name_folded: 'кафедра', path: '/x/' }
    const department = await insertRow('departments', { organisation_id: school, ...names, ...stamps })
    const group = await makeGroup(await makeCohort(), await makeModule())
    const person = await makeUser('placed')
    const form = (await admin.get(`/people/${person}/grants/new`)).text
    expect(form).to.include('Школа мест: Кафедра').and.include(`value="group:${group}"`)
    const made = await admin.post('/rights/roles', {
      name: { ru: 'Заведующий кафедрой' },
      scopeTypes: ['department', 'group'],
      permissions: ['people.view'],
    })
    const roleId = Number(made.location.split('/').pop())
    expect((await admin.get(made.location)).text).to.include('Эту роль никто не держит')
    for (const scope of [`department:${department}`, `group:${group}`])
      expect((await admin.post(`/people/${person}/grants`, { roleId, scope })).status).to.equal(303)
    const page = (await admin.get(made.location)).text
    expect(page).to.include('подразделение: Кафедра').and.include('группа: ').and.include(`/people/${person}`)
  })

  it('are given in a place and taken away', async () => {
    const admin = await app.signedIn('admin')
    const school = await makeOrganisation()
    const newcomer = await makeUser('newcomer')
    const director = await db()('roles').where({ code: 'director' }).first()
    const wrong = await admin.post(`/people/${newcomer}/grants`, { roleId: director.id, scope: 'authority:0' })
    expect(wrong.status).to.equal(422)
    const methodist = await db()('roles').where({ code: 'methodist' }).first()
    const given = await admin.post(`/people/${newcomer}/grants`, { roleId: methodist.id, scope: 'authority:0' })
    expect(given.status).to.equal(303)
    const why = await admin.get(`/rights/why?person=${newcomer}&kind=organisation&object=${school}`)
    expect(why.text).to.include('дано вручную')
    const grant = await db()('grants').where({ person_id: newcomer }).first()
    expect((await admin.post(`/people/${newcomer}/grants/${grant.id}/revoke`)).status).to.equal(303)
    const after = await admin.get(`/rights/why?person=${newcomer}&kind=organisation&object=${school}`)
    expect(after.text).to.include('Ни одна роль этого не даёт')
  })
})
