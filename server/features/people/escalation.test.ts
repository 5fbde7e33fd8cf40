import { expect } from 'chai'
import { db, insertRow, toJson } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGrant,
  makeOrganisation,
  makePerson,
  makeProgramme,
  makeUser,
} from '../../testing/builders.ts'

/** A role of the authority's own, with these permissions. */
async function makeRole(code: string, permissions: string[]) {
  const stamps = { created_at: nowUtc(), updated_at: nowUtc() }
  const id = await insertRow('roles', { code, name: toJson({ ru: code }), scope_types: '[]', ...stamps })
  for (const permission of permissions) await db()('role_permissions').insert({ role_id: id, permission })
}

describe('people who may do a part', () => {
  const app = useApp()
  let own: number
  let colleague: number
  let chief: number
  const names = { firstName: 'Анна', gender: '' }

  before(async () => {
    own = await makeOrganisation({ name: 'Своя школа' })
    await makeOrganisation({ name: 'Чужая школа' })
    await makeRole('staff', ['people.view', 'people.edit', 'organisations.view', 'organisations.edit', 'rights.view'])
    await makeRole('clerk', ['people.view', 'people.edit', 'accounts.edit', 'organisations.view'])
    // They see every organisation (and person), and answer for one.
    await makeGrant(await makeUser('staff', 'methodist'), 'staff', { type: 'organisation', id: own })
    await makeUser('clerk', 'clerk')
    colleague = await makePerson({ last_name: 'Коллега' })
    await makeEmployment(colleague, own)
    chief = await makeUser('chief', 'administrator')
    await makeEmployment(chief, own)
  })

  it('give work and the rights of a head in their own organisation only', async () => {
    const staff = await app.signedIn('staff')
    const work = { position: 'директор', isHead: 'on' }
    const foreign = await staff.post(`/people/${colleague}/employments`, { ...work, organisation: 'Чужая школа' })
    expect(foreign.status).to.equal(422)
    expect(foreign.text).to.include('не этого учреждения')
    expect(await db()('grants').where({ person_id: colleague }).first()).to.equal(undefined)
    const allowed = await staff.post(`/people/${colleague}/employments`, { ...work, organisation: 'Своя школа' })
    expect(allowed.status).to.equal(303)
  })

  it('do not move their organisation under another, nor see the rights of the whole authority', async () => {
    const staff = await app.signedIn('staff')
    const above = await makeOrganisation({ name: 'Выше' })
    const row = { name: 'Своя школа', shortName: 'Своя школа', kind: 'school', version: 1 }
    expect((await staff.post(`/organisations/${own}`, { ...row, parentId: above })).status).to.equal(422)
    expect((await staff.post(`/organisations/${own}`, { ...row, phone: '2-15-48' })).status).to.equal(303)
    expect((await staff.get('/rights')).status).to.equal(403)
  })

  it('do not take over an administrator by changing the e-mail, nor shut one out', async () => {
    const clerk = await app.signedIn('clerk')
    const change = { ...names, lastName: 'Тестова', version: 1 }
    const taken = await clerk.post(`/people/${chief}`, { ...change, email: 'mine@example.org' })
    expect(taken.status).to.equal(422)
    expect(taken.text).to.include('больше прав, чем у вас')
    const same = await clerk.post(`/people/${chief}`, { ...change, email: 'CHIEF@example.org', phone: '1' })
    expect(same.status).to.equal(303)
    expect((await clerk.post(`/accounts/${chief}/state`, { state: 'blocked' })).status).to.equal(403)
    expect((await clerk.post(`/accounts/${chief}/code`)).status).to.equal(403)
    expect(await db()('account_tokens').where({ person_id: chief })).to.have.length(0)
    expect((await clerk.post(`/people/${chief}/state`, { state: 'archived', version: 2 })).status).to.equal(403)
    const teacher = await makePerson()
    expect((await clerk.post(`/people/${teacher}`, { ...change, email: 'new@example.org' })).status).to.equal(303)
  })

  it('do not print the slip of an administrator who has not signed in yet, nor redirect their letter', async () => {
    const clerk = await app.signedIn('clerk')
    const invited = await makePerson({ last_name: 'Приглашённая', login: null })
    const other = await makePerson({ last_name: 'Другая', login: null })
    await makeGrant(invited, 'administrator', { type: 'authority', id: 0 })
    const slips = await clerk.post('/accounts/slips', { people: [invited, other] })
    expect(slips.status).to.equal(422)
    expect(slips.text).to.include('Приглашённая')
    expect(await db()('account_tokens').whereIn('person_id', [invited, other])).to.have.length(0)
    const { version } = await db()('people').where({ id: invited }).first()
    const change = { ...names, lastName: 'Приглашённая', email: 'mine@example.org', version }
    expect((await clerk.post(`/people/${invited}`, change)).status).to.equal(422)
    expect((await clerk.post('/accounts/slips', { people: [other] })).status).to.equal(200)
  })

  it('do not become a methodist or a director by a slip, an e-mail or by shutting them out', async () => {
    const clerk = await app.signedIn('clerk')
    const targets = [
      await makeUser('methodist-of-all', 'methodist'),
      await makeUser('methodist-of-one', 'methodist', { type: 'programme', id: await makeProgramme() }),
      await makeUser('director', 'director', { type: 'organisation', id: own }),
      await makeUser('future', 'clerk'),
    ]
    const later = { starts_on: '2099-01-01' }
    await makeGrant(targets[3] as number, 'director', { type: 'organisation', id: own }, later)
    for (const id of targets) {
      const form = { ...names, lastName: 'Тестова', email: 'mine@example.org', version: 1 }
      const answers = [
        await clerk.post(`/accounts/${id}/code`),
        await clerk.post(`/people/${id}`, form),
        await clerk.post(`/accounts/${id}/state`, { state: 'blocked' }),
        await clerk.post(`/people/${id}/state`, { state: 'archived', version: 1 }),
      ]
      expect(answers.map(({ status }) => status)).to.deep.equal([403, 422, 403, 403])
      const card = (await clerk.get(`/people/${id}`)).text
      expect(card).to.include('больше прав, чем у вас')
      for (const action of [`/accounts/${id}/code`, `/accounts/${id}/state`, `/people/${id}/state`])
        expect(card).to.not.include(`action="${action}"`)
    }
    expect(await db()('account_tokens').whereIn('person_id', targets)).to.have.length(0)
    const invited = await makePerson({ login: null, last_name: 'Назначенная' })
    await makeGrant(invited, 'director', { type: 'organisation', id: own })
    expect((await clerk.post('/accounts/slips', { people: [invited] })).text).to.include('Назначенная')
    expect((await (await app.signedIn('chief')).post(`/accounts/${targets[0]}/code`)).status).to.equal(200)
  })

  it('help learners, managers, former directors and those who may do no more than they', async () => {
    const clerk = await app.signedIn('clerk')
    const [learner, former, peer] = [
      await makeUser('learner'),
      await makeUser('former'),
      await makeUser('peer', 'clerk'),
    ]
    await makeEnrolment(learner, await makeCohort())
    // Somebody's manager: an implicit role.
    await makeEmployment(await makePerson(), own, { manager_id: learner })
    await makeGrant(former, 'director', { type: 'organisation', id: own }, { ends_on: '2020-01-01' })
    expect((await clerk.get(`/people/${learner}`)).text).to.include(`action="/accounts/${learner}/code"`)
    for (const id of [learner, former, peer]) expect((await clerk.post(`/accounts/${id}/code`)).status).to.equal(200)
    const invited = await makePerson({ login: null })
    await makeEnrolment(invited, await makeCohort())
    expect((await clerk.post('/accounts/slips', { people: [invited] })).status).to.equal(200)
  })

  it('change the e-mail of those alone whose rights lie within their own', async () => {
    const below = await makeOrganisation({ name: 'Филиал' })
    await db()('organisations')
      .where({ id: below })
      .update({ parent_id: own, path: `/${own}/${below}/` })
    await makeRole('reader', ['organisations.view'])
    await makeRole('office', ['people.view', 'people.edit', 'organisations.view'])
    await makeGrant(await makeUser('office'), 'office', { type: 'organisation', id: own })
    const within = await makeUser('within')
    const beyond = await makeUser('beyond')
    await makeGrant(within, 'reader', { type: 'organisation', id: below })
    await makeGrant(beyond, 'reader')
    const office = await app.signedIn('office')
    for (const id of [within, beyond]) await makeEmployment(id, own)
    const form = (email: string) => ({ ...names, lastName: 'Тестова', email, version: 1 })
    expect((await office.post(`/people/${beyond}`, form('beyond@example.com'))).status).to.equal(422)
    expect((await office.post(`/people/${within}`, form('within@example.com'))).status).to.equal(303)
  })

  it('leave somebody who can change rights: not by blocking, nor by giving dates', async () => {
    const admin = await app.signedIn('chief')
    const role = await db()('roles').where({ code: 'administrator' }).first()
    const dated = { roleId: role.id, scope: 'authority:0', endsOn: '2099-01-01' }
    const answer = await admin.post(`/people/${chief}/grants`, dated)
    expect(answer.status).to.equal(409)
    const backwards = { ...dated, startsOn: '2026-05-02', endsOn: '2026-05-01' }
    expect((await admin.post(`/people/${chief}/grants`, backwards)).status).to.equal(422)
    expect((await db()('grants').where({ person_id: chief, role_id: role.id }).first()).ends_on).to.equal(null)
  })

  it('make links to a former address void and tell it there', async () => {
    const admin = await app.signedIn('chief')
    const id = await makeUser('renamed')
    await app.visitor().post('/forgot', { login: 'renamed' })
    await app.settle()
    const letters = () => db()('mail_outbox').where({ to_address: 'renamed@example.org' }).orderBy('id')
    const link = /\/reset\/[\w-]+/.exec((await letters())[0].body_text)?.[0] as string
    expect((await app.visitor().get(link)).status).to.equal(200)
    const version = (await db()('people').where({ id }).first()).version
    const change = { ...names, lastName: 'Тестова', email: 'other@example.org', version }
    expect((await admin.post(`/people/${id}`, change)).status).to.equal(303)
    await app.settle()
    expect((await app.visitor().get(link)).status).to.equal(404)
    expect((await letters()).map((letter) => letter.kind)).to.deep.equal(['accounts.reset', 'accounts.emailChanged'])
  })
})
