import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { makeOrganisation, makeUser } from '../../testing/builders.ts'

const typed = { name: 'ГБОУ школа № 5', shortName: 'Школа № 5', kind: 'school' }

describe('organisations', () => {
  const app = useApp()
  let own: number
  let foreign: number

  before(async () => {
    own = await makeOrganisation({ name: 'Своя школа' })
    foreign = await makeOrganisation({ name: 'Чужая школа' })
    await makeUser('admin', 'administrator')
    await makeUser('director', 'director', { type: 'organisation', id: own })
    await makeUser('learner')
  })

  it('are added by an administrator, with an event that says who', async () => {
    const admin = await app.signedIn('admin')
    const answer = await admin.post('/organisations', typed)
    expect(answer.status).to.equal(303)
    const card = await admin.get(answer.location)
    expect(card.text).to.include('Школа № 5').and.include('Учреждение добавлено')
    const event = await db()('domain_events').where({ type: 'organisationCreated' }).first()
    expect(event.actor_id).to.be.a('number')
  })

  it('say what is wrong beside the field and keep what was typed', async () => {
    const admin = await app.signedIn('admin')
    const answer = await admin.post('/organisations', { ...typed, name: 'Своя школа', inn: '12ab' })
    expect(answer.status).to.equal(422)
    expect(answer.text).to.include('В ИНН 10 или 12 цифр').and.include('value="12ab"')
    const taken = await admin.post('/organisations', { ...typed, name: 'своя  ШКОЛА' })
    expect(taken.text).to.include('с таким наименованием уже есть')
  })

  it('are opened again only while their name is free', async () => {
    const admin = await app.signedIn('admin')
    const closed = await makeOrganisation({ name: 'Школа ремёсел', state: 'closed' })
    const other = await makeOrganisation({ name: 'Школа ремесел' })
    const taken = await admin.post(`/organisations/${closed}/state`, { state: 'active', version: 1 })
    expect(taken.status).to.equal(422)
    expect(taken.text).to.include('с таким наименованием уже есть').and.include('Открыть снова')
    // A closed one may be corrected meanwhile, and stands in nobody's way.
    const form = { ...typed, name: 'Школа ремёсел', shortName: 'Ремёсла', phone: '1', version: 1 }
    expect((await admin.post(`/organisations/${closed}`, form)).status).to.equal(303)
    await db()('organisations').where({ id: other }).update({ name_folded: 'переименована' })
    expect((await admin.post(`/organisations/${closed}/state`, { state: 'active', version: 2 })).status).to.equal(303)
  })

  it('are added once, however often the form is sent', async () => {
    const admin = await app.signedIn('admin')
    const formKey = /name="formKey" value="([^"]+)"/.exec((await admin.get('/organisations/new')).text)?.[1]
    const form = { ...typed, name: 'Дважды нажатая школа', formKey }
    const answers = await Promise.all([1, 2].map(() => admin.post('/organisations', form)))
    expect(answers.map((answer) => answer.status)).to.deep.equal([303, 303])
    expect(await db()('organisations').where({ name: 'Дважды нажатая школа' })).to.have.length(1)
  })

  it('show a director their own and hide the others', async () => {
    const director = await app.signedIn('director')
    const list = await director.get('/organisations')
    expect(list.text).to.include('Своя школа').and.not.include('Чужая школа')
    expect((await director.get(`/organisations/${own}`)).status).to.equal(200)
    expect((await director.get(`/organisations/${foreign}`)).status).to.equal(404)
    expect((await director.get(`/organisations/${own}/edit`)).status).to.equal(403)
    expect((await director.post(`/organisations/${own}`, { ...typed, version: 1 })).status).to.equal(403)
  })

  it('are nothing to a learner or a visitor', async () => {
    expect((await (await app.signedIn('learner')).get('/organisations')).status).to.equal(403)
    const visitor = await app.visitor().get('/organisations')
    expect(visitor.status).to.equal(401)
    expect(visitor.text).to.include('name="next" value="/organisations"')
  })

  it('refuse a change made on a stale page', async () => {
    const admin = await app.signedIn('admin')
    const change = { ...typed, name: 'Своя школа имени кота', version: 1 }
    expect((await admin.post(`/organisations/${own}`, change)).status).to.equal(303)
    expect((await admin.post(`/organisations/${own}`, { ...change, name: 'Другое' })).status).to.equal(409)
  })

  it('keep what was typed when the session ended meanwhile', async () => {
    const admin = await app.signedIn('admin')
    admin.loseSession()
    const refused = await admin.post('/organisations', { ...typed, name: 'Новая школа' })
    expect(refused.status).to.equal(401)
    expect(refused.text).to.include('value="Новая школа"').and.include('name="kept_action" value="/organisations"')
  })

  it('cost the same queries whatever their number', async () => {
    const admin = await app.signedIn('admin')
    const few = await admin.get('/organisations')
    for (let count = 0; count < 30; count++) await makeOrganisation()
    const many = await admin.get('/organisations')
    expect(many.queries).to.equal(few.queries).and.be.at.most(10)
  })
})
