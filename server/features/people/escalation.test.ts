import { expect } from 'chai'
import { db, insertRow, toJson } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeEmployment, makeGrant, makeOrganisation, makePerson, makeUser } from '../../testing/builders.ts'

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
    expect((await clerk.post(`/people/${colleague}`, { ...change, email: 'new@example.org' })).status).to.equal(303)
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
