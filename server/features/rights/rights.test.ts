import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { LANGUAGES, translator } from '../../core/i18n/index.ts'
import { knownPermissions } from '../../core/rights/permissions.ts'
import { useApp } from '../../testing/app.ts'
import { makeOrganisation, makeUser } from '../../testing/builders.ts'

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

  it('change for everybody who holds a role at once', async () => {
    const school = await makeOrganisation()
    await makeUser('boss', 'director', { type: 'organisation', id: school })
    const boss = await app.signedIn('boss')
    expect((await boss.get('/organisations')).status).to.equal(200)
    const role = await db()('roles').where({ code: 'director' }).first()
    const admin = await app.signedIn('admin')
    const answer = await admin.post(`/rights/roles/${role.id}`, { permissions: ['people.view'], version: role.version })
    expect(answer.status).to.equal(303)
    expect((await boss.get('/organisations')).status).to.equal(403)
    const stale = await admin.post(`/rights/roles/${role.id}`, { permissions: [], version: role.version })
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
    const emptied = await admin.post(`/rights/roles/${role.id}`, { permissions: [], version: role.version })
    expect(emptied.status).to.equal(422)
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
